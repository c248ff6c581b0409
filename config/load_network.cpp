// One entry of `networks:`.
#include <algorithm>
#include <string>
#include <utility>

#include "config/draft.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

namespace berth::config {
namespace {

// Room for "host." before the domain: 63 letters and their length octet.
constexpr std::size_t max_domain_size = dns::max_name_size - dns::max_label_size - 1;

class NetworkLoader {
 public:
  NetworkLoader(Draft& draft, Report& report)
      : draft_(draft),
        network_(draft.network),
        report_(report),
        section_(draft.place, "networks.*", report) {}

  void load() {
    if (!section_.is_readable()) return;
    subnet();
    interface();
    address();
    domain();
    served_addresses();
    scalars();
    entries();
  }

 private:
  void subnet();
  void interface();
  void address();
  void domain();
  void served_addresses();
  void scalars();
  void entries();
  void relay(const Place& place);
  std::vector<net::Ipv4Address> servers(std::string_view key,
                                        std::vector<net::Ipv4Address> fallback);
  void warn_without_router();

  Draft& draft_;
  Network& network_;
  Report& report_;
  Section section_;
};

void NetworkLoader::subnet() {
  network_.subnet = {net::Ipv4Address::any(), 0};
  const auto at = section_["subnet"];
  if (!at) return report_.error(draft_.place, "the network has no `subnet`");
  const auto prefix = prefix_at(*at, report_);
  if (!prefix) return;
  if (prefix->length < 8 || prefix->length > 30)
    return report_.error(*at, "a subnet must be between /8 and /30");
  if (const auto fault = address_fault(prefix->network()); !fault.empty())
    return report_.error(*at, net::to_string(*prefix) + " lies " + std::string(fault));
  network_.subnet = *prefix;
  draft_.has_subnet = true;
}

void NetworkLoader::interface() {
  const auto at = section_["interface"];
  if (!at) return;
  const auto name = text_at(*at, report_, "an interface's name, auto or none");
  if (!name || *name == "auto") return;
  if (*name == "none") {
    network_.attachment = Network::Attachment::none;
    return;
  }
  // What both systems take: IFNAMSIZ less its final zero, no blank, no slash.
  const bool is_name = !name->empty() && name->size() <= 15 && *name != "." && *name != ".." &&
                       std::ranges::all_of(*name, [](char letter) {
                         return letter > ' ' && letter < 0x7f && letter != '/' && letter != ':';
                       });
  if (!is_name) return report_.error(*at, in_quotes(*name) + " cannot be an interface's name");
  network_.attachment = Network::Attachment::named;
  network_.interface = *name;
}

void NetworkLoader::address() {
  // On no link of ours host 1 is somebody else, the far router perhaps: check() wants it written.
  if (network_.has_link()) network_.address = {network_.subnet.network().value | 1};
  const auto at = section_["address"];
  if (!at) return;
  const auto address = address_at(*at, network_.subnet, report_);
  if (!address) return;
  if (const auto fault = address_fault(*address); !fault.empty())
    return report_.error(*at, net::to_string(*address) + " lies " + std::string(fault));
  network_.address = *address;
  // Without a link of ours there it is another network's, which check() sees to.
  if (!network_.has_link()) return;
  const auto& subnet = network_.subnet;
  if (!subnet.contains(*address))
    report_.error(*at, net::to_string(*address) + " lies outside " + net::to_string(subnet));
  else if (*address == subnet.network() || *address == subnet.broadcast())
    report_.error(*at, net::to_string(*address) + " is the subnet's own or its broadcast address");
}

void NetworkLoader::domain() {
  const auto at = section_["domain"];
  if (!at) {
    if (const auto name = dns::Name::parse(lower_case(network_.key))) network_.domain = *name;
    return;
  }
  const auto text = text_at(*at, report_, "a domain name");
  if (!text) return;
  const auto name = name_of(*text, dns::Name(), at->node.where(), *at, report_);
  if (!name) return;
  if (name->is_root()) return report_.error(*at, "the root is no network's domain");
  if (name->size() > max_domain_size)
    return report_.error(*at, "the domain leaves no room for hosts' names");
  network_.domain = *name;
  if (lower_case(*text) == "local" || lower_case(*text).ends_with(".local"))
    report_.warning(*at, "`.local` belongs to multicast DNS; many clients will not ask us");
}

std::vector<net::Ipv4Address> NetworkLoader::servers(std::string_view key,
                                                     std::vector<net::Ipv4Address> fallback) {
  const auto at = section_[key];
  if (!at) return fallback;
  if (is_word(*at, "none")) return {};
  if (at->node.kind() == TreeNode::Kind::list && at->node.size() == 0)
    report_.error(*at, "the list is empty; write `none` to send no such option");
  return addresses_at(*at, network_.subnet, report_);
}

void NetworkLoader::served_addresses() {
  std::vector<net::Ipv4Address> ours;
  if (!network_.address.is_unspecified()) ours = {network_.address};
  network_.dns_servers = servers("dns-servers", ours);
  // Clients cannot reach a router on another link.
  network_.routers = servers("router", network_.has_link() ? ours : decltype(ours){});
  const bool is_reachable = std::ranges::all_of(
      network_.routers, [&](net::Ipv4Address router) { return network_.subnet.contains(router); });
  if (const auto at = section_["router"]; at && !is_reachable)
    report_.warning(*at, "a router outside " + net::to_string(network_.subnet) +
                             " cannot be reached by clients");
  if (const auto at = section_["server-id"]; at && !is_word(*at, "auto"))
    network_.server_id = address_at(*at, network_.subnet, report_);
}

void NetworkLoader::warn_without_router() {
  const bool is_option = std::ranges::find(network_.options, dhcp::OptionCode::router,
                                           &Option::code) != network_.options.end();
  if (network_.has_link() || section_["router"] || is_option) return;
  report_.warning(draft_.place,
                  "clients behind relays are told no router: write `router:` with the address of "
                  "theirs, or `router: none` if that is meant");
}

void NetworkLoader::scalars() {
  if (const auto at = section_["lease"])
    network_.lease = lease_at(*at, report_).value_or(network_.lease);
  if (const auto at = section_["ttl"])
    network_.ttl = duration_at(*at, {}, report_).value_or(network_.ttl);
  if (const auto at = section_["authoritative"])
    if (const auto index = choice_at(*at, section_.choices("authoritative"), report_))
      network_.authoritative = Authoritative{static_cast<std::uint8_t>(*index)};
  if (const auto at = section_["dhcp"])
    network_.dhcp = boolean_at(*at, report_).value_or(network_.dhcp);
  if (const auto at = section_["dns"])
    network_.dns = boolean_at(*at, report_).value_or(network_.dns);
}

void NetworkLoader::relay(const Place& place) {
  const auto text = text_at(place, report_, "an address or a prefix");
  if (!text) return;
  if (text->find('/') != std::string_view::npos) {
    if (const auto prefix = prefix_at(place, report_)) network_.relays.push_back(*prefix);
  } else if (const auto address = address_at(place, network_.subnet, report_)) {
    network_.relays.push_back({*address, 32});
  }
}

void NetworkLoader::entries() {
  if (const auto at = section_["relays"])
    for_each_item(*at, [&](const Place& item) { relay(item); });
  if (const auto at = section_["options"])
    network_.options = load_options(*at, network_.subnet, report_);
  warn_without_router();
  const auto pool = section_["pool"];
  if (pool) check_pool(*pool, network_.subnet, report_);
  const bool has_pool = pool && !is_word(*pool, "none");
  if (const auto at = section_["hosts"]) load_hosts(*at, has_pool, draft_, report_);
  if (const auto at = section_["names"]) load_names(*at, draft_, report_);
  if (const auto at = section_["records"]) load_records(*at, draft_, report_);
}

}  // namespace

void load_network(Draft& draft, Report& report) { NetworkLoader(draft, report).load(); }

}  // namespace berth::config
