// Vocabulary of DHCP: the enumerations and constants of RFC 951, 2131 and 2132. Every enumeration
// can hold any octet, so an unknown code needs no special variant: switch with a default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace berth::dhcp {

inline constexpr std::uint16_t server_port = 67;
inline constexpr std::uint16_t client_port = 68;
inline constexpr std::uint32_t magic_cookie = 0x63825363;  // RFC 2131 section 3
inline constexpr std::uint16_t broadcast_flag = 0x8000;    // RFC 2131 figure 2
inline constexpr std::uint8_t ethernet_htype = 1;          // RFC 1700, "ARP hardware type"
// RFC 951: a BOOTP message is 300 octets; some clients and relays drop shorter ones.
inline constexpr std::size_t bootp_message_size = 300;
// RFC 2131 section 2: without option 57 a client accepts a DHCP message of 576 octets less the IP
// and UDP headers.
inline constexpr std::size_t default_message_size = 548;
inline constexpr std::size_t ip_udp_header_size = 28;

enum class Op : std::uint8_t { bootrequest = 1, bootreply = 2 };

// RFC 2132 section 9.6; RFC 3203, 4388, 6926 and 7724 for those after inform.
enum class MessageType : std::uint8_t {
  discover = 1,
  offer = 2,
  request = 3,
  decline = 4,
  ack = 5,
  nak = 6,
  release = 7,
  inform = 8,
  force_renew = 9,
  lease_query = 10,
  lease_unassigned = 11,
  lease_unknown = 12,
  lease_active = 13,
  bulk_lease_query = 14,
  lease_query_done = 15,
  active_lease_query = 16,
  lease_query_status = 17,
  tls = 18,
};

// "DHCPDISCOVER"; "DHCP message" for a type that has no name here.
std::string_view name(MessageType type) noexcept;

// RFC 2131 figure 1, as offsets:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+---------------+---------------+
//   |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
//   +---------------+---------------+---------------+---------------+
//   |                            xid (4)                            |
//   +-------------------------------+-------------------------------+
//   |           secs (2)            |           flags (2)           |
//   +-------------------------------+-------------------------------+
//   |     ciaddr (4)   yiaddr (4)   siaddr (4)   giaddr (4)         |
//   +---------------------------------------------------------------+
//   |     chaddr (16)   sname (64)   file (128)   options           |
//   +---------------------------------------------------------------+
namespace field {
inline constexpr std::size_t op = 0;
inline constexpr std::size_t htype = 1;
inline constexpr std::size_t hlen = 2;
inline constexpr std::size_t hops = 3;
inline constexpr std::size_t xid = 4;
inline constexpr std::size_t secs = 8;
inline constexpr std::size_t flags = 10;
inline constexpr std::size_t ciaddr = 12;
inline constexpr std::size_t yiaddr = 16;
inline constexpr std::size_t siaddr = 20;
inline constexpr std::size_t giaddr = 24;
inline constexpr std::size_t chaddr = 28;
inline constexpr std::size_t chaddr_size = 16;
inline constexpr std::size_t sname = 44;
inline constexpr std::size_t sname_size = 64;
inline constexpr std::size_t file = 108;
inline constexpr std::size_t file_size = 128;
inline constexpr std::size_t cookie = 236;
inline constexpr std::size_t options = 240;
}  // namespace field

}  // namespace berth::dhcp
