#include "server/dhcp/network_choice.hpp"

#include <algorithm>

namespace berth::dhcp {
namespace {

// An address that no relay agent can have, whatever the configuration says: 0/8, 127/8, multicast,
// 240/4 with the limited broadcast, our own addresses and those that name a whole subnet.
bool can_be_relay(const Plan& plan, net::Ipv4Address giaddr) noexcept {
  if (giaddr.value >> 24 == 0 || giaddr.is_loopback() || giaddr.value >> 28 >= 0xe) return false;
  const NetworkIndex index = plan.network_containing(giaddr);
  if (index == no_index) return true;
  const Network& network = plan.network(index);
  return giaddr != network.address && giaddr != network.subnet.network() &&
         giaddr != network.subnet.broadcast();
}

// A relay agent on the link we serve, or one that the network lists.
bool takes_from(const Network& network, bool arrived_on_its_link,
                net::Ipv4Address giaddr) noexcept {
  if (arrived_on_its_link && network.subnet.contains(giaddr)) return true;
  return std::ranges::any_of(
      network.relays, [giaddr](const net::Ipv4Prefix& relay) { return relay.contains(giaddr); });
}

NetworkChoice choose_relayed(const Plan& plan, const Request& request,
                             const Ingress& ingress) noexcept {
  const net::Ipv4Address giaddr = request.message().giaddr();
  if (!can_be_relay(plan, giaddr)) return {no_index, Drop::relay_not_allowed};

  NetworkIndex chosen = no_index;
  if (request.link_selection()) {
    chosen = plan.network_containing(*request.link_selection());
    if (chosen == no_index) return {no_index, Drop::no_network};
  }
  // A subnet selection we cannot follow is ignored, and not echoed: the client then takes another
  // server (RFC 3011 section 2).
  if (chosen == no_index && request.subnet_selection())
    chosen = plan.network_containing(*request.subnet_selection());
  if (chosen == no_index) chosen = plan.network_containing(giaddr);
  if (chosen == no_index) chosen = plan.network_relayed_by(giaddr);
  if (chosen == no_index || !takes_from(plan.network(chosen), chosen == ingress.network, giaddr))
    return {no_index, Drop::relay_not_allowed};
  return {chosen};
}

}  // namespace

bool is_unicast(const Plan& plan, const Ingress& ingress) noexcept {
  if (ingress.destination.is_unspecified() || ingress.destination.is_limited_broadcast())
    return false;
  return ingress.network == no_index ||
         ingress.destination != plan.network(ingress.network).subnet.broadcast();
}

NetworkChoice choose_network(const Plan& plan, const Request& request,
                             const Ingress& ingress) noexcept {
  if (request.is_relayed()) return choose_relayed(plan, request, ingress);

  const net::Ipv4Address ciaddr = request.message().ciaddr();
  if (!ciaddr.is_unspecified() && is_unicast(plan, ingress)) {
    // RFC 2131 4.3.2, RENEWING, and 4.4.6, RELEASE: sent to our address, so it may come through a
    // router, and only ciaddr tells from where. Not from a network with a link of its own here: its
    // clients are neighbours, and whoever speaks for them elsewhere is not one of them. Any other
    // type is for neighbours.
    const auto type = request.message().type();
    const NetworkIndex of_client = plan.network_containing(ciaddr);
    if (of_client != no_index && (type == MessageType::request || type == MessageType::release)) {
      if (plan.network(of_client).has_link && of_client != ingress.network)
        return {no_index, Drop::off_link};
      return {of_client};
    }
  }
  return {ingress.network};
}

}  // namespace berth::dhcp
