#include "tools/berth/load/dns_plan.hpp"

#include <array>
#include <string>

namespace berth::load {
namespace {

std::vector<std::byte> octets_of(net::Ipv4Address address) {
  std::array<std::byte, 4> octets{};
  wire::store_u32(octets, 0, address.value);
  return {octets.begin(), octets.end()};
}

DnsQuery address_query(const dns::Name& name, net::Ipv4Address address) {
  return {name, dns::RrType::a, octets_of(address)};
}

DnsQuery name_query(net::Ipv4Address address, const dns::Name& name) {
  const wire::Bytes wire = name.wire();
  return {dns::Name::reverse(address.value), dns::RrType::ptr, {wire.begin(), wire.end()}};
}

// The next word of a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<DnsQuery> queries_of(const config::Config& plan, std::string_view network) {
  std::vector<DnsQuery> queries;
  for (const config::Network& each : plan.networks) {
    if (!each.dns || (!network.empty() && each.key != network)) continue;
    for (const config::Host& host : each.hosts) {
      const auto name = dns::Name::parse(host.name, each.domain);
      if (!name || !host.address) continue;
      queries.push_back(address_query(*name, *host.address));
      queries.push_back(name_query(*host.address, *name));
      for (const std::string& alias : host.aliases)
        if (const auto other = dns::Name::parse(alias, each.domain))
          queries.push_back(address_query(*other, *host.address));
    }
    for (const config::NameEntry& name : each.names)
      if (!name.addresses.empty())
        queries.push_back(address_query(name.owner, name.addresses.front()));
  }
  return queries;
}

expected<std::vector<DnsQuery>, std::size_t> parse_queries(std::string_view text) {
  std::vector<DnsQuery> queries;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view name = take_word(line);
    const std::string_view type = take_word(line);
    if (name.empty() || name.starts_with('#') || name.starts_with(';')) continue;
    const auto qname = dns::Name::parse(name);
    const auto qtype = dns::parse_type(type);
    if (!qname || !qtype || !take_word(line).empty()) return unexpected(number);
    queries.push_back({*qname, *qtype, {}});
  }
  return queries;
}

}  // namespace berth::load
