// How a datagram reached us. A value; thread-safe.
#pragma once

#include "protocol/net/ipv4.hpp"
#include "server/dhcp/outcome.hpp"

namespace berth::dhcp {

struct Ingress {
  NetworkIndex network = no_index;  // the network served on the arrival link
  net::Endpoint source;
  net::Ipv4Address destination;  // as in the IP header: broadcast, or our address
  net::Ipv4Address server_id;    // what we call ourselves on that link; unspecified: as planned
};

}  // namespace berth::dhcp
