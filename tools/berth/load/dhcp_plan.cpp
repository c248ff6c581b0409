#include "tools/berth/load/dhcp_plan.hpp"

#include <algorithm>
#include <map>

namespace berth::load {
namespace {

using dhcp::OptionCode;

void append(std::vector<std::byte>& value, std::uint32_t number) {
  std::array<std::byte, 4> octets{};
  wire::store_u32(octets, 0, number);
  value.insert(value.end(), octets.begin(), octets.end());
}

std::vector<std::byte> value_of(const std::vector<net::Ipv4Address>& addresses) {
  std::vector<std::byte> value;
  for (const net::Ipv4Address& address : addresses) append(value, address.value);
  return value;
}

// What follows from the plan's own keys; empty: nothing to expect.
std::vector<std::byte> computed(const config::Network& network, OptionCode code) {
  std::vector<std::byte> value;
  switch (code) {
    case OptionCode::subnet_mask: append(value, network.subnet.mask().value); break;
    case OptionCode::router: return value_of(network.routers);
    case OptionCode::domain_name_server: return value_of(network.dns_servers);
    default: break;
  }
  return value;
}

// These a server makes of more than one key, or of what the client says.
bool is_made_up(OptionCode code) {
  return code == OptionCode::domain_search || code == OptionCode::classless_static_routes ||
         code == OptionCode::client_fqdn || code == OptionCode::host_name ||
         code == OptionCode::domain_name;
}

const config::Option* find(const std::vector<config::Option>& options, OptionCode code) {
  const auto found = std::ranges::find(options, code, &config::Option::code);
  return found == options.end() ? nullptr : &*found;
}

ExpectedOptions expected_options(const config::Network& network, const config::Host& host,
                                 const std::vector<std::byte>& asked) {
  ExpectedOptions expected;
  std::vector<std::byte> lease;
  append(lease, host.lease.value_or(network.lease).count());
  expected.push_back({OptionCode::ip_address_lease_time, lease});
  for (const std::byte octet : asked) {
    const auto code = static_cast<OptionCode>(octet);
    if (is_made_up(code)) continue;
    const config::Option* written = find(host.options, code);
    if (written == nullptr) written = find(network.options, code);
    if (written != nullptr && written->suppressed) continue;
    std::vector<std::byte> value = written != nullptr ? written->value : computed(network, code);
    if (!value.empty()) expected.push_back({code, std::move(value)});
  }
  return expected;
}

net::MacAddress mac_of(std::uint64_t value) {
  net::MacAddress mac;
  for (std::size_t i = mac.octets.size(); i-- > 0; value >>= 8)
    mac.octets[i] = static_cast<std::byte>(value & 0xff);
  return mac;
}

}  // namespace

void add_hosts(const config::Config& plan, std::string_view network,
               const std::vector<std::byte>& asked, DhcpSettings& settings) {
  for (const config::Network& each : plan.networks) {
    if (!each.dhcp || (!network.empty() && each.key != network)) continue;
    // Hosts without options and lease of their own are told the same.
    const auto common = static_cast<std::uint32_t>(settings.expectations.size());
    settings.expectations.push_back(expected_options(each, {}, asked));
    for (const config::Host& host : each.hosts) {
      if (host.ignore || !host.address || host.macs.empty()) continue;
      Identity identity{.mac = host.macs.front(), .reserved = *host.address};
      identity.expectation = common;
      if (!host.options.empty() || host.lease) {
        identity.expectation = static_cast<std::uint32_t>(settings.expectations.size());
        settings.expectations.push_back(expected_options(each, host, asked));
      }
      settings.clients.push_back(identity);
    }
  }
}

std::optional<std::vector<Identity>> identities(const net::MacAddress& first, std::uint32_t count) {
  constexpr std::uint64_t most = (std::uint64_t{1} << 48) - 1;
  if (most - first.value() < count) return std::nullopt;
  std::vector<Identity> made(count);
  for (std::uint32_t i = 0; i < count; ++i) made[i].mac = mac_of(first.value() + i);
  return made;
}

expected<std::vector<Identity>, std::size_t> parse_identities(std::string_view text) {
  std::vector<Identity> found;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    word = word.substr(0, word.find_first_of(" \t\r,#"));
    if (word.empty()) continue;
    const auto mac = net::MacAddress::parse(word);
    if (!mac || mac->is_group()) return unexpected(line);
    found.push_back({.mac = *mac});
  }
  return found;
}

}  // namespace berth::load
