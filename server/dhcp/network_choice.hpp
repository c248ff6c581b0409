// Which network a message is about. Pure; thread-safe.
#pragma once

#include "server/dhcp/ingress.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dhcp/request.hpp"

namespace berth::dhcp {

// A plain pair rather than an expected, whose way through memory takes longer than the choice.
struct NetworkChoice {
  NetworkIndex network = no_index;  // or why there is none:
  Drop reason = Drop::no_network;
};

// Relayed: the network of the link selection (RFC 3527) or else the subnet selection (RFC 3011) or
// else of giaddr, provided that it takes messages from this relay agent. Otherwise the network of
// the arrival link, or, for a message sent to our address from behind a router, the network of
// ciaddr.
NetworkChoice choose_network(const Plan& plan, const Request& request,
                             const Ingress& ingress) noexcept;

// Whether the message was sent to an address of ours rather than to everybody.
bool is_unicast(const Plan& plan, const Ingress& ingress) noexcept;

}  // namespace berth::dhcp
