// Packets as captures hold them: any of the usual link layers, VLAN tags, and behind them ARP or
// IPv4 with UDP, TCP or ICMP. For tools that explain what was on a link; a server that answers uses
// frame.hpp. What is returned borrows from the octets. Nothing allocates. Thread-safe: functions of
// their arguments.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/expected.hpp"
#include "protocol/net/frame.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::net {

// What stands before the network layer, under the numbers that capture files use.
enum class LinkType : std::uint16_t {
  null = 0,          // BSD's loopback: the address family in the byte order of the machine
  ethernet = 1,      //
  raw = 101,         // nothing: an IP packet
  loop = 108,        // OpenBSD's loopback: the address family in network byte order
  linux_sll = 113,   // Linux "cooked": what tcpdump -i any writes
  ipv4 = 228,        // nothing: an IPv4 packet
  linux_sll2 = 276,  // cooked, version 2
};

struct Vlan {
  std::uint16_t tpid = 0;  // 0x8100 (IEEE 802.1Q), 0x88a8 (802.1ad), 0x9100 (before 802.1ad)
  std::uint16_t id = 0;    // 12 bits
};

struct Packet {
  enum class Kind : std::uint8_t {
    udp,       // payload: of the datagram
    tcp,       // payload: of the segment
    icmp,      // payload: the whole ICMP message
    fragment,  // a piece of an IPv4 datagram, the first one too; payload: the piece
    arp,       // payload: the ARP packet
    ipv4,      // another protocol; payload: of the IP packet
    other,     // no IPv4: see ethertype
  } kind = Kind::other;

  // From the outside in; more than four are one too many.
  static constexpr std::size_t max_vlans = 4;
  std::array<Vlan, max_vlans> vlans{};
  std::size_t vlan_count = 0;
  std::uint16_t ethertype = 0;  // also where the link layer has another word for it

  // Of IPv4.
  Ipv4Address source;
  Ipv4Address destination;
  std::uint8_t protocol = 0;
  std::uint16_t identification = 0;
  std::size_t fragment_offset = 0;  // octets
  bool more_fragments = false;

  // Of UDP and TCP.
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;  // TCP: of the first octet, or of SYN
  std::uint8_t tcp_flags = 0;

  wire::Bytes payload;
};

namespace tcp_flag {
inline constexpr std::uint8_t fin = 0x01;
inline constexpr std::uint8_t syn = 0x02;
inline constexpr std::uint8_t rst = 0x04;
}  // namespace tcp_flag

// The IP header's checksum is verified unless it is zero, which it is where hardware fills it in;
// those of UDP and TCP are not, for the same reason.
expected<Packet, FrameError> parse_packet(LinkType link, wire::Bytes octets) noexcept;

// Whether a VLAN tag stands where an EtherType could.
bool is_vlan_tag(std::uint16_t ethertype) noexcept;

// "UDP"; empty for what is not named here.
std::string_view protocol_name(std::uint8_t protocol) noexcept;

inline constexpr std::uint8_t icmp_unreachable = 3;
// "echo request", "destination unreachable: port unreachable" (RFC 792, RFC 1122 3.2.2.1); empty
// when nobody has named it.
std::string_view icmp_type_name(std::uint8_t type) noexcept;
std::string_view icmp_unreachable_name(std::uint8_t code) noexcept;

// Of the datagram that an ICMP error is about: as much of it as the error carries (RFC 792: the
// header and eight octets), so that its payload is mostly cut. None when `message` is no error.
std::optional<Packet> parse_icmp_subject(wire::Bytes message) noexcept;

}  // namespace berth::net
