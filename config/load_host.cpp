// The entries of `hosts:`.
#include <algorithm>
#include <string>
#include <utility>

#include "config/draft.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

namespace berth::config {
namespace {

// RFC 2131 2: `file` is 128 octets with a final zero.
constexpr std::size_t max_boot_file = 127;

void load_macs(const Place& place, Host& host, Report& report) {
  if (place.node.kind() == TreeNode::Kind::list && place.node.size() == 0)
    report.error(place, "the list is empty");
  host.macs.reserve(place.node.kind() == TreeNode::Kind::list ? std::min(place.node.size(), max_few)
                                                              : 1);
  for_each_of_few(place, report, [&](const Place& item) {
    const auto mac = mac_at(item, report);
    if (mac) host.macs.push_back(*mac);
  });
}

void load_aliases(const Place& place, Host& host, Report& report) {
  for_each_of_few(place, report, [&](const Place& item) {
    const auto text = text_at(item, report, "a name");
    if (!text) return;
    if (auto label = label_of(*text, item.node.where(), item, report))
      host.aliases.push_back(std::move(*label));
  });
}

void load_boot(const Place& place, const net::Ipv4Prefix& subnet, Host& host, Report& report) {
  const Section section(place, "networks.*.hosts.*.boot", report);
  if (!section.is_readable()) return;
  Boot boot;
  if (const auto at = section["server"]) boot.server = address_at(*at, subnet, report);
  const auto at = section["file"];
  const auto file = at ? text_at(*at, report, "a file's name") : std::nullopt;
  if (!at) report.error(place, "`boot` has no `file`");
  if (file) {
    boot.file = *file;
    if (file->empty() || file->find('\0') != std::string_view::npos)
      report.error(*at, "the boot file's name is empty or holds a zero octet");
    if (file->size() > max_boot_file)
      report.error(*at, "the boot file's name is longer than 127 octets");
  }
  host.boot = std::move(boot);
}

// A host's address must be one that a client can hold beside us.
void check_address(const Place& place, net::Ipv4Address address, const Network& network,
                   Report& report) {
  const auto& subnet = network.subnet;
  const std::string text = net::to_string(address);
  if (!subnet.contains(address))
    report.error(place, text + " lies outside " + net::to_string(subnet));
  else if (address == subnet.network())
    report.error(place, text + " is the subnet itself");
  else if (address == subnet.broadcast())
    report.error(place, text + " is the subnet's broadcast address");
  else if (address == network.address)
    report.error(place, text + " is our own address");
}

// The host as far as its entry alone tells.
void load_host(const Place& place, bool has_pool, const Network& network, Host& host,
               Report& report) {
  const Section section(place, "networks.*.hosts.*", report);
  if (!section.is_readable()) return;
  if (const auto at = section["mac"])
    load_macs(*at, host, report);
  else
    report.error(place, "the host has no `mac`; a name without a machine belongs under `names`");
  const auto address = section["address"];
  if (address) {
    host.address = address_at(*address, network.subnet, report);
    if (host.address) check_address(*address, *host.address, network, report);
  }
  if (const auto at = section["aliases"]) load_aliases(*at, host, report);
  if (const auto at = section["lease"]) host.lease = lease_at(*at, report);
  if (const auto at = section["options"]) host.options = load_options(*at, network.subnet, report);
  if (const auto at = section["boot"]) load_boot(*at, network.subnet, host, report);
  if (const auto at = section["ignore"]) host.ignore = boolean_at(*at, report).value_or(false);
  if (!address && !host.ignore && !has_pool)
    report.error(place, "the host has no `address`, and the network no pool to take one from");
}

}  // namespace

void load_hosts(const Place& place, bool has_pool, Draft& draft, Report& report) {
  if (place.node.kind() == TreeNode::Kind::map) {
    draft.network.hosts.reserve(place.node.size());
    draft.hosts.reserve(place.node.size());
  }
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    auto label = label_of(name.text(), name.where(), entry, report);
    Host host;
    if (label) host.name = std::move(*label);
    load_host(entry, has_pool, draft.network, host, report);
    if (!label) return;
    draft.network.hosts.push_back(std::move(host));
    draft.hosts.push_back(name);
  });
}

}  // namespace berth::config
