// From the configuration's network to the responder's. Pure; thread-safe.
#pragma once

#include "config/config.hpp"
#include "server/dhcp/network.hpp"

namespace berth::dhcp {

// All but the hosts' slots, which depend on the plan before.
Network build_network(const config::Network& configured);

}  // namespace berth::dhcp
