// IPv4 addresses, prefixes and endpoints as values in host byte order, so that comparison and
// arithmetic are ordinary. Parsing is strict: what inet_aton() would guess at (octal, hexadecimal,
// fewer than four parts) is refused. Thread-safe: plain values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::net {

struct Ipv4Address {
  std::uint32_t value = 0;  // host byte order: 192.168.200.1 is 0xc0a8c801

  static constexpr Ipv4Address any() noexcept { return {0}; }
  static constexpr Ipv4Address broadcast() noexcept { return {0xffffffff}; }
  static constexpr Ipv4Address from_octets(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                                           std::uint8_t d) noexcept {
    return {(std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d};
  }

  // "192.168.200.1": four decimal octets, no leading zeros, nothing around them.
  static std::optional<Ipv4Address> parse(std::string_view text) noexcept;

  constexpr bool is_unspecified() const noexcept { return value == 0; }
  constexpr bool is_limited_broadcast() const noexcept { return value == 0xffffffff; }
  constexpr bool is_loopback() const noexcept { return value >> 24 == 127; }
  constexpr bool is_multicast() const noexcept { return value >> 28 == 0xe; }

  constexpr auto operator<=>(const Ipv4Address&) const noexcept = default;
};

// A subnet: `address` with its host bits kept as written, so that "192.168.200.1/24" also says
// which host; network() clears them.
struct Ipv4Prefix {
  Ipv4Address address;
  std::uint8_t length = 32;  // 0 to 32

  // "192.168.200.0/24".
  static std::optional<Ipv4Prefix> parse(std::string_view text) noexcept;

  constexpr Ipv4Address mask() const noexcept {
    return {length == 0 ? 0 : 0xffffffffu << (32 - length)};
  }
  constexpr Ipv4Address network() const noexcept { return {address.value & mask().value}; }
  constexpr Ipv4Address broadcast() const noexcept { return {address.value | ~mask().value}; }
  constexpr bool contains(Ipv4Address other) const noexcept {
    return (other.value & mask().value) == network().value;
  }
  constexpr bool overlaps(const Ipv4Prefix& other) const noexcept {
    return contains(other.network()) || other.contains(network());
  }
  // The address with this host number, counted from the network address; none outside the prefix.
  constexpr std::optional<Ipv4Address> host(std::uint32_t number) const noexcept {
    if ((number & mask().value) != 0) return std::nullopt;
    return Ipv4Address{network().value | number};
  }

  constexpr auto operator<=>(const Ipv4Prefix&) const noexcept = default;
};

struct Endpoint {
  Ipv4Address address;
  std::uint16_t port = 0;

  constexpr auto operator<=>(const Endpoint&) const noexcept = default;
};

// An address as an operator writes it: a dotted quad, or a decimal host number within `subnet`
// (design: "an address is a dotted quad or a host number, everywhere"). `010` is refused rather
// than read as 8. A dotted quad may lie outside the subnet; whether it may is the caller's rule.
std::optional<Ipv4Address> parse_host_address(std::string_view text,
                                              const Ipv4Prefix& subnet) noexcept;

// Text into a caller's buffer, without allocation; the view is of `buffer`.
using Ipv4Text = std::array<char, 18>;  // "255.255.255.255/32"
std::string_view format(Ipv4Address address, Ipv4Text& buffer) noexcept;
std::string_view format(const Ipv4Prefix& prefix, Ipv4Text& buffer) noexcept;

std::string to_string(Ipv4Address address);
std::string to_string(const Ipv4Prefix& prefix);

}  // namespace berth::net
