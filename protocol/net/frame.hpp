// Ethernet frames as a tap sees and sends them: UDP over IPv4 (RFC 791, 768) and ARP (RFC 826).
// Builders write into a caller's buffer and return its prefix; what parsers return borrows from the
// frame. Nothing allocates. Thread-safe: functions of their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::net {

inline constexpr std::size_t ethernet_header_size = 14;
inline constexpr std::size_t ipv4_header_size = 20;  // without options
inline constexpr std::size_t udp_header_size = 8;
// What a frame built here adds to its UDP payload.
inline constexpr std::size_t udp_frame_overhead =
    ethernet_header_size + ipv4_header_size + udp_header_size;
// An ARP frame without the padding that Ethernet wants on a real wire; the sender's driver pads.
inline constexpr std::size_t arp_frame_size = ethernet_header_size + 28;

// Why octets are not the frame that was asked for, or cannot become one.
enum class FrameError : std::uint8_t {
  too_short,         // ends before its headers do
  not_ipv4,          // another EtherType
  not_arp,           // likewise
  bad_ip_header,     // version, header length or total length
  bad_ip_checksum,   // RFC 791: the header does not add up
  fragment,          // one piece of a datagram; DHCP messages are never put together here
  not_udp,           // another protocol
  bad_udp_length,    // less than its header, or more than the IP packet holds
  bad_udp_checksum,  // RFC 768
  bad_tcp_header,    // RFC 9293: shorter than it says, or than it can be
  unsupported_arp,   // not Ethernet and IPv4, or neither request nor reply
  no_room,           // building: the buffer, or the 65,535 octets of an IP packet, are too small
};
inline constexpr std::size_t frame_error_count = 12;

// "bad_ip_header"
std::string_view name(FrameError error) noexcept;

// Whether a parsed frame's UDP checksum is to be believed. `ignore` is for taps: between machines
// on one host the sender leaves it to hardware that never sees the frame, and the kernel says so.
enum class Checksums : std::uint8_t { verify, ignore };

struct UdpFrame {
  MacAddress source_mac;
  MacAddress destination_mac;
  Endpoint source;
  Endpoint destination;
  wire::Bytes payload;
};

// TTL 64, don't-fragment, both checksums full; a UDP checksum of zero goes out as 0xffff (RFC 768).
expected<wire::Bytes, FrameError> build_udp_frame(const UdpFrame& frame,
                                                  wire::MutableBytes out) noexcept;

// One 802.1Q tag is skipped and octets behind the IP packet are ignored (Ethernet's padding). The
// IP header's checksum is verified always, since no offloading leaves it open on what a tap sees of
// foreign frames; the UDP checksum as `checksums` says, and not when the sender left it out (zero).
expected<UdpFrame, FrameError> parse_udp_frame(wire::Bytes frame, Checksums checksums) noexcept;

// RFC 826 over Ethernet and IPv4. A probe (RFC 5227) has an unspecified sender_ip.
struct ArpPacket {
  enum class Op : std::uint16_t { request = 1, reply = 2 } op = Op::request;
  MacAddress sender_mac;
  Ipv4Address sender_ip;
  MacAddress target_mac;  // zero in a request
  Ipv4Address target_ip;

  constexpr bool operator==(const ArpPacket&) const noexcept = default;
};

// A request goes to everybody, a reply to its target.
expected<wire::Bytes, FrameError> build_arp_frame(const ArpPacket& packet,
                                                  wire::MutableBytes out) noexcept;
expected<ArpPacket, FrameError> parse_arp_frame(wire::Bytes frame) noexcept;
// The same without its Ethernet header.
expected<ArpPacket, FrameError> parse_arp(wire::Bytes packet) noexcept;

// The Internet checksum (RFC 1071) of `bytes`, the sum of which starts from `initial`. Zero over
// octets that contain their own checksum.
std::uint16_t internet_checksum(wire::Bytes bytes, std::uint64_t initial = 0) noexcept;

}  // namespace berth::net
