#include "server/dhcp/network_builder.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "protocol/dhcp/types.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"

namespace berth::dhcp {
namespace {

using Options = std::vector<config::Option>;

void append(std::vector<std::byte>& out, wire::Bytes octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

std::vector<std::byte> octets_of(wire::Bytes octets) {
  std::vector<std::byte> out(octets.size());
  wire::copy(octets, out);
  return out;
}

std::vector<std::byte> octets_of(std::span<const net::Ipv4Address> addresses) {
  std::vector<std::byte> out(addresses.size() * 4);
  for (std::size_t i = 0; i < addresses.size(); ++i)
    wire::store_u32(out, i * 4, addresses[i].value);
  return out;
}

std::vector<std::byte> octets_of(net::Ipv4Address address) {
  return octets_of(std::span(&address, 1));
}

// Replaces or adds. An option without a value is no option.
void set(Options& options, config::Option option) {
  const auto at = std::ranges::lower_bound(options, option.code, {}, &config::Option::code);
  if (at != options.end() && at->code == option.code) {
    *at = std::move(option);
  } else {
    options.insert(at, std::move(option));
  }
}

void set_unless_empty(Options& options, OptionCode code, std::vector<std::byte> value) {
  if (!value.empty()) set(options, {code, false, std::move(value)});
}

bool names(const Options& options, OptionCode code) {
  return std::ranges::binary_search(options, code, {}, &config::Option::code);
}

// As option 15 has it (RFC 2132 3.17).
std::string domain_text(const dns::Name& domain) {
  std::string text = domain.to_string();
  text.pop_back();
  return text;
}

// What follows from the network itself; 12 is the host's and 51, 58, 59 go by its lease.
Options computed_options(const config::Network& network) {
  Options options;
  set_unless_empty(options, OptionCode::subnet_mask, octets_of(network.subnet.mask()));
  set_unless_empty(options, OptionCode::router, octets_of(network.routers));
  set_unless_empty(options, OptionCode::domain_name_server, octets_of(network.dns_servers));
  set_unless_empty(options, OptionCode::broadcast_address, octets_of(network.subnet.broadcast()));
  set_unless_empty(options, OptionCode::domain_name,
                   octets_of(wire::bytes_of(domain_text(network.domain))));
  set_unless_empty(options, OptionCode::domain_search, octets_of(network.domain.wire()));
  return options;
}

void set_boot(Options& options, const config::Boot& boot) {
  if (boot.server) {
    net::Ipv4Text text;
    set_unless_empty(options, OptionCode::tftp_server_name,
                     octets_of(wire::bytes_of(net::format(*boot.server, text))));
  }
  set_unless_empty(options, OptionCode::bootfile_name, octets_of(wire::bytes_of(boot.file)));
}

Profile make_profile(Options options, const config::Host* host) {
  net::Ipv4Address next_server;
  std::string boot_file;
  if (host != nullptr) {
    if (host->boot) {
      set_boot(options, *host->boot);
      next_server = host->boot->server.value_or(net::Ipv4Address::any());
      // The field holds a terminating zero (RFC 2131 section 2).
      if (host->boot->file.size() < field::file_size) boot_file = host->boot->file;
    }
    for (const config::Option& option : host->options) set(options, option);
  }
  const bool plan_host_name = !names(options, OptionCode::host_name);
  if (plan_host_name) set(options, {OptionCode::host_name, false, {}});
  return {StoredOptions(options), plan_host_name, next_server, std::move(boot_file)};
}

// Equal keys mean equal profiles.
std::string settings_key(const config::Host& host) {
  std::string key;
  const auto append_sized = [&key](wire::Bytes octets) {
    key += std::to_string(octets.size());
    key += ':';
    key += wire::text_of(octets);
  };
  if (host.boot) {
    append_sized(octets_of(host.boot->server.value_or(net::Ipv4Address::any())));
    append_sized(wire::bytes_of(host.boot->file));
  }
  for (const config::Option& option : host.options) {
    key += static_cast<char>(option.code);
    key += option.suppressed ? '-' : '+';
    append_sized(option.value);
  }
  return key;
}

void set_name(Network& network, Host& host, std::string_view name) {
  assert(name.size() <= 63);
  std::vector<std::byte> encoded{std::byte{static_cast<std::uint8_t>(OptionCode::host_name)},
                                 std::byte{static_cast<std::uint8_t>(name.size())}};
  append(encoded, wire::bytes_of(name));
  if (encoded.size() <= host.short_name.size()) {
    wire::copy(encoded, host.short_name);
  } else {
    host.long_name = static_cast<std::uint32_t>(network.long_names.size());
    append(network.long_names, encoded);
  }
}

void add_hosts(Network& network, const config::Network& configured, const Options& options) {
  std::map<std::string, std::uint32_t> profiles{{"", 0}};
  network.hosts.reserve(configured.hosts.size() + 1);
  for (const config::Host& host : configured.hosts) {
    const auto [profile, is_new] = profiles.try_emplace(
        settings_key(host), static_cast<std::uint32_t>(network.profiles.size()));
    if (is_new) network.profiles.push_back(make_profile(options, &host));

    Host& added = network.hosts.emplace_back();
    added.address = host.address.value_or(net::Ipv4Address::any());
    added.lease = host.lease.value_or(configured.lease).count();
    added.profile = profile->second;
    added.first_mac = static_cast<std::uint32_t>(network.macs.size());
    added.ignore = host.ignore;
    set_name(network, added, host.name);
    network.macs.insert(network.macs.end(), host.macs.begin(), host.macs.end());
  }
  Host fence;
  fence.first_mac = static_cast<std::uint32_t>(network.macs.size());
  network.hosts.push_back(fence);
  network.profiles.shrink_to_fit();
  network.long_names.shrink_to_fit();
  network.macs.shrink_to_fit();
}

// All that the plan gives to somebody, descending.
std::vector<net::Ipv4Address> addresses_given_away(const config::Network& network) {
  std::vector<net::Ipv4Address> given{network.address};
  const auto add = [&given](const std::vector<net::Ipv4Address>& some) {
    given.insert(given.end(), some.begin(), some.end());
  };
  add(network.routers);
  add(network.dns_servers);
  for (const config::Host& host : network.hosts)
    if (host.address) given.push_back(*host.address);
  for (const config::NameEntry& name : network.names) add(name.addresses);
  for (const config::Record& record : network.records)
    if (record.type == dns::RrType::a) given.push_back({wire::load_u32(record.rdata, 0)});
  std::ranges::sort(given, std::ranges::greater{});
  return given;
}

// The highest, which other servers give last.
std::optional<net::Ipv4Address> spare_address(const config::Network& network) {
  std::uint32_t spare = network.subnet.broadcast().value - 1;
  for (const net::Ipv4Address given : addresses_given_away(network))
    if (given.value == spare) --spare;
  if (spare <= network.subnet.network().value) return std::nullopt;
  return net::Ipv4Address{spare};
}

}  // namespace

Network build_network(const config::Network& configured) {
  Options options = computed_options(configured);
  for (const config::Option& option : configured.options) set(options, option);

  Network network;
  network.key = configured.key;
  network.subnet = configured.subnet;
  network.address = configured.address;
  network.server_id = configured.server_id.value_or(configured.address);
  if (!configured.server_id) network.second_id = spare_address(configured);
  network.authoritative = configured.authoritative;
  network.dhcp = configured.dhcp;
  network.has_link = configured.attachment != config::Network::Attachment::none;
  network.relays = configured.relays;
  network.domain = domain_text(configured.domain);
  network.profiles.push_back(make_profile(options, nullptr));
  add_hosts(network, configured, options);
  return network;
}

}  // namespace berth::dhcp
