#include "server/io/snapshot.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "config/version.hpp"

namespace berth::io {
namespace {

// How long macOS's DNS proxy may take to start before us.
std::chrono::milliseconds grace_of(const config::Coexist& coexist) {
  constexpr std::chrono::milliseconds enough{1000};
  return coexist.dns == config::Coexist::Dns::coexist ? enough : std::chrono::milliseconds{0};
}

dns::Identity identity() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) name.front() = '\0';
  return {.version = "berthd " + std::string(berth::version), .host = name.data()};
}

std::vector<binder::Wanted> wanted_endpoints(const config::Config& config, const dhcp::Plan& plan) {
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
        .dns_sockets = config.dns.workers,
        .grace = grace_of(config.coexist),
        .guard = config.coexist.guard == config::Coexist::Guard::always,
        .server_id = network.server_id,
        .second_id = plan.network(plan.network_at(network.address)).second_id,
    });
  }
  return endpoints;
}

}  // namespace

Snapshot make_snapshot(const config::Config& config, const dhcp::Plan* previous) {
  auto plan = std::make_shared<const dhcp::Plan>(config, previous);
  auto endpoints = wanted_endpoints(config, *plan);
  return {.plan = std::move(plan),
          .zones = std::make_shared<const dns::Zones>(config, identity()),
          .upstreams = Upstreams::none(),
          .forward = forward_plan(config),
          .endpoints = std::move(endpoints),
          .dns_workers = config.dns.workers};
}

}  // namespace berth::io
