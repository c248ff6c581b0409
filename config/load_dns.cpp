// `dns:`, and the form of what is not acted on yet.
#include <algorithm>
#include <string>
#include <utility>

#include "config/draft.hpp"
#include "config/section.hpp"
#include "config/suggest.hpp"
#include "config/values.hpp"

namespace berth::config {
namespace {

constexpr std::uint16_t dns_server_port = dns::dns_port;
constexpr std::uint32_t max_cache_entries = 10'000'000;

// Why nobody can be asked there, as the end of a sentence; empty when somebody may.
std::string_view server_fault(const net::SocketAddress& server) noexcept {
  if (net::is_unspecified(server.address)) return " is no machine's address";
  if (net::is_multicast(server.address)) return " is for multicast";
  if (const auto* const ipv6 = std::get_if<net::Ipv6Address>(&server.address)) {
    if (ipv6->is_link_local() && server.interface.empty())
      return " is on every link: write which, as in fe80::1%eth0";
  } else if (std::get<net::Ipv4Address>(server.address).value >> 28 == 0xf) {
    return " is no machine's address";
  }
  return {};
}

// One server or a list of them. Those that are none are left out.
std::vector<net::SocketAddress> servers_at(const Place& place, std::uint16_t default_port,
                                           Report& report) {
  std::vector<net::SocketAddress> servers;
  if (place.node.kind() == TreeNode::Kind::list && place.node.size() == 0)
    report.error(place, "the list is empty");
  for_each_of_few(place, report, [&](const Place& item) {
    auto server = server_at(item, default_port, report);
    if (!server) return;
    const std::string text = net::to_string(*server, default_port);
    if (const auto fault = server_fault(*server); !fault.empty())
      return report.error(item, text + std::string(fault));
    if (std::ranges::find(servers, *server) != servers.end())
      return report.error(item, text + " is listed twice");
    servers.push_back(std::move(*server));
  });
  return servers;
}

// The index of the unquoted text among `words`; reports a word that is none of them.
std::optional<std::size_t> word_at(const Place& place, std::string_view words, Report& report,
                                   bool& is_reported) {
  if (place.node.kind() != TreeNode::Kind::text || place.node.is_quoted()) return std::nullopt;
  const std::string_view text = place.node.text();
  std::optional<std::size_t> found;
  std::size_t index = 0;
  Nearest nearest(text);
  for_each_word(words, [&](std::string_view word) {
    if (word == text) found = index;
    nearest.consider(word);
    ++index;
  });
  is_reported = !found && !nearest.best().empty();
  if (is_reported)
    report.error(place, in_quotes(text) + " is not an address, nor one of: " + std::string(words),
                 nearest.best());
  return found;
}

void load_upstream(const Place& place, Dns& dns, Report& report) {
  bool is_reported = false;
  const auto word = word_at(place, "system none", report, is_reported);
  if (word == 0u || is_reported) return;
  dns.upstream.emplace();
  if (!word) dns.upstream = servers_at(place, dns_server_port, report);
}

// Of a rule of `forward`.
std::vector<net::SocketAddress> servers_or_none_at(const Place& place, Report& report) {
  bool is_reported = false;
  const auto word = word_at(place, "none", report, is_reported);
  if (word || is_reported) return {};
  return servers_at(place, dns_server_port, report);
}

void load_forward(const Place& place, Dns& dns, Report& report) {
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    const auto domain = name_of(name.text(), dns::Name(), name.where(), entry, report);
    Forward forward{domain.value_or(dns::Name()), servers_or_none_at(entry, report)};
    if (!domain) return;
    if (domain->label_count() == 0)
      return report.error_at(name.where(), entry, "all names are those of `upstream`", "upstream");
    if (std::ranges::find(dns.forward, *domain, &Forward::domain) != dns.forward.end())
      return report.error_at(name.where(), entry,
                             in_quotes(domain->to_string()) + " is already written above");
    dns.forward.push_back(std::move(forward));
  });
}

void load_listen(const Place& place, Dns& dns, Report& report) {
  bool is_reported = false;
  const auto word = word_at(place, "off on false true", report, is_reported);
  if (is_reported) return;
  if (!word)
    dns.listen = servers_at(place, usual_listen_port, report);
  else if (*word % 2 == 1)
    dns.listen = {{net::Ipv4Address::from_octets(127, 0, 0, 1), {}, usual_listen_port}};
}

void load_rebind_protection(const Place& place, RebindProtection& protection, Report& report) {
  if (place.node.kind() == TreeNode::Kind::text) {
    protection.enabled = boolean_at(place, report).value_or(false);
    return;
  }
  const Section section(place, "dns.rebind-protection", report);
  if (!section.is_readable()) return;
  protection.enabled = true;
  if (const auto at = section["allow"])
    for_each_of_few(*at, report, [&](const Place& item) {
      const auto text = text_at(item, report, "a domain");
      if (!text) return;
      const auto name = name_of(*text, dns::Name(), item.node.where(), item, report);
      if (!name) return;
      if (std::ranges::find(protection.allow, *name) != protection.allow.end())
        return report.error(item, in_quotes(*text) + " is listed twice");
      protection.allow.push_back(*name);
    });
}

void load_cache(const Place& place, Dns& dns, Report& report) {
  dns.cache = is_word(place, "off")
                  ? 0
                  : number_at(place, 0, max_cache_entries, report).value_or(dns.cache);
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
  if (const auto at = section["upstream"]) load_upstream(*at, dns, report);
  if (const auto at = section["forward"]) load_forward(*at, dns, report);
  if (const auto at = section["cache"]) load_cache(*at, dns, report);
  if (const auto at = section["workers"])
    dns.workers =
        static_cast<std::uint16_t>(number_at(*at, 1, max_threads, report).value_or(dns.workers));
  if (const auto at = section["listen"]) load_listen(*at, dns, report);
  if (const auto at = section["refuse"])
    if (const auto index = choice_at(*at, section.choices("refuse"), report))
      dns.refuse = Dns::Refuse{static_cast<std::uint8_t>(*index)};
  if (const auto at = section["rebind-protection"])
    load_rebind_protection(*at, dns.rebind_protection, report);
  if (const auto at = section["filter"])
    if (const auto index = choice_at(*at, section.choices("filter"), report))
      dns.filter = Dns::Filter{static_cast<std::uint8_t>(*index)};
  if (const auto at = section["identity"])
    dns.identity = boolean_at(*at, report).value_or(dns.identity);
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

Coexist load_coexist(const Place& place, Report& report) {
  Coexist coexist;
  const Section section(place, "coexist", report);
  if (const auto at = section["dns"])
    if (const auto index = choice_at(*at, section.choices("dns"), report))
      coexist.dns = Coexist::Dns{static_cast<std::uint8_t>(*index)};
  if (const auto at = section["guard"])
    if (const auto index = choice_at(*at, section.choices("guard"), report))
      coexist.guard = Coexist::Guard{static_cast<std::uint8_t>(*index)};
  return coexist;
}

void check_http(const Place& place, Report& report) {
  if (!is_word(place, "off")) server_at(place, 80, report);
}

}  // namespace berth::config
