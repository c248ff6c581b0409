#include "server/binder/link_table.hpp"

#include <algorithm>
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
    found.push_back({entry.link, *address, entry.incarnation, carries_default_route(index)});
  }
  return found;
}

}  // namespace berth::binder
