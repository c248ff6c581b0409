#include "server/binder/link_table.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace berth::binder {

void LinkTable::set_link(const Link& link) {
  const auto [entry, is_new] = links_.try_emplace(link.index);
  if (is_new) entry->second.incarnation = ++incarnations_;
  entry->second.link = link;
  entry->second.reported = true;
}

void LinkTable::remove_link(std::uint32_t index) {
  links_.erase(index);
  std::erase(default_routes_, index);
}

void LinkTable::add_address(std::uint32_t index, const net::Ipv4Prefix& address) {
  const auto entry = links_.find(index);
  if (entry == links_.end()) return;
  std::vector<net::Ipv4Prefix>& addresses = entry->second.addresses;
  if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
}

void LinkTable::remove_address(std::uint32_t index, const net::Ipv4Prefix& address) {
  const auto entry = links_.find(index);
  if (entry != links_.end()) std::erase(entry->second.addresses, address);
}

void LinkTable::set_link_local(std::uint32_t index, const net::Ipv6Address& address) {
  const auto entry = links_.find(index);
  if (entry != links_.end() && !entry->second.link_local) entry->second.link_local = address;
}

void LinkTable::set_default_routes(std::vector<std::uint32_t> indexes) {
  std::ranges::sort(indexes);
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  default_routes_ = std::move(indexes);
}

bool LinkTable::carries_default_route(std::uint32_t index) const noexcept {
  return std::ranges::binary_search(default_routes_, index);
}

void LinkTable::begin_refresh() {
  for (auto& [index, entry] : links_) {
    entry.reported = false;
    entry.addresses.clear();
    entry.link_local.reset();
  }
}

void LinkTable::end_refresh() {
  std::erase_if(links_, [](const auto& link) { return !link.second.reported; });
}

std::vector<Carrier> LinkTable::carriers(const net::Ipv4Prefix& wanted) const {
  std::vector<Carrier> found;
  for (const auto& [index, entry] : links_) {
    auto address = std::ranges::find(entry.addresses, wanted);
    if (address == entry.addresses.end())
      address = std::ranges::find(entry.addresses, wanted.address, &net::Ipv4Prefix::address);
    if (address == entry.addresses.end()) continue;
    found.push_back(
        {entry.link, *address, entry.incarnation, carries_default_route(index), entry.link_local});
  }
  return found;
}

std::vector<std::string> LinkTable::rivals(const net::Ipv4Prefix& subnet,
                                           std::uint32_t but_for) const {
  const auto is_of_the_subnet = [&subnet](const net::Ipv4Prefix& address) {
    return address.length == subnet.length && subnet.contains(address.address);
  };
  std::vector<std::string> names;
  for (const auto& [index, entry] : links_)
    if (index != but_for && std::ranges::any_of(entry.addresses, is_of_the_subnet))
      names.push_back(entry.link.name);
  return names;
}

std::vector<std::string> LinkTable::vmnet_bridges() const {
  constexpr std::string_view first = "bridge100";
  std::vector<std::string> names;
  for (const auto& [index, entry] : links_)
    if (entry.link.name.starts_with("bridge1") && entry.link.name.size() >= first.size() &&
        !entry.addresses.empty())
      names.push_back(entry.link.name);
  return names;
}

}  // namespace berth::binder
