#include "protocol/net/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "tests/support/hex.hpp"

namespace berth::net {
namespace {

using test::hex;
using Octets = std::vector<std::byte>;

constexpr MacAddress server_mac = MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 0xff);
constexpr MacAddress client_mac = MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 1);
constexpr Ipv4Address server{0xc0a8c801};
constexpr Ipv4Address client{0xc0a8c804};

// 192.168.200.1:67 to 192.168.200.4:68 with the payload "berth"; checksums computed elsewhere.
Octets reference_frame() {
  return hex(R"(
    52 52 52 00 00 01  52 52 52 00 00 ff  08 00
    45 00 00 21 00 00 40 00 40 11 29 75 c0 a8 c8 01 c0 a8 c8 04
    00 43 00 44 00 0d b1 1b
    62 65 72 74 68)");
}

Octets payload_of(std::string_view text) {
  const wire::Bytes bytes = wire::bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

UdpFrame frame_with(const Octets& payload) {
  return {server_mac, client_mac, {server, 67}, {client, 68}, payload};
}

TEST(BuildUdpFrame, WritesTheReferenceFrame) {
  const Octets payload = payload_of("berth");
  std::array<std::byte, 100> out;
  out.fill(std::byte{0xa5});
  const auto frame = build_udp_frame(frame_with(payload), out);
  ASSERT_TRUE(frame);
  EXPECT_EQ(Octets(frame->begin(), frame->end()), reference_frame());
  EXPECT_TRUE(std::all_of(out.begin() + static_cast<std::ptrdiff_t>(frame->size()), out.end(),
                          [](std::byte octet) { return octet == std::byte{0xa5}; }));
}

TEST(BuildUdpFrame, NeedsRoomForEveryOctet) {
  const Octets payload = payload_of("berth");
  const std::size_t needed = reference_frame().size();
  for (std::size_t size = 0; size <= needed; ++size) {
    Octets out(size, std::byte{0xa5});
    const auto frame = build_udp_frame(frame_with(payload), out);
    ASSERT_EQ(frame.has_value(), size == needed) << size;
    if (frame) break;
    EXPECT_EQ(frame.error(), FrameError::no_room);
  }
}

TEST(BuildUdpFrame, RefusesMoreThanAnIpPacketHolds) {
  constexpr std::size_t largest = 0xffff - ipv4_header_size - udp_header_size;
  Octets out(70000);
  EXPECT_TRUE(build_udp_frame(frame_with(Octets(largest)), out));
  EXPECT_FALSE(build_udp_frame(frame_with(Octets(largest + 1)), out));
}

TEST(UdpFrame, RoundTripsForEveryPayloadSize) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size <= 600; ++size) {
    Octets payload(size);
    for (std::byte& octet : payload) octet = static_cast<std::byte>(random());
    Octets out(size + udp_frame_overhead);
    const auto built = build_udp_frame(frame_with(payload), out);
    ASSERT_TRUE(built) << size;
    const auto parsed = parse_udp_frame(*built, Checksums::verify);
    ASSERT_TRUE(parsed) << size << ' ' << name(parsed.error());
    EXPECT_EQ(parsed->source_mac, server_mac);
    EXPECT_EQ(parsed->destination_mac, client_mac);
    EXPECT_EQ(parsed->source, (Endpoint{server, 67}));
    EXPECT_EQ(parsed->destination, (Endpoint{client, 68}));
    EXPECT_TRUE(wire::equal(parsed->payload, payload)) << size;
  }
}

// RFC 768: a checksum that computes to zero is sent as all ones, for zero means none.
TEST(UdpFrame, NeverCarriesAZeroChecksum) {
  bool seen = false;
  for (std::uint32_t value = 0; value <= 0xffff; ++value) {
    const Octets payload = {static_cast<std::byte>(value >> 8), static_cast<std::byte>(value)};
    Octets out(udp_frame_overhead + payload.size());
    const auto built = build_udp_frame(frame_with(payload), out);
    ASSERT_TRUE(built);
    const std::uint16_t checksum = wire::load_u16(*built, 40);
    ASSERT_NE(checksum, 0);
    if (checksum != 0xffff) continue;
    seen = true;
    EXPECT_TRUE(parse_udp_frame(*built, Checksums::verify));
  }
  EXPECT_TRUE(seen);
}

struct BadFrame {
  const char* what;
  void (*spoil)(Octets& frame);
  FrameError error;
  bool fixes_ip_checksum = true;
};

void set(Octets& frame, std::size_t at, unsigned value) {
  frame[at] = static_cast<std::byte>(value);
}

const BadFrame bad_frames[] = {
    {"IPv6", [](Octets& f) { set(f, 12, 0x86), set(f, 13, 0xdd); }, FrameError::not_ipv4},
    {"version 6 in the header", [](Octets& f) { set(f, 14, 0x65); }, FrameError::bad_ip_header},
    {"a header of four words", [](Octets& f) { set(f, 14, 0x44); }, FrameError::bad_ip_header},
    {"a header longer than the packet", [](Octets& f) { set(f, 14, 0x4f); },
     FrameError::bad_ip_header},
    {"a total length beyond the frame", [](Octets& f) { set(f, 17, 0x22); },
     FrameError::bad_ip_header},
    {"a total length below the header", [](Octets& f) { set(f, 17, 19); },
     FrameError::bad_ip_header},
    {"a spoilt IP checksum", [](Octets& f) { set(f, 24, 0); }, FrameError::bad_ip_checksum, false},
    {"more fragments", [](Octets& f) { set(f, 20, 0x20); }, FrameError::fragment},
    {"a fragment's offset", [](Octets& f) { set(f, 20, 0), set(f, 21, 1); }, FrameError::fragment},
    {"TCP", [](Octets& f) { set(f, 23, 6); }, FrameError::not_udp},
    {"a UDP length below its header", [](Octets& f) { set(f, 39, 7); }, FrameError::bad_udp_length},
    {"a UDP length of zero", [](Octets& f) { set(f, 39, 0); }, FrameError::bad_udp_length},
    {"a UDP length beyond the packet", [](Octets& f) { set(f, 39, 14); },
     FrameError::bad_udp_length},
    {"an IP packet that ends in the UDP header", [](Octets& f) { set(f, 17, 27); },
     FrameError::bad_udp_length},
    {"a spoilt payload", [](Octets& f) { set(f, 45, 0); }, FrameError::bad_udp_checksum},
};

void fix_ip_checksum(Octets& frame) {
  const std::size_t header_size = 4 * (std::to_integer<std::size_t>(frame[14]) & 15);
  const wire::MutableBytes packet = wire::MutableBytes(frame).subspan(14);
  if (header_size < 20 || header_size > packet.size()) return;
  wire::store_u16(packet, 10, 0);
  wire::store_u16(packet, 10, internet_checksum(packet.first(header_size)));
}

TEST(ParseUdpFrame, NamesWhatIsWrong) {
  for (const BadFrame& c : bad_frames) {
    Octets frame = reference_frame();
    c.spoil(frame);
    if (c.fixes_ip_checksum) fix_ip_checksum(frame);
    const auto parsed = parse_udp_frame(frame, Checksums::verify);
    ASSERT_FALSE(parsed) << c.what;
    EXPECT_EQ(name(parsed.error()), name(c.error)) << c.what;
  }
}

TEST(ParseUdpFrame, IgnoresTheUdpChecksumWhereTheKernelLeavesItOpen) {
  Octets frame = reference_frame();
  set(frame, 40, 0x12);
  EXPECT_FALSE(parse_udp_frame(frame, Checksums::verify));
  EXPECT_TRUE(parse_udp_frame(frame, Checksums::ignore));
}

TEST(ParseUdpFrame, TakesAFrameWithoutAUdpChecksum) {
  Octets frame = reference_frame();
  set(frame, 40, 0);
  set(frame, 41, 0);
  EXPECT_TRUE(parse_udp_frame(frame, Checksums::verify));
}

TEST(ParseUdpFrame, SkipsAVlanTagIpOptionsAndPadding) {
  Octets frame = reference_frame();
  const Octets options = hex("01 01 01 00");  // RFC 791: no operation, end of options
  frame.insert(frame.begin() + 34, options.begin(), options.end());
  set(frame, 14, 0x46);
  set(frame, 17, 0x25);
  fix_ip_checksum(frame);
  const Octets tag = hex("81 00 00 07");
  frame.insert(frame.begin() + 12, tag.begin(), tag.end());
  frame.insert(frame.end(), 18, std::byte{0xa5});

  const auto parsed = parse_udp_frame(frame, Checksums::verify);
  ASSERT_TRUE(parsed) << name(parsed.error());
  EXPECT_EQ(wire::text_of(parsed->payload), "berth");
  EXPECT_EQ(parsed->destination, (Endpoint{client, 68}));
}

TEST(ParseUdpFrame, IgnoresOctetsBetweenTheUdpAndTheIpLength) {
  Octets frame = reference_frame();
  frame.resize(frame.size() + 3);
  set(frame, 17, 0x24);
  fix_ip_checksum(frame);
  const auto parsed = parse_udp_frame(frame, Checksums::verify);
  ASSERT_TRUE(parsed) << name(parsed.error());
  EXPECT_EQ(wire::text_of(parsed->payload), "berth");
}

TEST(ParseUdpFrame, RefusesEveryTruncation) {
  const Octets frame = reference_frame();
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const Octets cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_udp_frame(cut, Checksums::ignore)) << size;
  }
}

TEST(ParseUdpFrame, NoticesEveryFlippedBitBehindTheEthernetHeader) {
  const Octets frame = reference_frame();
  for (std::size_t at = ethernet_header_size; at < frame.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets flipped = frame;
      flipped[at] ^= std::byte{1} << bit;
      EXPECT_FALSE(parse_udp_frame(flipped, Checksums::verify)) << at << '.' << bit;
    }
  }
}

// The sum of RFC 1071 section 4.1, octet by octet.
std::uint16_t plain_checksum(const Octets& octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = std::to_integer<std::uint32_t>(octets[i]);
    sum += i % 2 == 0 ? octet << 8 : octet;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

TEST(InternetChecksum, EqualsThePlainSumForEverySize) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size <= 300; ++size) {
    Octets octets(size);
    for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
    EXPECT_EQ(internet_checksum(octets), plain_checksum(octets)) << size;
    EXPECT_EQ(internet_checksum(Octets(size, std::byte{0xff})),
              plain_checksum(Octets(size, std::byte{0xff})))
        << size;
  }
}

TEST(InternetChecksum, SumsTheExampleOfRfc1071) {
  EXPECT_EQ(internet_checksum(hex("00 01 f2 03 f4 f5 f6 f7")), 0xffff - 0xddf2);
}

const ArpPacket probe = {ArpPacket::Op::request, server_mac, Ipv4Address::any(), {}, client};

// RFC 5227 2.1.1: a probe has no sender address, so that nobody's cache is spoilt.
TEST(Arp, WritesAProbe) {
  std::array<std::byte, arp_frame_size> out;
  out.fill(std::byte{0xa5});
  const auto frame = build_arp_frame(probe, out);
  ASSERT_TRUE(frame);
  EXPECT_EQ(Octets(frame->begin(), frame->end()), hex(R"(
      ff*6  52 52 52 00 00 ff  08 06
      00 01 08 00 06 04 00 01
      52 52 52 00 00 ff  00 00 00 00
      00*6  c0 a8 c8 04)"));
}

TEST(Arp, RoundTrips) {
  const ArpPacket packets[] = {
      probe,
      {ArpPacket::Op::request, server_mac, server, {}, client},
      {ArpPacket::Op::reply, client_mac, client, server_mac, server},
  };
  for (const ArpPacket& packet : packets) {
    std::array<std::byte, 64> out;
    const auto frame = build_arp_frame(packet, out);
    ASSERT_TRUE(frame);
    const auto parsed = parse_arp_frame(*frame);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, packet);
  }
}

TEST(Arp, SendsAReplyToItsTargetOnly) {
  std::array<std::byte, 64> out;
  const auto frame =
      build_arp_frame({ArpPacket::Op::reply, client_mac, client, server_mac, server}, out);
  ASSERT_TRUE(frame);
  EXPECT_EQ(MacAddress::from_bytes(*frame), server_mac);
}

TEST(Arp, RefusesEveryTruncationAndEveryShortBuffer) {
  std::array<std::byte, arp_frame_size> out;
  const auto frame = build_arp_frame(probe, out);
  ASSERT_TRUE(frame);
  for (std::size_t size = 0; size < frame->size(); ++size) {
    EXPECT_FALSE(parse_arp_frame(frame->first(size))) << size;
    Octets buffer(size);
    EXPECT_FALSE(build_arp_frame(probe, buffer)) << size;
  }
}

TEST(Arp, RefusesOtherHardwareProtocolsAndOperations) {
  const BadFrame cases[] = {
      {"an IPv4 frame", [](Octets& f) { set(f, 13, 0); }, FrameError::not_arp},
      {"token ring", [](Octets& f) { set(f, 15, 6); }, FrameError::unsupported_arp},
      {"IPv6 addresses", [](Octets& f) { set(f, 16, 0x86); }, FrameError::unsupported_arp},
      {"long hardware addresses", [](Octets& f) { set(f, 18, 8); }, FrameError::unsupported_arp},
      {"long protocol addresses", [](Octets& f) { set(f, 19, 16); }, FrameError::unsupported_arp},
      {"operation 0", [](Octets& f) { set(f, 21, 0); }, FrameError::unsupported_arp},
      {"reverse ARP", [](Octets& f) { set(f, 21, 3); }, FrameError::unsupported_arp},
  };
  for (const BadFrame& c : cases) {
    Octets frame(arp_frame_size);
    ASSERT_TRUE(build_arp_frame(probe, frame));
    c.spoil(frame);
    const auto parsed = parse_arp_frame(frame);
    ASSERT_FALSE(parsed) << c.what;
    EXPECT_EQ(name(parsed.error()), name(c.error)) << c.what;
  }
}

TEST(FrameError, HasANameForEach) {
  for (std::size_t i = 0; i < frame_error_count; ++i)
    EXPECT_NE(name(FrameError{static_cast<std::uint8_t>(i)}), "unknown") << i;
}

}  // namespace
}  // namespace berth::net
