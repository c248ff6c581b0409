// UDP sockets, each a port of its own: relays at their addresses, or askers of one server.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/clock.hpp"

namespace berth::load {

struct UdpPort {
  net::Endpoint local;  // unspecified: the system's choice
  // Connected to it: others are not heard, and that nobody listens there is.
  std::optional<net::Endpoint> peer;
};

expected<std::unique_ptr<Carrier>, OpenError> open_udp(std::span<const UdpPort> ports,
                                                       const Clock& clock);

}  // namespace berth::load
