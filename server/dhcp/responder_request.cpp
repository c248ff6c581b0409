// DHCPREQUEST: RFC 2131 section 4.3.2, whose four states show in which fields the client filled in.
#include "server/dhcp/exchange.hpp"
#include "server/dhcp/network_choice.hpp"
#include "server/dhcp/responder.hpp"

namespace berth::dhcp {
namespace {

constexpr std::string_view wrong_address = "the requested address is not this client's";
constexpr std::string_view unknown_client = "no address is reserved for this client";

enum class ClientState : std::uint8_t { selecting, init_reboot, renewing_or_rebinding, unclear };

// Table 4. A client that renews must not fill option 54; one that does so all the same, and no
// option 50, can mean nothing else.
ClientState state_of(const Request& request) noexcept {
  const bool has_ciaddr = !request.message().ciaddr().is_unspecified();
  if (request.server_identifier() && (request.requested_address() || !has_ciaddr))
    return ClientState::selecting;
  if (has_ciaddr) return ClientState::renewing_or_rebinding;
  return request.requested_address() ? ClientState::init_reboot : ClientState::unclear;
}

// A message sent to our address, not through a relay agent, must come from an address of the
// network it speaks of; a client that has none yet has no source address either.
bool is_off_link(const Request& request, const Ingress& ingress, const Network& network) noexcept {
  const net::Ipv4Address ciaddr = request.message().ciaddr();
  if (!ciaddr.is_unspecified() && !network.subnet.contains(ciaddr)) return true;
  if (ciaddr.is_unspecified() && ingress.source.address.is_unspecified()) return false;
  return !network.subnet.contains(ingress.source.address);
}

}  // namespace

Outcome Responder::on_request(const Exchange& exchange) noexcept {
  const Request& request = exchange.request;
  if (!request.is_relayed() && is_unicast(*plan_, exchange.ingress) &&
      is_off_link(request, exchange.ingress, exchange.network))
    return Drop::off_link;

  const ClientState state = state_of(request);
  if (state == ClientState::unclear) return Drop::missing_requested_address;
  if (request.server_identifier() && !exchange.is_for_us())
    return on_other_server_selected(exchange);
  if (exchange.host == nullptr) return on_request_by_stranger(exchange);
  if (!exchange.has_address()) return Drop::no_address;
  if (state == ClientState::selecting && !request.requested_address())
    return Drop::missing_requested_address;

  const net::Ipv4Address asked = state == ClientState::renewing_or_rebinding
                                     ? request.message().ciaddr()
                                     : *request.requested_address();
  if (asked == exchange.host->address) return grant(exchange);
  return refuse(exchange, wrong_address);
}

// The client took another server's offer, so ours is void.
Outcome Responder::on_other_server_selected(const Exchange& exchange) noexcept {
  if (exchange.has_address()) {
    Binding& binding = touch(exchange);
    if (binding.state == Binding::State::offered) binding.state = Binding::State::none;
  }
  return Drop::other_server_selected;
}

// RFC 2131 4.3.2: a server that has no record of the client MUST remain silent, unless nobody else
// serves the network.
Outcome Responder::on_request_by_stranger(const Exchange& exchange) noexcept {
  if (exchange.network.authoritative != config::Authoritative::all) return Drop::unknown_client;
  return refuse(exchange, unknown_client);
}

}  // namespace berth::dhcp
