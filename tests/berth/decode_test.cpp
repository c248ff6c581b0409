// What octets are taken for.
#include "tools/berth/decode.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "protocol/capture/capture.hpp"
#include "protocol/net/frame.hpp"
#include "protocol/wire/hex.hpp"

namespace berth::tools {
namespace {

using Kind = Decoded::Kind;

std::vector<std::byte> golden(const std::string& name) {
  std::ifstream file(std::string(BERTH_GOLDEN) + name + ".hex");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return *wire::parse_hex(text);
}

// Of octets that hold one.
Decoded decode_one(wire::Bytes octets) {
  const auto list = decode(octets);
  EXPECT_EQ(list.size(), 1u);
  return list.front();
}

TEST(Decode, TellsMessagesByTheirLook) {
  for (const char* name : {"dhcp/discover_ipxe", "dhcp/ack_split", "dhcp/bootp"}) {
    const Decoded decoded = decode_one(golden(name));
    EXPECT_EQ(decoded.kind, Kind::dhcp) << name;
    EXPECT_EQ(decoded.fault, "") << name;
  }
  for (const char* name : {"dns/nxdomain", "dns/every_type", "dns/query_plain"}) {
    const Decoded decoded = decode_one(golden(name));
    EXPECT_EQ(decoded.kind, Kind::dns) << name;
    EXPECT_EQ(decoded.fault, "") << name;
  }
}

std::vector<std::byte> framed(wire::Bytes payload, std::uint16_t port) {
  std::vector<std::byte> out(2048);
  const net::UdpFrame frame{.source_mac = {},
                            .destination_mac = {},
                            .source = {{0xc0a8c807}, 40000},
                            .destination = {{0xc0a8c801}, port},
                            .payload = payload};
  out.resize(net::build_udp_frame(frame, out)->size());
  return out;
}

TEST(Decode, LooksIntoFrames) {
  const Decoded dhcp = decode_one(framed(golden("dhcp/discover_ipxe"), 67));
  EXPECT_EQ(dhcp.kind, Kind::dhcp);
  EXPECT_EQ(dhcp.path, "192.168.200.7:40000 > 192.168.200.1:67");
  EXPECT_TRUE(dhcp.text.starts_with("DHCPDISCOVER xid=")) << dhcp.text;
  EXPECT_EQ(decode_one(framed(golden("dns/query_plain"), 53)).kind, Kind::dns);
  const Decoded other = decode_one(framed(golden("dns/query_plain"), 5353));
  EXPECT_EQ(other.kind, Kind::other);
  EXPECT_EQ(other.fault, "neither DHCP nor DNS");

  std::vector<std::byte> out(64);
  const net::ArpPacket packet{.sender_ip = {0xc0a8c807}, .target_ip = {0xc0a8c801}};
  const auto arp = net::build_arp_frame(packet, out);
  EXPECT_EQ(decode_one(*arp).text,
            "ARP who has 192.168.200.1? asks 00:00:00:00:00:00, 192.168.200.7\n");
}

TEST(Decode, SurvivesEveryTruncation) {
  for (const auto& whole : {golden("dhcp/ack_split"), golden("dns/every_type"),
                            framed(golden("dhcp/discover_ipxe"), 67)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Decoded decoded = decode_one(wire::Bytes(whole).first(size));
      EXPECT_NE(decoded.text.empty(), decoded.fault.empty()) << size;
    }
  }
}

}  // namespace
}  // namespace berth::tools

namespace berth::capture {
namespace {

TEST(Capture, IsKnownByItsFirstOctets) {
  EXPECT_TRUE(is_capture("\xd4\xc3\xb2\xa1 and more"));
  EXPECT_TRUE(is_capture("\x0a\x0d\x0d\x0a"));
  EXPECT_FALSE(is_capture("\xd4\xc3\xb2"));
  EXPECT_FALSE(is_capture("0001"));
  const auto fault = read("\xd4\xc3\xb2\xa1 nonsense", [](const Frame&) { FAIL(); });
  EXPECT_TRUE(fault);
}

}  // namespace
}  // namespace berth::capture
