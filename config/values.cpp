#include "config/values.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/keys.hpp"
#include "config/suggest.hpp"

namespace berth::config {
namespace {

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }
bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}
bool has_leading_zero(std::string_view number) noexcept {
  return number.size() > 1 && number.front() == '0';
}

constexpr std::string_view leading_zero =
    " has a leading zero, which some programs read as octal; write it without";

// A decimal number without sign or leading zeros.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (!is_number(text) || failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::string subnet_text(const net::Ipv4Prefix& subnet) { return net::to_string(subnet); }

std::string not_an_address(std::string_view text, const net::Ipv4Prefix& subnet) {
  if (!is_number(text))
    return in_quotes(text) + " is not an address: expected a dotted quad or a host number within " +
           subnet_text(subnet);
  if (has_leading_zero(text)) return in_quotes(text) + std::string(leading_zero);
  return "host number " + in_quotes(text) + " lies outside " + subnet_text(subnet);
}

std::optional<std::uint32_t> seconds_per(char unit) noexcept {
  switch (unit) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 60 * 60;
    case 'd': return 24 * 60 * 60;
    default: return std::nullopt;
  }
}

std::string duration_fault(std::string_view text) {
  if (is_number(text))
    return in_quotes(text) + " needs a unit: " + std::string(text.substr(0, 20)) + "s, m, h or d";
  return in_quotes(text) + " is not a duration such as 300s, 45m, 12h or 7d";
}

}  // namespace

std::optional<std::string_view> text_at(const Place& place, Report& report,
                                        std::string_view expected) {
  if (place.node.kind() == TreeNode::Kind::text) return place.node.text();
  report_kind(place, report, expected);
  return std::nullopt;
}

bool is_word(const Place& place, std::string_view word) noexcept {
  return place.node.kind() == TreeNode::Kind::text && !place.node.is_quoted() &&
         place.node.text() == word;
}

std::optional<net::Ipv4Address> address_at(const Place& place, const net::Ipv4Prefix& subnet,
                                           Report& report) {
  const auto text = text_at(place, report, "an address");
  if (!text) return std::nullopt;
  const auto address = net::parse_host_address(*text, subnet);
  if (!address) report.error(place, not_an_address(*text, subnet));
  return address;
}

std::vector<net::Ipv4Address> addresses_at(const Place& place, const net::Ipv4Prefix& subnet,
                                           Report& report) {
  std::vector<net::Ipv4Address> addresses;
  for_each_of_few(place, report, [&](const Place& item) {
    const auto address = address_at(item, subnet, report);
    if (!address) return;
    if (std::ranges::find(addresses, *address) != addresses.end())
      return report.error(item, net::to_string(*address) + " is listed twice");
    addresses.push_back(*address);
  });
  return addresses;
}

std::string_view address_fault(net::Ipv4Address address) noexcept {
  if (address.value >> 24 == 0) return "in 0.0.0.0/8, which means `this network` (RFC 1122)";
  if (address.is_loopback()) return "in 127.0.0.0/8, which is the machine's own loopback";
  if (address.is_multicast()) return "in 224.0.0.0/4, which is for multicast";
  if (address.value >> 28 == 0xf) return "in 240.0.0.0/4, which is reserved";
  return {};
}

std::optional<net::Ipv4Prefix> prefix_at(const Place& place, Report& report) {
  const auto text = text_at(place, report, "a prefix such as 192.168.200.0/24");
  if (!text) return std::nullopt;
  const auto prefix = net::Ipv4Prefix::parse(*text);
  if (!prefix) {
    const bool is_address = net::Ipv4Address::parse(*text).has_value();
    report.error(place,
                 in_quotes(*text) + (is_address ? " lacks its length, such as /24"
                                                : " is not a prefix such as 192.168.200.0/24"));
    return std::nullopt;
  }
  if (prefix->network() != prefix->address) {
    report.error(place, in_quotes(*text) + " has host bits set",
                 net::to_string(net::Ipv4Prefix{prefix->network(), prefix->length}));
    return std::nullopt;
  }
  return prefix;
}

std::optional<net::MacAddress> mac_at(const Place& place, Report& report) {
  const auto text = text_at(place, report, "a hardware address");
  if (!text) return std::nullopt;
  const auto mac = net::MacAddress::parse(*text);
  if (!mac) {
    report.error(place, in_quotes(*text) + " is not a hardware address such as 52:52:52:00:00:01");
    return std::nullopt;
  }
  if (mac->value() == 0) {
    report.error(place, "the all-zero address is no machine's");
    return std::nullopt;
  }
  if (mac->is_group()) {
    report.error(place, in_quotes(*text) + " is a group address: the first octet is odd");
    return std::nullopt;
  }
  return mac;
}

std::optional<bool> boolean_at(const Place& place, Report& report) {
  const auto index = choice_at(place, "off on false true", report);
  if (!index) return std::nullopt;
  return *index % 2 == 1;
}

std::optional<std::uint32_t> number_at(const Place& place, std::uint32_t least, std::uint32_t most,
                                       Report& report) {
  const auto text = text_at(place, report, "a number");
  if (!text) return std::nullopt;
  const auto number = parse_decimal(*text);
  if (number && *number >= least && *number <= most && !has_leading_zero(*text))
    return static_cast<std::uint32_t>(*number);
  if (is_number(*text) && has_leading_zero(*text))
    report.error(place, in_quotes(*text) + std::string(leading_zero));
  else
    report.error(place, in_quotes(*text) + " is not a number from " + std::to_string(least) +
                            " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<std::size_t> choice_at(const Place& place, std::string_view choices, Report& report) {
  const auto text = text_at(place, report, "one of: " + std::string(choices));
  if (!text) return std::nullopt;
  std::optional<std::size_t> chosen;
  std::size_t index = 0;
  Nearest nearest(*text);
  for_each_word(choices, [&](std::string_view word) {
    if (word == *text) chosen = index;
    nearest.consider(word);
    ++index;
  });
  if (!chosen)
    report.error(place, in_quotes(*text) + " is not one of: " + std::string(choices),
                 nearest.best());
  return chosen;
}

std::optional<Seconds> duration_at(const Place& place, const DurationRange& range, Report& report) {
  const auto text = text_at(place, report, "a duration such as 12h");
  if (!text) return std::nullopt;
  if (*text == "infinite" && range.may_be_infinite) return infinite;
  const auto unit = text->empty() ? std::nullopt : seconds_per(text->back());
  const std::string_view digits = text->substr(0, text->empty() ? 0 : text->size() - 1);
  if (!unit || !is_number(digits)) {
    report.error(place, duration_fault(*text));
    return std::nullopt;
  }
  if (has_leading_zero(digits)) {
    report.error(place, in_quotes(*text) + std::string(leading_zero));
    return std::nullopt;
  }
  const auto number = parse_decimal(digits);
  if (number && *number <= range.most.count() / *unit && *number * *unit >= range.least.count())
    return Seconds(static_cast<std::uint32_t>(*number * *unit));
  report.error(place, in_quotes(*text) + " is not between " + std::to_string(range.least.count()) +
                          "s and " + std::to_string(range.most.count()) + "s");
  return std::nullopt;
}

std::optional<Seconds> lease_at(const Place& place, Report& report) {
  return duration_at(
      place, {.least = Seconds(10), .most = Seconds(0xfffffffe), .may_be_infinite = true}, report);
}

std::optional<net::SocketAddress> server_at(const Place& place, std::uint16_t default_port,
                                            Report& report) {
  const auto text = text_at(place, report, "an address");
  if (!text) return std::nullopt;
  auto server = net::SocketAddress::parse(*text, default_port);
  if (!server)
    report.error(place, in_quotes(*text) + " is not an address, or an address and a port");
  return server;
}

std::string_view label_fault(std::string_view label) noexcept {
  if (label.empty()) return "is empty";
  if (label.size() > dns::max_label_size) return "is longer than 63 characters";
  for (const char letter : label) {
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (!is_letter && !is_digit(letter) && letter != '-')
      return "may hold only letters, digits and hyphens";
  }
  if (label.front() == '-' || label.back() == '-') return "may not begin or end with a hyphen";
  return {};
}

std::optional<std::string> label_of(std::string_view text, Location where, const Place& place,
                                    Report& report) {
  const std::string_view fault = label_fault(text);
  if (fault.empty()) return lower_case(text);
  report.error_at(where, place, "the name " + in_quotes(text) + ' ' + std::string(fault));
  return std::nullopt;
}

std::optional<dns::Name> name_of(std::string_view text, const dns::Name& origin, Location where,
                                 const Place& place, Report& report) {
  if (text != "@") {
    std::string_view rest = text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
    for (bool more = true; more;) {
      const std::size_t dot = rest.find('.');
      const std::string_view label = rest.substr(0, dot);
      if (const std::string_view fault = label_fault(label); !fault.empty()) {
        const std::string part = label == text ? std::string() : in_quotes(label) + " in ";
        report.error_at(where, place,
                        "the name " + part + in_quotes(text) + ' ' + std::string(fault));
        return std::nullopt;
      }
      more = dot != std::string_view::npos;
      if (more) rest = rest.substr(dot + 1);
    }
  }
  const auto name = dns::Name::parse(lower_case(text), origin);
  if (name) return *name;
  report.error_at(where, place, "the name " + in_quotes(text) + " is too long");
  return std::nullopt;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

}  // namespace berth::config
