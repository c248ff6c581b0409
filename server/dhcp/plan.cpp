#include "server/dhcp/plan.hpp"

#include <algorithm>
#include <numeric>

#include "server/dhcp/network_builder.hpp"

namespace berth::dhcp {
namespace {

const Network* find_network(const Plan& plan, std::string_view key) {
  const auto found = std::ranges::find(plan.networks(), key, &Network::key);
  return found == plan.networks().end() ? nullptr : &*found;
}

// The host of `before` that has one of these MACs and this address.
const Host* find_host(const Network* before, std::span<const net::MacAddress> macs,
                      net::Ipv4Address address) {
  if (before == nullptr) return nullptr;
  for (const net::MacAddress& mac : macs) {
    const HostIndex host = before->leases.find(mac).host;
    if (host != no_index && before->hosts[host].address == address) return &before->hosts[host];
  }
  return nullptr;
}

LeaseTable lease_table_of(const Network& network) {
  std::vector<LeaseTable::Entry> entries;
  entries.reserve(network.macs.size());
  for (HostIndex i = 0; i < network.host_count(); ++i)
    for (const net::MacAddress& mac : network.macs_of(i))
      entries.push_back({mac, i, network.hosts[i].slot.number});
  return LeaseTable(entries);
}

}  // namespace

Plan::Plan(const config::Config& config, const Plan* previous) {
  networks_.reserve(config.networks.size());
  for (const config::Network& network : config.networks)
    networks_.push_back(build_network(network));

  by_subnet_.resize(networks_.size());
  std::iota(by_subnet_.begin(), by_subnet_.end(), NetworkIndex{0});
  std::ranges::sort(by_subnet_, {},
                    [this](NetworkIndex index) { return networks_[index].subnet.network(); });
  assign_slots(previous);
  for (Network& network : networks_) network.leases = lease_table_of(network);
}

// First the hosts that stay keep their slots, then the others fill what is free from the front.
void Plan::assign_slots(const Plan* previous) {
  last_tenant_ = previous == nullptr ? 0 : previous->last_tenant_;
  std::vector<bool> taken(previous == nullptr ? 0 : previous->bindings_->size());
  std::vector<Host*> newcomers;
  for (Network& network : networks_) {
    const Network* before = previous == nullptr ? nullptr : find_network(*previous, network.key);
    for (HostIndex i = 0; i < network.host_count(); ++i) {
      Host& host = network.hosts[i];
      const Host* same = find_host(before, network.macs_of(i), host.address);
      if (same != nullptr && !taken[same->slot.number]) {
        host.slot = same->slot;
        taken[host.slot.number] = true;
      } else {
        newcomers.push_back(&host);
      }
    }
  }

  auto free_slot = taken.begin();
  for (Host* host : newcomers) {
    free_slot = std::find(free_slot, taken.end(), false);
    host->slot = {static_cast<std::uint32_t>(free_slot - taken.begin()), ++last_tenant_};
    if (free_slot != taken.end()) {
      *free_slot = true;
    } else {
      taken.push_back(true);
      free_slot = taken.end();
    }
  }
  const auto past_last = std::find(taken.rbegin(), taken.rend(), true).base();
  bindings_ = std::make_unique<Bindings>(static_cast<std::uint32_t>(past_last - taken.begin()),
                                         previous == nullptr ? nullptr : previous->bindings_.get());
}

std::string_view Plan::network_key(NetworkIndex index) const noexcept {
  if (index >= networks_.size()) return {};
  return networks_[index].key;
}

std::string_view Plan::host_name(NetworkIndex index, HostIndex host) const noexcept {
  if (index >= networks_.size() || host >= networks_[index].host_count()) return {};
  return networks_[index].host_name(host);
}

NetworkIndex Plan::network_at(net::Ipv4Address our_address) const noexcept {
  const NetworkIndex index = network_containing(our_address);
  return index != no_index && networks_[index].address == our_address ? index : no_index;
}

NetworkIndex Plan::network_containing(net::Ipv4Address address) const noexcept {
  const auto after = std::ranges::upper_bound(by_subnet_, address, {}, [this](NetworkIndex index) {
    return networks_[index].subnet.network();
  });
  if (after == by_subnet_.begin()) return no_index;
  const NetworkIndex index = *std::prev(after);
  return networks_[index].subnet.contains(address) ? index : no_index;
}

NetworkIndex Plan::network_relayed_by(net::Ipv4Address giaddr) const noexcept {
  NetworkIndex best = no_index;
  int best_length = -1;
  for (NetworkIndex index = 0; index < networks_.size(); ++index) {
    for (const net::Ipv4Prefix& relay : networks_[index].relays) {
      if (!relay.contains(giaddr) || relay.length <= best_length) continue;
      best = index;
      best_length = relay.length;
    }
  }
  return best;
}

}  // namespace berth::dhcp
