#include "protocol/net/packet.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hex.hpp"

namespace berth::net {
namespace {

using test::hex;
using Kind = Packet::Kind;
using Octets = std::vector<std::byte>;

// 192.168.200.4:68 to 192.168.200.1:67 with "berth", without checksums.
const std::string udp =
    "45 00 00 21 00 00 00 00 40 11 00 00 c0 a8 c8 04 c0 a8 c8 01"
    "00 44 00 43 00 0d 00 00 62 65 72 74 68";
// 192.168.200.4:40000 to 192.168.200.1:53, sequence 256, PSH and ACK, one word of options, "be".
const std::string tcp =
    "45 00 00 2e 00 00 00 00 40 06 00 00 c0 a8 c8 04 c0 a8 c8 01"
    "9c 40 00 35 00 00 01 00 00 00 00 00 60 18 ff ff 00 00 00 00 01 01 01 01 62 65";
const std::string macs = "52 52 52 00 00 ff 52 52 52 00 00 01";

struct Row {
  std::string name;
  LinkType link;
  std::string octets;
  Kind kind;
  std::vector<std::uint16_t> vlans = {};
  std::size_t payload = 5;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class ParsePacket : public testing::TestWithParam<Row> {};

TEST_P(ParsePacket, LooksInside) {
  const Row& row = GetParam();
  const Octets octets = hex(row.octets);
  const auto packet = parse_packet(row.link, octets);
  ASSERT_TRUE(packet) << name(packet.error());
  EXPECT_EQ(packet->kind, row.kind);
  EXPECT_EQ(packet->payload.size(), row.payload);
  std::vector<std::uint16_t> vlans;
  for (std::size_t i = 0; i < packet->vlan_count; ++i) vlans.push_back(packet->vlans[i].id);
  EXPECT_EQ(vlans, row.vlans);
  if (row.kind != Kind::udp) return;
  EXPECT_EQ(to_string(packet->source), "192.168.200.4");
  EXPECT_EQ(to_string(packet->destination), "192.168.200.1");
  EXPECT_EQ(packet->source_port, 68);
  EXPECT_EQ(packet->destination_port, 67);
  EXPECT_EQ(wire::text_of(packet->payload), "berth");
}

const Row rows[] = {
    {"Ethernet", LinkType::ethernet, macs + "08 00" + udp, Kind::udp},
    {"Padding", LinkType::ethernet, macs + "08 00" + udp + "00 00 00", Kind::udp},
    {"Vlan", LinkType::ethernet, macs + "81 00 20 0a 08 00" + udp, Kind::udp, {10}},
    {"QinQ",
     LinkType::ethernet,
     macs + "81 00 00 64 81 00 00 0a 08 00" + udp,
     Kind::udp,
     {100, 10}},
    {"ProviderBridge",
     LinkType::ethernet,
     macs + "88 a8 0f ff 81 00 00 0a 08 00" + udp,
     Kind::udp,
     {4095, 10}},
    {"OldQinQ",
     LinkType::ethernet,
     macs + "91 00 00 01 81 00 00 02 08 00" + udp,
     Kind::udp,
     {1, 2}},
    {"Cooked", LinkType::linux_sll, "00 04 00 01 00 06 52 52 52 00 00 01 00 00 08 00" + udp,
     Kind::udp},
    {"CookedVersion2", LinkType::linux_sll2,
     "08 00 00 00 00 00 00 03 00 01 00 06 52 52 52 00 00 01 00 00" + udp, Kind::udp},
    {"CookedVlan",
     LinkType::linux_sll,
     "00 04 00 01 00 06 52 52 52 00 00 01 00 00 81 00 00 07 08 00" + udp,
     Kind::udp,
     {7}},
    {"Raw", LinkType::raw, udp, Kind::udp},
    {"RawIpv4", LinkType::ipv4, udp, Kind::udp},
    {"RawIpv6", LinkType::raw, "60 00 00 00", Kind::other, {}, 4},
    {"NullBigEndian", LinkType::null, "00 00 00 02" + udp, Kind::udp},
    {"NullLittleEndian", LinkType::null, "02 00 00 00" + udp, Kind::udp},
    {"NullIpv6", LinkType::null, "1e 00 00 00 60", Kind::other, {}, 1},
    {"Loop", LinkType::loop, "00 00 00 02" + udp, Kind::udp},
    {"Tcp", LinkType::raw, tcp, Kind::tcp, {}, 2},
    {"Icmp",
     LinkType::raw,
     "45 00 00 1c 00 00 00 00 40 01 00 00 01 02 03 04 05 06 07 08 08 00 00 00 00 01 00 01",
     Kind::icmp,
     {},
     8},
    {"Igmp",
     LinkType::raw,
     "45 00 00 15 00 00 00 00 40 02 00 00 01 02 03 04 05 06 07 08 11",
     Kind::ipv4,
     {},
     1},
    {"FirstFragment",
     LinkType::raw,
     "45 00 00 1c 00 07 20 00 40 11 00 00 01 02 03 04 05 06 07 08 00 44 00 43 01 00 00 00",
     Kind::fragment,
     {},
     8},
    {"LastFragment",
     LinkType::raw,
     "45 00 00 15 00 07 00 b9 40 11 00 00 01 02 03 04 05 06 07 08 00",
     Kind::fragment,
     {},
     1},
    {"Arp", LinkType::ethernet, macs + "08 06 00 01", Kind::arp, {}, 2},
    {"Ipv6", LinkType::ethernet, macs + "86 dd 60", Kind::other, {}, 1},
};
INSTANTIATE_TEST_SUITE_P(All, ParsePacket, testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

struct Bad {
  std::string name;
  LinkType link;
  std::string octets;
  FrameError error;
};
std::ostream& operator<<(std::ostream& out, const Bad& row) { return out << row.name; }

class BadPacket : public testing::TestWithParam<Bad> {};

TEST_P(BadPacket, IsNamed) {
  const Octets octets = hex(GetParam().octets);
  const auto packet = parse_packet(GetParam().link, octets);
  ASSERT_FALSE(packet);
  EXPECT_EQ(name(packet.error()), name(GetParam().error));
}

const std::string ip = "45 00 00 1c 00 00 00 00 40 11 00 00 01 02 03 04 05 06 07 08";
const std::string ip_tcp =
    "45 00 00 28 00 00 00 00 40 06 00 00 01 02 03 04 05 06 07 08"
    "9c 40 00 35 00 00 01 00 00 00 00 00";
const Bad bad_packets[] = {
    {"Nothing", LinkType::raw, "", FrameError::too_short},
    {"TornEthernet", LinkType::ethernet, macs + "08", FrameError::too_short},
    {"TornTag", LinkType::ethernet, macs + "81 00 00", FrameError::too_short},
    {"TagWithoutType", LinkType::ethernet, macs + "81 00 00 01", FrameError::too_short},
    {"FiveTags", LinkType::ethernet,
     macs + "81 00 00 01 81 00 00 02 81 00 00 03 81 00 00 04 81 00 00 05 08 00" + udp,
     FrameError::too_short},
    {"TornCooked", LinkType::linux_sll, "00 04 00 01 00 06", FrameError::too_short},
    {"TornCookedVersion2", LinkType::linux_sll2, "08 00 00 00", FrameError::too_short},
    {"TornFamily", LinkType::null, "02 00", FrameError::too_short},
    {"TornIp", LinkType::raw, "45 00", FrameError::too_short},
    {"CutShort", LinkType::raw, udp.substr(0, udp.size() - 3), FrameError::too_short},
    {"OtherVersion", LinkType::ethernet, macs + "08 00 55" + udp.substr(3),
     FrameError::bad_ip_header},
    {"HeaderOfFourWords", LinkType::raw, "44" + udp.substr(2), FrameError::bad_ip_header},
    {"HeaderBeyondTheTotal", LinkType::raw, "4f" + udp.substr(2), FrameError::bad_ip_header},
    {"Checksum", LinkType::raw, udp.substr(0, 30) + "12 34" + udp.substr(35),
     FrameError::bad_ip_checksum},
    {"UdpLengthBeyondTheEnd", LinkType::raw, ip + "00 44 00 43 00 09 00 00",
     FrameError::bad_udp_length},
    {"UdpLengthOfSeven", LinkType::raw, ip + "00 44 00 43 00 07 00 00", FrameError::bad_udp_length},
    {"TcpHeaderOfFourWords", LinkType::raw, ip_tcp + "40 18 ff ff 00 00 00 00",
     FrameError::bad_tcp_header},
    {"TcpHeaderBeyondTheEnd", LinkType::raw, ip_tcp + "60 18 ff ff 00 00 00 00",
     FrameError::bad_tcp_header},
};
INSTANTIATE_TEST_SUITE_P(All, BadPacket, testing::ValuesIn(bad_packets),
                         [](const auto& row) { return row.param.name; });

TEST(ParsePacketOf, EveryTruncationIsNamedOrWhole) {
  for (const Row& row : rows) {
    const Octets whole = hex(row.octets);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto packet = parse_packet(row.link, wire::Bytes(whole).first(size));
      EXPECT_TRUE(!packet || packet->payload.size() <= size) << row.name;
    }
  }
}

TEST(ParsePacketOf, TcpHasWhatAStreamNeeds) {
  const Octets octets = hex(tcp);
  const auto packet = parse_packet(LinkType::raw, octets);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->sequence, 256u);
  EXPECT_EQ(packet->tcp_flags, 0x18);
  EXPECT_EQ(packet->source_port, 40000);
  EXPECT_EQ(wire::text_of(packet->payload), "be");
}

TEST(ParsePacketOf, AFragmentSaysWhereItBelongs) {
  const Octets octets = hex("45 00 00 15 00 07 20 b9 40 11 00 00 01 02 03 04 05 06 07 08 00");
  const auto packet = parse_packet(LinkType::raw, octets);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->identification, 7);
  EXPECT_EQ(packet->fragment_offset, 1480u);
  EXPECT_TRUE(packet->more_fragments);
  EXPECT_EQ(protocol_name(packet->protocol), "UDP");
}

TEST(Icmp, NamesWhatItIsAbout) {
  EXPECT_EQ(icmp_type_name(3), "destination unreachable");
  EXPECT_EQ(icmp_unreachable_name(3), "port unreachable");
  EXPECT_EQ(icmp_type_name(200), "");
  EXPECT_EQ(icmp_unreachable_name(16), "");
  const Octets message = hex("03 03 00 00 00 00 00 00" + udp.substr(0, udp.size() - 15));
  const auto subject = parse_icmp_subject(message);
  ASSERT_TRUE(subject);
  EXPECT_EQ(subject->kind, Kind::udp);
  EXPECT_EQ(subject->destination_port, 67);
  EXPECT_FALSE(parse_icmp_subject(wire::Bytes(message).first(20)));
  EXPECT_FALSE(parse_icmp_subject(hex("08 00 00 00 00 00 00 00" + udp)));
}

}  // namespace
}  // namespace berth::net
