// IPv6 addresses as values, and as text: RFC 4291 2.2 in, RFC 5952 out. Thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/wire/cursor.hpp"

namespace berth::net {

struct Ipv6Address {
  std::array<std::byte, 16> octets{};

  // The first sixteen octets of `bytes`. REQUIRES: bytes.size() >= 16
  static constexpr Ipv6Address from_bytes(wire::Bytes bytes) noexcept {
    Ipv6Address address;
    std::copy_n(bytes.begin(), 16, address.octets.begin());
    return address;
  }

  // "2001:db8::1", "::ffff:192.0.2.1".
  static std::optional<Ipv6Address> parse(std::string_view text) noexcept;

  constexpr bool is_unspecified() const noexcept { return *this == Ipv6Address{}; }
  // Of a single link, and the same on another: fe80::/10.
  constexpr bool is_link_local() const noexcept {
    return octets[0] == std::byte{0xfe} && (octets[1] & std::byte{0xc0}) == std::byte{0x80};
  }

  constexpr bool operator==(const Ipv6Address&) const noexcept = default;
};

std::string to_string(const Ipv6Address& address);

}  // namespace berth::net
