// Whose a query is, by its source and by what the binder says of our addresses: the same for UDP
// and TCP. An address that we listen on need not be on the machine; while it is not, it tells
// nothing about who has it. Not shared between threads.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/dns/zones.hpp"

namespace berth::io {

class DnsLinks {
 public:
  explicit DnsLinks(std::shared_ptr<const dns::Zones> zones) noexcept : zones_(std::move(zones)) {}

  // We listen on `address`, which `interface` carries; 0: none does.
  void add(net::Ipv4Address address, std::uint32_t interface);
  // Does nothing for an address that was not added.
  void set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept;
  void remove(net::Ipv4Address address) noexcept;
  void replace_zones(std::shared_ptr<const dns::Zones> zones) noexcept;

  // The network on `interface` that a client with this address is of.
  dns::NetworkIndex network_on(std::uint32_t interface, net::Ipv4Address source) const noexcept;
  // The same for who completed a handshake, and so is where the routes to its address lead: on the
  // link of that network, if it is on any.
  dns::NetworkIndex network_of(net::Ipv4Address source) const noexcept;
  // The network on the link where `ours` is our address.
  dns::NetworkIndex network_at(net::Ipv4Address ours) const noexcept;
  // Whether nobody but this machine can have sent from there.
  bool is_host(net::Ipv4Address source) const noexcept;

 private:
  struct Link {
    net::Ipv4Address address;  // ours
    std::uint32_t interface = 0;
    dns::NetworkIndex network = dns::no_network;
  };

  Link* find(net::Ipv4Address address) noexcept;
  // A network without a link of ours, whose clients come through routers, and so by any link, to an
  // address of another network's.
  dns::NetworkIndex routed_network_of(net::Ipv4Address source) const noexcept;
  bool is_on(const Link& link, net::Ipv4Address source) const noexcept;

  std::shared_ptr<const dns::Zones> zones_;
  std::vector<Link> links_;
};

}  // namespace berth::io
