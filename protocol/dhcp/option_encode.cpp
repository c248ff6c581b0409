#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "protocol/dhcp/client_fqdn.hpp"
#include "protocol/dhcp/domain_text.hpp"
#include "protocol/dhcp/option_item.hpp"
#include "protocol/dhcp/option_text.hpp"

namespace berth::dhcp {
namespace {

using Item = OptionItem;

// Reads one item; null, or the reason why it cannot be. Out of room is the caller's to notice.
using Encode = const char* (*)(const Item& item) noexcept;

struct FormatRow {
  bool is_list;
  Encode encode;
};

std::optional<net::Ipv4Address> parse_address(const Item& item, std::string_view text) noexcept {
  return item.subnet != nullptr ? net::parse_host_address(text, *item.subnet)
                                : net::Ipv4Address::parse(text);
}

// "first second", whatever the number of spaces between them.
struct Pair {
  std::string_view first;
  std::string_view second;
};
std::optional<Pair> split_pair(std::string_view text) noexcept {
  const std::size_t end = text.find(' ');
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t next = text.find_first_not_of(' ', end);
  if (next == std::string_view::npos) return std::nullopt;
  return Pair{text.substr(0, end), text.substr(next)};
}

// --- numbers

const char* encode_u8(const Item& item) noexcept {
  const auto number = parse_number<std::uint8_t>(item.text);
  if (!number) return "is not a number from 0 to 255";
  item.out.u8(*number);
  return nullptr;
}

const char* encode_u16(const Item& item) noexcept {
  const auto number = parse_number<std::uint16_t>(item.text);
  if (!number) return "is not a number from 0 to 65535";
  item.out.u16(*number);
  return nullptr;
}

const char* encode_u32(const Item& item) noexcept {
  const auto number = parse_number<std::uint32_t>(item.text);
  if (!number) return "is not a number from 0 to 4294967295";
  item.out.u32(*number);
  return nullptr;
}

const char* encode_i32(const Item& item) noexcept {
  const auto number = parse_number<std::int32_t>(item.text);
  if (!number) return "is not a number from -2147483648 to 2147483647";
  item.out.u32(static_cast<std::uint32_t>(*number));
  return nullptr;
}

constexpr const char* not_a_duration = "is not a duration such as 300s, 45m, 12h or 7d";

const char* encode_duration(const Item& item) noexcept {
  constexpr std::string_view units = "smhd";
  constexpr std::array<std::uint32_t, 4> seconds = {1, 60, 3600, 86400};
  std::string_view digits = item.text;
  std::uint32_t unit = 1;
  if (const std::size_t suffix = digits.find_first_of(units); suffix != std::string_view::npos) {
    if (suffix + 1 != digits.size()) return not_a_duration;
    unit = seconds[units.find(digits.back())];
    digits.remove_suffix(1);
  }
  const auto number = parse_number<std::uint32_t>(digits);
  if (!number) return not_a_duration;
  if (*number > std::numeric_limits<std::uint32_t>::max() / unit)
    return "is longer than 4294967295 seconds";
  item.out.u32(*number * unit);
  return nullptr;
}

const char* encode_flag(const Item& item) noexcept {
  constexpr std::array<std::string_view, 4> on = {"true", "on", "yes", "1"};
  constexpr std::array<std::string_view, 4> off = {"false", "off", "no", "0"};
  const bool is_on = std::ranges::find(on, item.text) != on.end();
  if (!is_on && std::ranges::find(off, item.text) == off.end()) return "is neither true nor false";
  item.out.u8(is_on ? 1 : 0);
  return nullptr;
}

// --- addresses

constexpr const char* not_an_address = "is not an address";

const char* encode_ipv4(const Item& item) noexcept {
  const auto address = parse_address(item, item.text);
  if (!address) return not_an_address;
  item.out.u32(address->value);
  return nullptr;
}

const char* encode_pair(const Item& item) noexcept {
  const auto pair = split_pair(item.text);
  if (!pair) return "is not a pair of addresses";
  const auto first = parse_address(item, pair->first);
  const auto second = parse_address(item, pair->second);
  if (!first || !second) return "is not a pair of addresses";
  item.out.u32(first->value);
  item.out.u32(second->value);
  return nullptr;
}

// RFC 3442: the prefix length, as many octets of the prefix as are significant, the router.
const char* encode_route(const Item& item) noexcept {
  const auto pair = split_pair(item.text);
  if (!pair) return "is not a prefix and a router";
  const auto prefix = net::Ipv4Prefix::parse(pair->first);
  if (!prefix) return "has no prefix such as 10.0.0.0/16";
  if (prefix->network() != prefix->address) return "has a prefix with host bits set";
  const auto router = parse_address(item, pair->second);
  if (!router) return "has a router that is not an address";
  item.out.u8(prefix->length);
  for (int shift = 24; shift > 24 - prefix->length; shift -= 8)
    item.out.u8(static_cast<std::uint8_t>(prefix->address.value >> shift));
  item.out.u32(router->value);
  return nullptr;
}

// --- texts and names

const char* encode_text(const Item& item) noexcept {
  if (item.text.empty()) return "is empty";
  item.out.bytes(wire::bytes_of(item.text));
  return nullptr;
}

constexpr const char* not_a_name = "is not a domain name";

const char* encode_domain(const Item& item) noexcept {
  auto name = parse_domain(item.text);
  if (!name) return not_a_name;
  name->end_at_root();
  write_domain(*name, item.out);
  return nullptr;
}

// Where in `names` the labels `tail`, uncompressed and with their root label, already stand.
std::optional<std::uint16_t> find_tail(wire::Bytes names, wire::Bytes tail) noexcept {
  const auto wanted = read_domain(tail, 0, DomainEnd::root_label);
  for (std::size_t at = 0; at < names.size() && at < 0x4000;) {
    const std::uint8_t length = wire::load_u8(names, at);
    const bool is_label = length != 0 && length <= label_size_max;
    if (is_label) {
      const auto found = read_domain(names, at, DomainEnd::root_label);
      if (found && found->name.view() == wanted->name.view()) return static_cast<std::uint16_t>(at);
    }
    at += is_label || length == 0 ? std::size_t{1} + length : 2;
  }
  return std::nullopt;
}

// RFC 3397 section 2: compressed against the names before it. Only option 119 may be.
const char* encode_listed_domain(const Item& item) noexcept {
  auto name = parse_domain(item.text);
  if (!name) return not_a_name;
  name->end_at_root();
  std::array<std::byte, domain_wire_size_max> buffer;
  wire::Writer whole{wire::MutableBytes(buffer)};
  write_domain(*name, whole);
  if (item.code != OptionCode::domain_search) {
    item.out.bytes(whole.written());
    return nullptr;
  }
  const wire::Bytes before = item.out.written();
  wire::Bytes tail = whole.written();
  while (wire::load_u8(tail, 0) != 0) {
    if (const auto at = find_tail(before, tail)) {
      item.out.u16(static_cast<std::uint16_t>(0xc000 | *at));
      return nullptr;
    }
    const std::size_t label_size = std::size_t{1} + wire::load_u8(tail, 0);
    item.out.bytes(tail.first(label_size));
    tail = tail.subspan(label_size);
  }
  item.out.u8(0);
  return nullptr;
}

// RFC 3361: an octet says whether names (0) or addresses (1) follow.
const char* encode_sip_server(const Item& item) noexcept {
  const bool is_address = parse_address(item, item.text).has_value();
  if (item.out.size() == 0)
    item.out.u8(is_address ? 1 : 0);
  else if (item.out.ok() && is_address != (wire::load_u8(item.out.written(), 0) == 1))
    return "mixes addresses and names";
  return is_address ? encode_ipv4(item) : encode_domain(item);
}

const char* encode_client_fqdn(const Item& item) noexcept {
  constexpr const char* reason = "is not flags and a name such as \"SE control0.kubenet.\"";
  const auto pair = split_pair(item.text);
  if (!pair) return reason;
  unsigned flags = 0;
  if (pair->first != "-") {
    for (const char c : pair->first) {
      const auto* const row = std::ranges::find(fqdn_flag_letters, c, &FqdnFlagLetter::letter);
      if (row == fqdn_flag_letters.end()) return reason;
      flags |= row->flag;
    }
  }
  const auto name = parse_domain(pair->second);
  if (!name) return reason;
  item.out.u8(static_cast<std::uint8_t>(flags));
  item.out.u16(0);  // RFC 4702 2.2: what clients send as RCODEs
  if ((flags & fqdn_flag::wire_encoding) != 0)
    write_domain(*name, item.out);
  else
    item.out.bytes(wire::bytes_of(pair->second));
  return nullptr;
}

// --- octets

const char* encode_binary(const Item& item) noexcept {
  return write_hexadecimal(item.text, item.out);
}

const char* encode_empty(const Item& item) noexcept {
  return item.text.empty() || item.text == "true" ? nullptr : "takes no value";
}

// --- the table

constexpr FormatRow row_of(OptionFormat format) noexcept {
  switch (format) {
    case OptionFormat::empty: return {false, encode_empty};
    case OptionFormat::flag: return {false, encode_flag};
    case OptionFormat::u8: return {false, encode_u8};
    case OptionFormat::u8_list: return {true, encode_u8};
    case OptionFormat::u16: return {false, encode_u16};
    case OptionFormat::u16_list: return {true, encode_u16};
    case OptionFormat::u32: return {false, encode_u32};
    case OptionFormat::i32: return {false, encode_i32};
    case OptionFormat::duration: return {false, encode_duration};
    case OptionFormat::ipv4: return {false, encode_ipv4};
    case OptionFormat::ipv4_list: return {true, encode_ipv4};
    case OptionFormat::ipv4_pairs: return {true, encode_pair};
    case OptionFormat::text: return {false, encode_text};
    case OptionFormat::domain_name: return {false, encode_domain};
    case OptionFormat::domain_list: return {true, encode_listed_domain};
    case OptionFormat::routes: return {true, encode_route};
    case OptionFormat::sub_options: return {true, encode_sub_option};
    case OptionFormat::relay_agent: return {true, encode_relay_sub_option};
    case OptionFormat::vendor_classes: return {true, encode_vendor_class};
    case OptionFormat::vendor_options: return {true, encode_vendor_options};
    case OptionFormat::sip_servers: return {true, encode_sip_server};
    case OptionFormat::client_fqdn: return {false, encode_client_fqdn};
    case OptionFormat::binary: break;
  }
  return {false, encode_binary};
}

}  // namespace

const char* write_hexadecimal(std::string_view text, wire::Writer& out) noexcept {
  constexpr const char* reason = "is not octets in hexadecimal such as 0a:0b or 0a0b";
  if (text.empty()) return "is empty";
  while (!text.empty()) {
    unsigned octet = 0;
    const auto [end, failure] = std::from_chars(
        text.data(), text.data() + std::min<std::size_t>(text.size(), 2), octet, 16);
    if (failure != std::errc{} || end != text.data() + 2) return reason;
    out.u8(static_cast<std::uint8_t>(octet));
    text.remove_prefix(2);
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      if (text.empty()) return reason;
    }
  }
  return nullptr;
}

const char* encode_item(OptionFormat format, const OptionItem& item) noexcept {
  return row_of(format).encode(item);
}

expected<std::size_t, OptionTextError> encode_option_value(const OptionInfo& option,
                                                           std::span<const std::string_view> items,
                                                           const net::Ipv4Prefix* subnet,
                                                           wire::MutableBytes out) noexcept {
  const FormatRow row = row_of(option.format);
  if (items.empty() && option.format != OptionFormat::empty)
    return unexpected(OptionTextError{0, "has no value"});
  if (!row.is_list && items.size() > 1)
    return unexpected(OptionTextError{1, "is one value too many"});

  wire::Writer writer(out);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const char* const reason = row.encode({items[i], subnet, OptionCode{option.code}, writer}))
      return unexpected(OptionTextError{i, reason});
    if (!writer.ok()) return unexpected(OptionTextError{i, "is too long"});
  }
  return writer.size();
}

}  // namespace berth::dhcp
