// Whether two sockets can be bound to one port: the rules of each system, for saying beforehand
// what binding would find. The tests hold those of Linux against the kernel that runs them.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder {

// A socket as far as others on its port are concerned.
struct PortUser {
  std::uint32_t uid = 0;
  Protocol protocol = Protocol::udp;
  net::Ipv4Address address;  // unspecified: the wildcard
  // In place of `address`, of a socket of IPv6 alone; unspecified: the wildcard.
  std::optional<net::Ipv6Address> ipv6_only{};
  bool reuse_address = false;
  bool reuse_port = false;
  bool reuse_share_uid = false;  // macOS's
  std::uint32_t device = 0;      // of SO_BINDTODEVICE on Linux; 0: none
};

// Whether `newcomer` cannot be bound beside `holder`, both on one port of one protocol.
using PortConflict = bool (*)(const PortUser& holder, const PortUser& newcomer) noexcept;

bool conflicts_on_linux(const PortUser& holder, const PortUser& newcomer) noexcept;
bool conflicts_on_darwin(const PortUser& holder, const PortUser& newcomer) noexcept;

}  // namespace berth::binder
