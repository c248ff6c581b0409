// The host's resolvers as resolv.conf(5) names them. Pure; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/net/socket_address.hpp"

namespace berth::io {

// More than any system writes: glibc reads three.
inline constexpr std::size_t max_host_resolvers = 8;

// The servers of the `nameserver` lines, in their order, none twice, at most max_host_resolvers.
// Everything else, `search` and `options` among it, is for programs that have names to complete and
// patience to set, and is passed over; so is what cannot be asked. Of the address 0.0.0.0 the
// system's own resolver makes the loopback, and so it is here.
std::vector<net::SocketAddress> parse_resolv_conf(std::string_view text);

}  // namespace berth::io
