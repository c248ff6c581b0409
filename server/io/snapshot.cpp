#include "server/io/snapshot.hpp"

namespace berth::io {
namespace {

std::vector<binder::Wanted> wanted_endpoints(const config::Config& config) {
  std::vector<binder::Wanted> endpoints;
  for (const config::Network& network : config.networks) {
    // Relayed clients reach us at the address of a network that has a link.
    if (!network.has_link()) continue;
    if (!network.dhcp && !network.dns) continue;
    endpoints.push_back({
        .link = {network.address, network.subnet.length},
        .interface = network.interface,
        .dhcp = network.dhcp,
        .dns = network.dns,
        .dhcp_port = config.dhcp_port,
        .dns_port = config.dns_port,
    });
  }
  return endpoints;
}

}  // namespace

Snapshot make_snapshot(const config::Config& config, const dhcp::Plan* previous) {
  return {.plan = std::make_shared<const dhcp::Plan>(config, previous),
          .zones = std::make_shared<const dns::Zones>(config),
          .endpoints = wanted_endpoints(config)};
}

}  // namespace berth::io
