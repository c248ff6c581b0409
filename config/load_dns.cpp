// `dns:`, and the form of what is not acted on yet.
#include <string>

#include "config/draft.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

namespace berth::config {
namespace {

constexpr std::uint16_t dns_server_port = dns::dns_port;
constexpr std::uint32_t max_cache_entries = 10'000'000;
constexpr std::uint32_t max_workers = 64;

void check_servers(const Place& place, Report& report) {
  for_each_item(place, [&](const Place& item) { server_at(item, dns_server_port, report); });
}

void check_forward(const Place& place, Report& report) {
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    name_of(name.text(), dns::Name(), name.where(), entry, report);
    check_servers(entry, report);
  });
}

void check_cache(const Place& place, Report& report) {
  if (!is_word(place, "off")) number_at(place, 0, max_cache_entries, report);
}

void check_range(const Place& place, const net::Ipv4Prefix& subnet, Report& report) {
  const auto text = text_at(place, report, "a range such as 100-199");
  if (!text) return;
  const std::size_t dash = text->find('-');
  const auto first = net::parse_host_address(text->substr(0, dash), subnet);
  const auto last = dash == std::string_view::npos
                        ? std::nullopt
                        : net::parse_host_address(text->substr(dash + 1), subnet);
  if (!first || !last)
    return report.error(place, in_quotes(*text) + " is not a range such as 100-199");
  if (*first > *last) return report.error(place, in_quotes(*text) + " ends before it begins");
  if (!subnet.contains(*first) || !subnet.contains(*last))
    report.error(place, in_quotes(*text) + " does not lie within " + net::to_string(subnet));
}

}  // namespace

Dns load_dns(const Place& place, Report& report) {
  Dns dns;
  const Section section(place, "dns", report);
  if (const auto at = section["upstream"]; at && !is_word(*at, "system"))
    check_servers(*at, report);
  if (const auto at = section["forward"]) check_forward(*at, report);
  if (const auto at = section["cache"]) check_cache(*at, report);
  if (const auto at = section["workers"])
    dns.workers =
        static_cast<std::uint16_t>(number_at(*at, 1, max_workers, report).value_or(dns.workers));
  if (const auto at = section["listen"]) check_servers(*at, report);
  if (const auto at = section["refuse"])
    if (const auto index = choice_at(*at, section.choices("refuse"), report))
      dns.refuse = Dns::Refuse{static_cast<std::uint8_t>(*index)};
  if (const auto at = section["rebind-protection"]) boolean_at(*at, report);
  return dns;
}

void check_pool(const Place& place, const net::Ipv4Prefix& subnet, Report& report) {
  if (is_word(place, "none")) return;
  if (place.node.kind() == TreeNode::Kind::text) return check_range(place, subnet, report);
  const Section section(place, "networks.*.pool", report);
  if (!section.is_readable()) return;
  if (const auto at = section["range"])
    check_range(*at, subnet, report);
  else
    report.error(place, "the pool has no `range`");
  if (const auto at = section["lease"]) lease_at(*at, report);
  if (const auto at = section["probe"]) boolean_at(*at, report);
  if (const auto at = section["identity"]) choice_at(*at, section.choices("identity"), report);
}

void check_coexist(const Place& place, Report& report) {
  const Section section(place, "coexist", report);
  if (const auto at = section["dns"]) choice_at(*at, section.choices("dns"), report);
  if (const auto at = section["guard"]) choice_at(*at, section.choices("guard"), report);
}

void check_http(const Place& place, Report& report) {
  if (!is_word(place, "off")) server_at(place, 80, report);
}

}  // namespace berth::config
