#include "config/check.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/lookup.hpp"
#include "protocol/net/mac.hpp"

namespace berth::config {
namespace {

// That a host has a value which no other may have.
template <class Value>
struct Claim {
  Value value;
  std::uint32_t host;

  auto operator<=>(const Claim&) const = default;
};

// Calls visit(first, other) for each claim to a value that a host before it in the file has.
template <class Value, class Visit>
void for_each_contested(std::vector<Claim<Value>> claims, Visit visit) {
  std::ranges::sort(claims);
  for_each_repeated(
      claims, [](const Claim<Value>& claim) { return claim.value; }, visit);
}

// "worker0, line 12"
std::string describe(const Draft& draft, std::uint32_t host) {
  return draft.network.hosts[host].name + ", " + line_of(draft.hosts[host].where());
}

void check_macs(const Draft& draft, Report& report) {
  using MacClaim = Claim<std::uint64_t>;
  const auto& hosts = draft.network.hosts;
  std::vector<MacClaim> claims;
  claims.reserve(hosts.size());
  for (std::uint32_t host = 0; host < hosts.size(); ++host)
    for (const net::MacAddress& mac : hosts[host].macs) claims.push_back({mac.value(), host});
  for_each_contested(std::move(claims), [&](const MacClaim& first, const MacClaim& other) {
    const auto is_it = [&](std::string_view text) {
      const auto mac = net::MacAddress::parse(text);
      return mac && mac->value() == other.value;
    };
    visit_host_item(draft, other.host, "mac", is_it, [&](const Place& place) {
      report.error(place, in_quotes(place.node.text()) +
                              (first.host == other.host
                                   ? " is listed twice"
                                   : " is also the MAC of " + describe(draft, first.host)));
    });
  });
}

void check_addresses(const Draft& draft, Report& report) {
  using AddressClaim = Claim<net::Ipv4Address>;
  const auto& hosts = draft.network.hosts;
  std::vector<AddressClaim> claims;
  claims.reserve(hosts.size());
  for (std::uint32_t host = 0; host < hosts.size(); ++host)
    if (hosts[host].address) claims.push_back({*hosts[host].address, host});
  for_each_contested(std::move(claims), [&](const AddressClaim& first, const AddressClaim& other) {
    visit_host_key(draft, other.host, "address", [&](const Place& place) {
      report.error(place, net::to_string(other.value) + " is also the address of " +
                              describe(draft, first.host));
    });
  });
}

void check_subnets(std::span<const Draft> drafts, Report& report) {
  std::vector<const Draft*> by_start;
  for (const Draft& draft : drafts)
    if (draft.has_subnet) by_start.push_back(&draft);
  std::ranges::stable_sort(by_start, {}, [](const Draft* draft) { return draft->network.subnet; });
  // Prefixes lie apart or within one another, so the last one that is not inside another is the
  // only one that can hold the next.
  const Draft* around = nullptr;
  for (const Draft* const draft : by_start) {
    if (around == nullptr || !around->network.subnet.overlaps(draft->network.subnet)) {
      around = draft;
      continue;
    }
    const bool in_order = around->place.node.where() < draft->place.node.where();
    const Draft& earlier = in_order ? *around : *draft;
    const Draft& later = in_order ? *draft : *around;
    report.error(*child(later.place, "subnet"),
                 net::to_string(later.network.subnet) + " overlaps " +
                     net::to_string(earlier.network.subnet) + " of network " + earlier.network.key +
                     ", " + line_of(child(earlier.place, "subnet")->node.where()));
  }
}

// Renewals go to the server identifier by unicast, so a network without a link has to name an
// address at which we really are.
void check_relayed(const Draft& draft, std::span<const Network* const> linked, Report& report) {
  const auto at = child(draft.place, "address");
  const std::string nearest = linked.empty() ? "" : net::to_string(linked.front()->address);
  if (!at)
    return report.error(draft.place,
                        "a network without a link needs `address:`, that of a network with one, at "
                        "which its clients reach us",
                        nearest.empty() ? "" : "address: " + nearest);
  const net::Ipv4Address address = draft.network.address;
  if (address.is_unspecified() || linked.empty()) return;  // what is wrong is reported already
  const auto holder = std::ranges::lower_bound(linked, address, {}, &Network::address);
  if (holder == linked.end() || (*holder)->address != address)
    report.error(*at,
                 net::to_string(address) +
                     " is not ours: without a link of its own, a network's address is that of a "
                     "network that has one, at which its clients reach us",
                 nearest);
  else if (draft.network.dhcp && !(*holder)->dhcp)
    report.error(*at, net::to_string(address) + " hears no relay: network " + (*holder)->key +
                          " has `dhcp: off`");
}

// Networks without a link get no socket of their own, so one with a link there must be.
void check_links(std::span<const Draft> drafts, Report& report) {
  const auto has_link = [](const Draft& draft) { return draft.network.has_link(); };
  if (drafts.empty()) return;
  if (std::ranges::none_of(drafts, has_link))
    return report.error(
        *child(drafts.front().place, "interface"),
        "no network has a link, so berthd would listen nowhere; relayed clients reach us at the "
        "address of a network that has one: write `auto` or an interface's name, or add the "
        "network of the link on which the relays' requests come in");

  std::vector<const Network*> linked;
  bool are_known = true;  // else we cannot tell which addresses are ours
  for (const Draft& draft : drafts) {
    if (!draft.network.has_link()) continue;
    linked.push_back(&draft.network);
    are_known = are_known && draft.has_subnet;
  }
  if (!are_known) linked.clear();
  std::ranges::sort(linked, {}, &Network::address);
  for (const Draft& draft : drafts)
    if (!draft.network.has_link()) check_relayed(draft, linked, report);
}

}  // namespace

void check(std::span<const Draft> drafts, Report& report) {
  check_subnets(drafts, report);
  check_links(drafts, report);
  for (const Draft& draft : drafts) {
    check_macs(draft, report);
    check_addresses(draft, report);
  }
  check_names(drafts, report);
}

}  // namespace berth::config
