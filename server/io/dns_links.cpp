#include "server/io/dns_links.hpp"

#include <algorithm>
#include <utility>

namespace berth::io {

void DnsLinks::add(net::Ipv4Address address, std::uint32_t interface) {
  remove(address);
  links_.push_back({.address = address, .interface = interface, .network = network_at(address)});
}

void DnsLinks::set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept {
  if (Link* const link = find(address)) link->interface = interface;
}

void DnsLinks::remove(net::Ipv4Address address) noexcept {
  std::erase_if(links_, [&](const Link& link) { return link.address == address; });
}

void DnsLinks::replace_zones(std::shared_ptr<const dns::Zones> zones) noexcept {
  zones_ = std::move(zones);
  for (Link& link : links_) link.network = network_at(link.address);
}

// One link may carry several networks; the source tells which of them the client is of.
dns::NetworkIndex DnsLinks::network_on(std::uint32_t interface,
                                       net::Ipv4Address source) const noexcept {
  const auto found = std::ranges::find_if(
      links_, [&](const Link& link) { return link.interface == interface && is_on(link, source); });
  return found == links_.end() ? routed_network_of(source) : found->network;
}

dns::NetworkIndex DnsLinks::network_of(net::Ipv4Address source) const noexcept {
  const auto found =
      std::ranges::find_if(links_, [&](const Link& link) { return is_on(link, source); });
  return found == links_.end() ? routed_network_of(source) : found->network;
}

dns::NetworkIndex DnsLinks::routed_network_of(net::Ipv4Address source) const noexcept {
  const auto& networks = zones_->networks();
  const auto found = std::ranges::find_if(networks, [&](const dns::Zones::Network& network) {
    return !network.has_link() && network.subnet.contains(source) &&
           std::ranges::any_of(links_, [&](const Link& link) {
             return link.interface != 0 && link.address == network.address;
           });
  });
  if (found == networks.end()) return dns::no_network;
  return static_cast<dns::NetworkIndex>(found - networks.begin());
}

// By the address: Linux reports the interface that carries it, not the loopback, and takes such a
// source from nowhere but the host itself (no martians). That holds only while the address is on
// the machine: whoever forges it until then is answered by the default route.
bool DnsLinks::is_host(net::Ipv4Address source) const noexcept {
  return source.is_loopback() || std::ranges::any_of(links_, [&](const Link& link) {
           return link.interface != 0 && link.address == source;
         });
}

DnsLinks::Link* DnsLinks::find(net::Ipv4Address address) noexcept {
  const auto found = std::ranges::find(links_, address, &Link::address);
  return found == links_.end() ? nullptr : &*found;
}

dns::NetworkIndex DnsLinks::network_at(net::Ipv4Address ours) const noexcept {
  const auto& networks = zones_->networks();
  const auto found = std::ranges::find_if(networks, [&](const dns::Zones::Network& network) {
    return network.has_link() && network.address == ours;
  });
  if (found == networks.end()) return dns::no_network;
  return static_cast<dns::NetworkIndex>(found - networks.begin());
}

bool DnsLinks::is_on(const Link& link, net::Ipv4Address source) const noexcept {
  return link.interface != 0 && link.network != dns::no_network &&
         zones_->networks()[link.network].subnet.contains(source);
}

}  // namespace berth::io
