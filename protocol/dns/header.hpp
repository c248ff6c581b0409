// The twelve octets before everything else (RFC 1035 4.1.1, RFC 4035 3.2 for AD and CD). They alone
// say how to refuse a message whose rest makes no sense. Borrows.
//
//                                   1  1  1  1  1  1
//     0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
//   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
//   |                      ID                       |
//   |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
//   |    QDCOUNT  ANCOUNT  NSCOUNT  ARCOUNT         |
//   +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

namespace field {
inline constexpr std::size_t id = 0;
inline constexpr std::size_t flags = 2;
inline constexpr std::size_t counts = 4;  // four of 16 bits, in the order of Section
}  // namespace field

namespace flag {
inline constexpr std::uint16_t qr = 0x8000;
inline constexpr std::uint16_t opcode_mask = 0x7800;
inline constexpr unsigned opcode_shift = 11;
inline constexpr std::uint16_t aa = 0x0400;
inline constexpr std::uint16_t tc = 0x0200;
inline constexpr std::uint16_t rd = 0x0100;
inline constexpr std::uint16_t ra = 0x0080;
inline constexpr std::uint16_t ad = 0x0020;
inline constexpr std::uint16_t cd = 0x0010;
inline constexpr std::uint16_t rcode_mask = 0x000f;
}  // namespace flag

enum class Section : std::uint8_t { question, answer, authority, additional };
inline constexpr std::size_t section_count = 4;

class HeaderView {
 public:
  // None when `message` is shorter than a header.
  static constexpr std::optional<HeaderView> parse(wire::Bytes message) noexcept {
    if (message.size() < header_size) return std::nullopt;
    return HeaderView(message.first(header_size));
  }

  constexpr std::uint16_t id() const noexcept { return wire::load_u16(octets_, field::id); }
  constexpr std::uint16_t flags() const noexcept { return wire::load_u16(octets_, field::flags); }
  constexpr bool has(std::uint16_t bit) const noexcept { return (flags() & bit) != 0; }
  constexpr bool is_response() const noexcept { return has(flag::qr); }
  constexpr Opcode opcode() const noexcept {
    return static_cast<Opcode>((flags() & flag::opcode_mask) >> flag::opcode_shift);
  }
  // Without the upper bits that OPT carries.
  constexpr Rcode rcode() const noexcept { return static_cast<Rcode>(flags() & flag::rcode_mask); }
  constexpr std::uint16_t count(Section section) const noexcept {
    return wire::load_u16(octets_, field::counts + 2 * static_cast<std::size_t>(section));
  }

 private:
  constexpr explicit HeaderView(wire::Bytes octets) noexcept : octets_(octets) {}

  wire::Bytes octets_;
};

}  // namespace berth::dns
