// The entries of `options:`, and what they entail.
#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <string>
#include <utility>

#include "config/draft.hpp"
#include "config/suggest.hpp"
#include "config/values.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::config {
namespace {

using dhcp::OptionCode;
using dhcp::OptionFormat;
using dhcp::OptionInfo;

// More never fits a message beside what must be in it.
constexpr std::size_t max_option_size = 1024;

constexpr std::string_view code_prefix = "code-";

std::optional<OptionCode> code_of(std::string_view digits) noexcept {
  unsigned code = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (failure != std::errc{} || end != digits.data() + digits.size() || digits.starts_with('0') ||
      code < 1 || code > 254)
    return std::nullopt;
  return OptionCode{static_cast<std::uint8_t>(code)};
}

// "code-224": any option by its number, its value in hexadecimal.
std::optional<OptionInfo> raw_option(std::string_view name) noexcept {
  if (!name.starts_with(code_prefix)) return std::nullopt;
  const auto code = code_of(name.substr(code_prefix.size()));
  if (!code) return std::nullopt;
  const OptionInfo* const known = dhcp::find_option(*code);
  return OptionInfo{static_cast<std::uint8_t>(*code), name, OptionFormat::binary,
                    known != nullptr && known->set_by_server};
}

// The one short name beside the table's: what everybody writes.
constexpr std::string_view mtu = "mtu";

std::optional<OptionInfo> resolve(std::string_view name) noexcept {
  const OptionInfo* const known =
      name == mtu ? dhcp::find_option(OptionCode::interface_mtu) : dhcp::find_option(name);
  return known != nullptr ? *known : raw_option(name);
}

std::string suggest_option(std::string_view name) {
  if (const auto other = dhcp::canonical_option_name(name); !other.empty())
    return std::string(other);
  // By its number alone, as in dnsmasq's `dhcp-option=42,…`, or as in "option-42".
  const std::size_t digits = name.find_first_of("123456789");
  const bool is_a_number = digits != name.npos && (digits == 0 || name.starts_with("option"));
  if (const auto code = is_a_number ? code_of(name.substr(digits)) : std::nullopt) {
    const OptionInfo* const known = dhcp::find_option(*code);
    if (known != nullptr) return std::string(known->name);
    return std::string(code_prefix) + std::to_string(static_cast<unsigned>(*code));
  }
  Nearest nearest(name);
  for (const OptionInfo& row : dhcp::option_table()) nearest.consider(row.name);
  return std::string(nearest.best());
}

std::string refusal(const OptionInfo& option) {
  const std::string code = "option " + std::to_string(option.code);
  switch (OptionCode{option.code}) {
    case OptionCode::ip_address_lease_time:
    case OptionCode::renewal_time:
    case OptionCode::rebinding_time: return code + " follows from `lease`";
    case OptionCode::server_identifier: return code + " follows from `server-id`";
    case OptionCode::subnet_mask: return code + " follows from `subnet`";
    default: return code + " is the server's to set";
  }
}

// A value as the items of a list. A map, whose keys and values are joined, is another way to write
// routes and pairs of addresses.
struct Items {
  std::vector<std::string_view> texts;
  std::vector<TreeNode> nodes;  // where each was written
  std::deque<std::string> joined;
  bool complete = true;  // false when something was reported and left out
};

Items items_of(const Place& place, const OptionInfo& option, Report& report) {
  Items items;
  const bool takes_map =
      option.format == OptionFormat::routes || option.format == OptionFormat::ipv4_pairs;
  if (place.node.kind() == TreeNode::Kind::map && takes_map) {
    for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
      const auto value = text_at(entry, report, "an address");
      if (!value) return;
      items.joined.push_back(std::string(name.text()) + ' ' + std::string(*value));
      items.texts.emplace_back(items.joined.back());
      items.nodes.push_back(name);
    });
    items.complete = items.texts.size() == place.node.size();
    return items;
  }
  for_each_item(place, [&](const Place& item) {
    const auto text = text_at(item, report, takes_map ? "a value, a list or a map" : "a value");
    if (!text) return void(items.complete = false);
    items.texts.push_back(*text);
    items.nodes.push_back(item.node);
  });
  if (place.node.kind() == TreeNode::Kind::list && place.node.size() == 0) {
    report.error(place, "the list is empty; write `none` to send no such option");
    items.complete = false;
  }
  return items;
}

std::optional<Option> option_at(const Place& place, const OptionInfo& option,
                                const net::Ipv4Prefix& subnet, Report& report) {
  if (is_word(place, "none")) return Option{OptionCode{option.code}, true, {}};
  const Items items = items_of(place, option, report);
  if (!items.complete) return std::nullopt;
  std::array<std::byte, max_option_size> buffer;
  const auto size = dhcp::encode_option_value(option, items.texts, &subnet, buffer);
  if (size) {
    const auto value = wire::Bytes(buffer).first(*size);
    return Option{OptionCode{option.code}, false, {value.begin(), value.end()}};
  }
  const std::size_t item = size.error().item;
  const bool is_known = item < items.texts.size();
  report.error_at(is_known ? items.nodes[item].where() : place.node.where(), place,
                  (is_known ? in_quotes(items.texts[item]) : std::string("the value")) + ' ' +
                      size.error().reason);
  return std::nullopt;
}

void report_unknown(TreeNode name, const Place& entry, Report& report) {
  report.error_at(name.where(), entry,
                  "there is no such option; one without a name is written as code-224: 0a0b",
                  report.is_full() ? "" : suggest_option(name.text()));
}

// Where an option belongs among those before it, or where it already is.
auto find_code(std::vector<Option>& options, OptionCode code) {
  return std::ranges::lower_bound(options, code, {}, &Option::code);
}

const Option* find(const std::vector<Option>& options, OptionCode code) noexcept {
  const auto found = std::ranges::lower_bound(options, code, {}, &Option::code);
  return found != options.end() && found->code == code ? &*found : nullptr;
}

// RFC 3442: descriptors of a width and the significant octets of a destination, and a router. True
// of well-formed routes without one to 0.0.0.0/0; what `code-121` sets otherwise is left alone.
bool lacks_default_route(wire::Bytes routes) noexcept {
  while (!routes.empty()) {
    const std::size_t width = wire::load_u8(routes, 0);
    const std::size_t size = 1 + (width + 7) / 8 + 4;
    if (width == 0 || width > 32 || size > routes.size()) return false;
    routes = routes.subspan(size);
  }
  return true;
}

// The router that clients of these options are told: the first of option 3, or none.
std::optional<net::Ipv4Address> router_of(const Option* option, const Network& network) noexcept {
  if (option == nullptr) {
    if (network.routers.empty()) return std::nullopt;
    return network.routers.front();
  }
  if (option->suppressed || option->value.size() < 4) return std::nullopt;
  return net::Ipv4Address{wire::load_u32(option->value, 0)};
}

// The routes as written, with a default route behind them where one is due.
Option with_default_route(const Option& routes, std::optional<net::Ipv4Address> router) {
  Option completed = routes;
  std::array<std::byte, 5> descriptor{};
  const bool has_room = routes.value.size() + descriptor.size() <= max_option_size;
  if (routes.suppressed || !router || !has_room || !lacks_default_route(routes.value))
    return completed;
  wire::store_u32(wire::MutableBytes(descriptor), 1, router->value);
  completed.value.insert(completed.value.end(), descriptor.begin(), descriptor.end());
  return completed;
}

}  // namespace

std::vector<Option> load_options(const Place& place, const net::Ipv4Prefix& subnet,
                                 Report& report) {
  std::vector<Option> options;
  std::array<std::uint32_t, 256> lines{};  // where each code was first written
  for_each_entry(place, report, [&](TreeNode name, const Place& entry) {
    const auto info = resolve(name.text());
    if (!info) return report_unknown(name, entry, report);
    if (info->set_by_server) return report.error_at(name.where(), entry, refusal(*info));
    if (lines[info->code] != 0)
      return report.error_at(name.where(), entry,
                             "option " + std::to_string(info->code) +
                                 " is already set by another name in line " +
                                 std::to_string(lines[info->code]));
    lines[info->code] = name.where().line;
    auto option = option_at(entry, *info, subnet, report);
    if (option) options.insert(find_code(options, option->code), std::move(*option));
  });
  return options;
}

void add_default_routes(Network& network) {
  constexpr auto code = OptionCode::classless_static_routes;
  const Option* const common_router = find(network.options, OptionCode::router);
  const Option* const written = find(network.options, code);
  const std::optional<Option> common_routes =
      written != nullptr ? std::optional(*written) : std::nullopt;

  for (Host& host : network.hosts) {
    const Option* const own_router = find(host.options, OptionCode::router);
    const Option* const own_routes = find(host.options, code);
    // A host with a router of its own needs the network's routes with that router.
    const bool is_affected = own_routes != nullptr || (own_router != nullptr && common_routes);
    if (!is_affected) continue;
    const auto router = router_of(own_router != nullptr ? own_router : common_router, network);
    Option completed =
        with_default_route(own_routes != nullptr ? *own_routes : *common_routes, router);
    const auto at = find_code(host.options, code);
    if (own_routes != nullptr)
      *at = std::move(completed);
    else if (!completed.suppressed)
      host.options.insert(at, std::move(completed));
  }
  if (common_routes)
    *find_code(network.options, code) =
        with_default_route(*common_routes, router_of(common_router, network));
}

}  // namespace berth::config
