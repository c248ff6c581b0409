// 48-bit hardware addresses (IEEE 802). A value; thread-safe.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/wire/cursor.hpp"

namespace berth::net {

struct MacAddress {
  std::array<std::byte, 6> octets{};

  static constexpr MacAddress from_octets(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                                          std::uint8_t d, std::uint8_t e, std::uint8_t f) noexcept {
    return {{std::byte{a}, std::byte{b}, std::byte{c}, std::byte{d}, std::byte{e}, std::byte{f}}};
  }
  static constexpr MacAddress broadcast() noexcept {
    return from_octets(255, 255, 255, 255, 255, 255);
  }

  // The first six octets of `bytes`. REQUIRES: bytes.size() >= 6
  static constexpr MacAddress from_bytes(wire::Bytes bytes) noexcept {
    MacAddress mac;
    std::copy_n(bytes.begin(), 6, mac.octets.begin());
    return mac;
  }

  // "52:52:52:00:00:01" or "52-52-52-0-0-1": six groups of one or two hexadecimal digits, one kind
  // of separator.
  static std::optional<MacAddress> parse(std::string_view text) noexcept;

  // The six octets as the low 48 bits of a number, the first octet highest.
  constexpr std::uint64_t value() const noexcept {
    std::uint64_t number = 0;
    for (const std::byte octet : octets)
      number = number << 8 | std::to_integer<std::uint64_t>(octet);
    return number;
  }
  constexpr bool is_group() const noexcept { return (octets[0] & std::byte{1}) != std::byte{0}; }

  constexpr bool operator==(const MacAddress&) const noexcept = default;
  // Spelled out because libc++ 16 cannot compare arrays three ways.
  constexpr std::strong_ordering operator<=>(const MacAddress& other) const noexcept {
    return value() <=> other.value();
  }
};

// "52:52:52:00:00:01", lower case. The view is of `buffer`.
using MacText = std::array<char, 17>;
std::string_view format(const MacAddress& mac, MacText& buffer) noexcept;
std::string to_string(const MacAddress& mac);

}  // namespace berth::net
