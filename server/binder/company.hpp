// Who else holds the port of a socket, and what that means to it. Pure functions.
#pragma once

#include "server/binder/endpoint.hpp"
#include "server/binder/endpoint_state.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder {

// A wildcard socket on one link hears what others on the wildcard, or on the broadcast address,
// hear too. A holder of another's address is in its way only when binding fails.
// Of DNS on macOS each counts: it keeps the system's proxy from starting.
// One of IPv6 alone is nothing to a socket of IPv4, nor the other way round.
bool matters(const Holder& holder, const Recipe& recipe, const SocketState& socket) noexcept;

// Whether one of those that matter is bound to exactly our address.
bool holds_our_address(const SocketState& socket) noexcept;

// Whether the socket, as last attempted, lets others stand beside it.
bool bound_beside_others(const Recipe& recipe, const SocketState& socket) noexcept;

}  // namespace berth::binder
