#include "server/binder/placement.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace berth::binder {
namespace {

using Kind = Placement::Kind;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
  return text;
}

std::string names_of(const std::vector<Carrier>& carriers) {
  std::vector<std::string> names;
  names.reserve(carriers.size());
  for (const Carrier& carrier : carriers) names.push_back(carrier.link.name);
  return joined(names);
}

// Bound, these would take loopback:53, or every address, from whoever else serves there. The
// configuration refuses them already; what a binder opens does not depend on that.
bool can_be_served(net::Ipv4Address address) noexcept {
  return !address.is_loopback() && !address.is_unspecified() && !address.is_multicast() &&
         !address.is_limited_broadcast();
}

Placement place_on_named(const Wanted& wanted, std::vector<Carrier> carriers) {
  const auto named = std::ranges::find(carriers, wanted.interface,
                                       [](const Carrier& carrier) { return carrier.link.name; });
  if (named != carriers.end()) return {Kind::here, std::move(*named), {}};
  const std::string address = net::to_string(wanted.link.address);
  if (carriers.empty())
    return {Kind::absent, {}, "waiting for " + address + " on " + wanted.interface};
  return {Kind::absent,
          {},
          address + " is on " + names_of(carriers) + ", but the configuration names " +
              wanted.interface + ": correct `interface:`, or move the address"};
}

}  // namespace

Placement place(const Wanted& wanted, const LinkTable& links) {
  if (!can_be_served(wanted.link.address))
    return {
        Kind::refused,
        {},
        net::to_string(wanted.link.address) + " is not the address of a link: correct `address:`"};
  std::vector<Carrier> carriers = links.carriers(wanted.link);
  if (!wanted.interface.empty()) return place_on_named(wanted, std::move(carriers));

  const std::string address = net::to_string(wanted.link.address);
  if (carriers.empty())
    return {Kind::absent, {}, "waiting for " + address + ": no interface carries it yet"};
  if (carriers.size() > 1)
    return {Kind::refused,
            {},
            address + " is on " + names_of(carriers) + ": name one of them as `interface:`"};
  const std::string& name = carriers.front().link.name;
  const std::vector<std::string> rivals = links.rivals(wanted.link, carriers.front().link.index);
  if (!rivals.empty())
    return {Kind::refused,
            {},
            net::to_string(net::Ipv4Prefix{wanted.link.network(), wanted.link.length}) + " is on " +
                joined(rivals) + " too: to serve " + name +
                " nevertheless, write `interface: " + name + "`"};
  if (carriers.front().default_route)
    return {Kind::refused,
            {},
            name +
                " carries the machine's default route: to serve it nevertheless, write "
                "`interface: " +
                name + "`"};
  return {Kind::here, std::move(carriers.front()), {}};
}

}  // namespace berth::binder
