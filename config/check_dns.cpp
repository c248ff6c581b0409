// What `dns:` may say only beside the networks: whom we ask must not be us, and no two sockets of
// ours may want the same.
#include <algorithm>
#include <string>
#include <vector>

#include "config/check.hpp"
#include "config/lookup.hpp"

namespace berth::config {
namespace {

// The network that serves DNS there, if one does.
const Network* network_at(const net::SocketAddress& server, const Config& config) noexcept {
  const auto found = std::ranges::find_if(config.networks, [&](const Network& network) {
    return network.has_link() && network.dns &&
           server == net::SocketAddress{network.address, {}, config.dns_port};
  });
  return found == config.networks.end() ? nullptr : &*found;
}

// Calls visit(place, server) for each server of a list that could be read.
template <class Visit>
void for_each_server(const Place& list, Visit visit) {
  for_each_item(list, [&](const Place& item) {
    if (item.node.kind() != TreeNode::Kind::text) return;
    if (const auto server = net::SocketAddress::parse(item.node.text(), dns::dns_port))
      visit(item, *server);
  });
}

void check_servers(const Place& list, const Config& config, Report& report) {
  for_each_server(list, [&](const Place& place, const net::SocketAddress& server) {
    const std::string text = net::to_string(server, dns::dns_port);
    if (const Network* const network = network_at(server, config))
      report.error(place, text + " is our own address, of network " + network->key +
                              ": what we ask would come back to us");
    else if (std::ranges::find(config.dns.listen, server) != config.dns.listen.end())
      report.error(place, text + " is one of `listen`: what we ask would come back to us");
  });
}

void check_forward(const Place& map, const Config& config, Report& report) {
  TreeNode name = map.node.first();
  for (std::size_t left = map.node.size(); left > 0; --left) {
    const Place entry = map.entry(name, name.next());
    check_servers(entry, config, report);
    const auto domain = dns::Name::parse(name.text());
    if (name.kind() == TreeNode::Kind::text && domain) {
      const auto owner = std::ranges::find(config.networks, *domain, &Network::domain);
      if (owner != config.networks.end())
        report.error_at(name.where(), entry,
                        domain->to_string() + " is the domain of network " + owner->key +
                            ", whose names are answered here; a part of it may go elsewhere");
    }
    if (left > 1) name = name.next().next();
  }
}

void check_count(const Place& place, const Dns& dns, Report& report) {
  std::vector<net::SocketAddress> servers =
      dns.upstream.value_or(std::vector<net::SocketAddress>());
  for (const Forward& forward : dns.forward)
    for (const net::SocketAddress& server : forward.servers)
      if (std::ranges::find(servers, server) == servers.end()) servers.push_back(server);
  if (servers.size() > max_servers)
    report.error(place, "`upstream` and `forward` name " + std::to_string(servers.size()) +
                            " servers; " + std::to_string(max_servers) + " are the most");
}

void check_listen(const Place& list, const Config& config, Report& report) {
  for_each_item(list, [&](const Place& place) {
    if (place.node.kind() != TreeNode::Kind::text) return;
    const auto server = net::SocketAddress::parse(place.node.text(), usual_listen_port);
    if (!server) return;
    if (server->port == dns::dns_port && net::is_loopback(server->address))
      report.error(place,
                   "port 53 of the loopback is for the system's own resolver: choose another",
                   net::to_string({server->address, {}, usual_listen_port}));
    else if (const Network* const network = network_at(*server, config))
      report.error(place, net::to_string(*server) +
                              " is served already, as the address of network " + network->key);
  });
}

}  // namespace

void check_dns(const Place& dns, const Config& config, Report& report) {
  if (const auto at = child(dns, "upstream")) check_servers(*at, config, report);
  if (const auto at = child(dns, "forward"); at && at->node.kind() == TreeNode::Kind::map)
    check_forward(*at, config, report);
  check_count(dns, config.dns, report);
  if (const auto at = child(dns, "listen")) check_listen(*at, config, report);
}

}  // namespace berth::config
