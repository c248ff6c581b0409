// TCP connections to one server, each a port of its own, that carry DNS messages with their length
// before them (RFC 1035 4.2.2). One that ends is made again; what was under way on it is lost.
#pragma once

#include <memory>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/clock.hpp"

namespace berth::load {

expected<std::unique_ptr<Carrier>, OpenError> open_tcp(const net::Endpoint& server,
                                                       std::uint16_t connections,
                                                       const Clock& clock);

}  // namespace berth::load
