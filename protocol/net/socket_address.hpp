// Where a server is: an address of either family, the interface of one that means something on its
// link only (RFC 4007 11), and a port. As text: "192.0.2.1", "192.0.2.1:53", "2001:db8::1",
// "[fe80::1%eth0]:53". Thread-safe: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"

namespace berth::net {

using IpAddress = std::variant<Ipv4Address, Ipv6Address>;

bool is_loopback(const IpAddress& address) noexcept;  // 127.0.0.0/8, ::1
bool is_multicast(const IpAddress& address) noexcept;
bool is_unspecified(const IpAddress& address) noexcept;

struct SocketAddress {
  IpAddress address;
  std::string interface;  // of a link-local IPv6 address: a name or an index; else empty
  std::uint16_t port = 0;

  static std::optional<SocketAddress> parse(std::string_view text,
                                            std::uint16_t default_port) noexcept;

  bool operator==(const SocketAddress&) const = default;
};

// Without the port where it is `default_port`; 0 is no port's.
std::string to_string(const SocketAddress& server, std::uint16_t default_port = 0);

}  // namespace berth::net
