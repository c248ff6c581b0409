#include "server/io/upstreams.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "protocol/dns/types.hpp"
#include "server/io/resolv_conf.hpp"

namespace berth::io {
namespace {

// All that one Forwarding names, and those that the one before it did.
static_assert(2 * (config::max_servers + max_host_resolvers) <= dns::max_upstreams);

dns::ForwardingOptions options_of(const config::Dns& dns) {
  dns::ForwardingOptions options;
  options.cache_entries = dns.cache;
  options.rebind_protection = dns.rebind_protection.enabled;
  options.rebind_exceptions = dns.rebind_protection.allow;
  options.filter_aaaa = dns.filter == config::Dns::Filter::aaaa;
  return options;
}

}  // namespace

std::shared_ptr<const Upstreams> Upstreams::none() {
  auto upstreams = std::make_shared<Upstreams>();
  upstreams->forwarding = std::make_shared<const dns::Forwarding>(
      std::vector<dns::Forwarding::Rule>(), std::vector<dns::UpstreamIndex>());
  return upstreams;
}

// A server on the loopback, such as systemd-resolved's stub, asks from whichever of its addresses.
bool Upstreams::are_at(net::Ipv4Address address) const noexcept {
  return std::ranges::any_of(servers, [&](const auto& server) {
    return server && (server->address == net::IpAddress(address) ||
                      (address.is_loopback() && net::is_loopback(server->address)));
  });
}

ForwardPlan forward_plan(const config::Config& config) {
  ForwardPlan plan{config.dns, config.dns.listen};
  for (const config::Network& network : config.networks)
    if (network.has_link() && network.dns)
      plan.ours.push_back({network.address, {}, config.dns_port});
  return plan;
}

dns::UpstreamIndex UpstreamTable::place(const net::SocketAddress& server, Servers& servers,
                                        const Servers& before) {
  if (const auto found = std::ranges::find(servers, server); found != servers.end())
    return static_cast<dns::UpstreamIndex>(found - servers.begin());
  auto at = static_cast<std::size_t>(std::ranges::find(before, server) - before.begin());
  if (at == before.size()) {
    at = 0;
    const auto is_taken = [](const Servers& one, std::size_t index) {
      return index < one.size() && one[index];
    };
    while (is_taken(servers, at) || is_taken(before, at)) ++at;
  }
  assert(at < dns::max_upstreams);
  if (servers.size() <= at) servers.resize(at + 1);
  servers[at] = server;
  return static_cast<dns::UpstreamIndex>(at);
}

std::shared_ptr<const Upstreams> UpstreamTable::make(const ForwardPlan& plan,
                                                     std::span<const net::SocketAddress> host) {
  auto upstreams = std::make_shared<Upstreams>();
  const auto places = [&](std::span<const net::SocketAddress> servers) {
    std::vector<dns::UpstreamIndex> indices;
    for (const net::SocketAddress& server : servers)
      indices.push_back(place(server, upstreams->servers, servers_));
    return indices;
  };
  std::vector<dns::Forwarding::Rule> rules;
  for (const config::Forward& forward : plan.dns.forward)
    rules.push_back({forward.domain, places(forward.servers)});

  upstreams->follows_host = !plan.dns.upstream;
  if (plan.dns.upstream) {
    upstreams->usual = *plan.dns.upstream;
  } else {
    assert(host.size() <= max_host_resolvers);
    std::ranges::copy_if(host, std::back_inserter(upstreams->usual),
                         [&](const net::SocketAddress& server) {
                           return std::ranges::find(plan.ours, server) == plan.ours.end();
                         });
  }
  upstreams->forwarding = std::make_shared<const dns::Forwarding>(
      std::move(rules), places(upstreams->usual), options_of(plan.dns));
  for (const auto& server : upstreams->servers)
    upstreams->names.push_back(server ? net::to_string(*server, dns::dns_port) : std::string());
  servers_ = upstreams->servers;
  return upstreams;
}

}  // namespace berth::io
