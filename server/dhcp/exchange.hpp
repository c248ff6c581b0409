// One message on its way through the responder, with all that was found out about it. Internal to
// responder*.cpp; borrows everything.
#pragma once

#include "server/dhcp/responder.hpp"

namespace berth::dhcp {

struct Responder::Exchange {
  const Request& request;
  const Ingress& ingress;
  TimePoint now;
  wire::MutableBytes out;
  NetworkIndex network_index;
  const Network& network;
  HostIndex host_index;
  const Host* host;         // null: a stranger
  std::uint64_t client_id;  // digest of the client identifier; 0: none

  bool has_address() const noexcept { return host != nullptr && !host->address.is_unspecified(); }

  // Came by the network's own link or through a relay agent, so that a reply to a client without a
  // usable address can reach it.
  bool is_reachable() const noexcept {
    return request.is_relayed() || ingress.network == network_index;
  }

  // Option 54 of the reply: what the relay agent wants to stand there (RFC 5107), or our own.
  net::Ipv4Address server_identifier() const noexcept {
    return request.server_identifier_override().value_or(id_of_the_moment());
  }

  net::Ipv4Address id_of_the_moment() const noexcept {
    const bool is_set = ingress.network == network_index && !ingress.server_id.is_unspecified();
    return is_set ? ingress.server_id : network.server_id;
  }

  // Whether option 54 names us: by the identifier of the plan, by that of the moment, or by the
  // address we listen at. Not by the second one while it is not given out: until then it may be
  // another server's.
  bool is_for_us() const noexcept {
    return request.server_identifier() &&
           (request.server_identifier() == network.server_id ||
            request.server_identifier() == id_of_the_moment() ||
            request.server_identifier() == network.address ||
            request.server_identifier() == request.server_identifier_override());
  }
};

}  // namespace berth::dhcp
