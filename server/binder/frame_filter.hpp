// Programs for the kernel's packet filter (bpf(4); Linux has the same machine, socket(7)): which
// frames a tap is woken for. An instruction has the layout that both systems take.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/net/ethertype.hpp"

namespace berth::binder {

// So many frames of DHCP, at most, wait in a tap to be read.
inline constexpr std::size_t tap_frames = 2048;

struct FilterInstruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0;  // instructions to skip
  std::uint8_t if_false = 0;
  std::uint32_t operand = 0;
};

namespace filter {
inline constexpr std::uint16_t load_octet = 0x30;         // A = frame[k]
inline constexpr std::uint16_t load_half = 0x28;          // A = frame[k..k+1]
inline constexpr std::uint16_t load_half_indexed = 0x48;  // A = frame[X+k..]
inline constexpr std::uint16_t load_header_size = 0xb1;   // X = 4 * (frame[k] & 15)
inline constexpr std::uint16_t jump_if_equal = 0x15;
inline constexpr std::uint16_t jump_if_any_bit = 0x45;
inline constexpr std::uint16_t accept = 0x06;  // that many octets; 0: none

inline constexpr std::uint32_t whole_frame = 0x40000;
inline constexpr std::uint32_t ethertype_at = 12;
inline constexpr std::uint32_t udp = 17;
inline constexpr std::uint32_t fragment_bits = 0x3fff;  // more fragments, and the offset
}  // namespace filter

// ARP replies (RFC 826: opcode 2), and nothing else.
inline constexpr std::array<FilterInstruction, 6> arp_reply_filter{{
    {filter::load_half, 0, 0, filter::ethertype_at},
    {filter::jump_if_equal, 0, 3, net::ethertype_arp},
    {filter::load_half, 0, 0, 14 + 6},
    {filter::jump_if_equal, 0, 1, 2},
    {filter::accept, 0, 0, filter::whole_frame},
    {filter::accept, 0, 0, 0},
}};

// The same, and what servers send to clients in unfragmented UDP over IPv4.
constexpr std::array<FilterInstruction, 16> arp_and_dhcp_reply_filter(
    std::uint16_t server_port, std::uint16_t client_port) noexcept {
  return {{
      {filter::load_half, 0, 0, filter::ethertype_at},
      {filter::jump_if_equal, 0, 2, net::ethertype_arp},
      {filter::load_half, 0, 0, 14 + 6},
      {filter::jump_if_equal, 10, 11, 2},
      {filter::jump_if_equal, 0, 10, net::ethertype_ipv4},
      {filter::load_octet, 0, 0, 14 + 9},
      {filter::jump_if_equal, 0, 8, filter::udp},
      {filter::load_half, 0, 0, 14 + 6},
      {filter::jump_if_any_bit, 6, 0, filter::fragment_bits},
      {filter::load_header_size, 0, 0, 14},
      {filter::load_half_indexed, 0, 0, 14},
      {filter::jump_if_equal, 0, 3, server_port},
      {filter::load_half_indexed, 0, 0, 14 + 2},
      {filter::jump_if_equal, 0, 1, client_port},
      {filter::accept, 0, 0, filter::whole_frame},
      {filter::accept, 0, 0, 0},
  }};
}

// Unfragmented UDP over IPv4, from or to the server's port: what clients send, and what any server
// answers.
constexpr std::array<FilterInstruction, 13> dhcp_filter(std::uint16_t port) noexcept {
  return {{
      {filter::load_half, 0, 0, filter::ethertype_at},
      {filter::jump_if_equal, 0, 10, net::ethertype_ipv4},
      {filter::load_octet, 0, 0, 14 + 9},
      {filter::jump_if_equal, 0, 8, filter::udp},
      {filter::load_half, 0, 0, 14 + 6},
      {filter::jump_if_any_bit, 6, 0, filter::fragment_bits},
      {filter::load_header_size, 0, 0, 14},
      {filter::load_half_indexed, 0, 0, 14},
      {filter::jump_if_equal, 2, 0, port},
      {filter::load_half_indexed, 0, 0, 14 + 2},
      {filter::jump_if_equal, 0, 1, port},
      {filter::accept, 0, 0, filter::whole_frame},
      {filter::accept, 0, 0, 0},
  }};
}

}  // namespace berth::binder
