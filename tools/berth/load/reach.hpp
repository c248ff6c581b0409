// By which of the machine's interfaces a server is reached, so that no load goes where it must not.
#pragma once

#include <optional>
#include <string>

#include "protocol/net/ipv4.hpp"

namespace berth::load {

// The interface that packets to `server` leave by; empty: the server is this machine itself, or
// there is no way to it.
std::string interface_towards(const net::Endpoint& server);

// A port of UDP on the loopback address that nobody has.
std::optional<net::Endpoint> free_loopback_port();

// Why a load may not go there: the way to the Internet is no place for one; none: it may.
std::optional<std::string> why_refused(const std::string& interface);

}  // namespace berth::load
