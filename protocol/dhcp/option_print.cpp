#include <string>

#include "protocol/dhcp/client_fqdn.hpp"
#include "protocol/dhcp/domain_text.hpp"
#include "protocol/dhcp/option_item.hpp"
#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/printable.hpp"

namespace berth::dhcp {
namespace {

// Appends one element, or the whole value for formats whose elements have no fixed size; false when
// the octets do not have the format.
using Append = bool (*)(std::string& out, wire::Bytes octets);

struct FormatRow {
  bool is_list;
  std::size_t element_size;  // 0: not fixed
  Append append;
};

bool append_unsigned(std::string& out, wire::Bytes octets) {
  std::uint32_t number = 0;
  for (const std::byte octet : octets) number = number << 8 | std::to_integer<std::uint32_t>(octet);
  out += std::to_string(number);
  return true;
}

bool append_i32(std::string& out, wire::Bytes octets) {
  out += std::to_string(static_cast<std::int32_t>(wire::load_u32(octets, 0)));
  return true;
}

bool append_flag(std::string& out, wire::Bytes octets) {
  const std::uint8_t value = wire::load_u8(octets, 0);
  if (value > 1) return false;
  out += value == 1 ? "true" : "false";
  return true;
}

void append_address(std::string& out, std::uint32_t value) {
  net::Ipv4Text buffer;
  out += net::format(net::Ipv4Address{value}, buffer);
}

bool append_ipv4(std::string& out, wire::Bytes octets) {
  append_address(out, wire::load_u32(octets, 0));
  return true;
}

bool append_pair(std::string& out, wire::Bytes octets) {
  append_address(out, wire::load_u32(octets, 0));
  out += ' ';
  append_address(out, wire::load_u32(octets, 4));
  return true;
}

bool append_routes(std::string& out, wire::Bytes octets) {
  wire::Reader reader(octets);
  for (const char* separator = ""; reader.remaining() > 0; separator = ", ") {
    const std::uint8_t length = reader.u8();
    if (length > 32) return false;
    std::uint32_t prefix = 0;
    for (int shift = 24; shift > 24 - length; shift -= 8)
      prefix |= std::uint32_t{reader.u8()} << shift;
    const std::uint32_t router = reader.u32();
    if (!reader.ok()) return false;
    net::Ipv4Text buffer;
    out += separator;
    out += net::format(net::Ipv4Prefix{{prefix}, length}, buffer);
    out += ' ';
    append_address(out, router);
  }
  return true;
}

bool append_text(std::string& out, wire::Bytes octets) {
  append_printable(out, octets);
  return true;
}

bool append_domains(std::string& out, wire::Bytes octets) {
  for (std::size_t at = 0; at < octets.size();) {
    const auto step = read_domain(octets, at, DomainEnd::root_label);
    if (!step) return false;
    if (at != 0) out += ", ";
    out += step->name.view();
    out += '.';
    at = step->next;
  }
  return true;
}

// RFC 3361: names (0) or addresses (1). RFC 3361 does not say from where a compression pointer
// counts, so that a list with pointers is no names.
bool append_sip_servers(std::string& out, wire::Bytes octets) {
  if (octets.size() < 2) return false;
  const std::uint8_t encoding = wire::load_u8(octets, 0);
  if (encoding == 1) return append_value(out, OptionFormat::ipv4_list, octets.subspan(1));
  const wire::Bytes names = octets.subspan(1);
  for (std::size_t at = 0; at < names.size();) {
    const auto step = read_domain(names, at, DomainEnd::root_label);
    if (!step) return false;
    const std::size_t text_size = step->name.view().size();
    if (step->next - at != (text_size == 0 ? 1 : text_size + 2)) return false;
    at = step->next;
  }
  return encoding == 0 && append_domains(out, names);
}

bool append_client_fqdn(std::string& out, wire::Bytes octets) {
  const auto fqdn = ClientFqdn::parse(octets);
  if (!fqdn) return false;
  const std::size_t start = out.size();
  for (const FqdnFlagLetter& row : fqdn_flag_letters)
    if ((fqdn->flags() & row.flag) != 0) out += row.letter;
  if (out.size() == start) out += '-';
  out += ' ';
  out += fqdn->name();
  if (fqdn->is_absolute()) out += '.';
  return true;
}

bool append_nothing(std::string&, wire::Bytes octets) { return octets.empty(); }

bool append_binary(std::string& out, wire::Bytes octets) {
  append_hexadecimal(out, octets);
  return true;
}

constexpr FormatRow row_of(OptionFormat format) noexcept {
  switch (format) {
    case OptionFormat::empty: return {false, 0, append_nothing};
    case OptionFormat::flag: return {false, 1, append_flag};
    case OptionFormat::u8: return {false, 1, append_unsigned};
    case OptionFormat::u8_list: return {true, 1, append_unsigned};
    case OptionFormat::u16: return {false, 2, append_unsigned};
    case OptionFormat::u16_list: return {true, 2, append_unsigned};
    case OptionFormat::u32: return {false, 4, append_unsigned};
    case OptionFormat::i32: return {false, 4, append_i32};
    case OptionFormat::duration: return {false, 4, append_unsigned};
    case OptionFormat::ipv4: return {false, 4, append_ipv4};
    case OptionFormat::ipv4_list: return {true, 4, append_ipv4};
    case OptionFormat::ipv4_pairs: return {true, 8, append_pair};
    case OptionFormat::text: return {false, 0, append_text};
    case OptionFormat::domain_name: return {false, 0, append_domains};
    case OptionFormat::domain_list: return {true, 0, append_domains};
    case OptionFormat::routes: return {true, 0, append_routes};
    case OptionFormat::sub_options: return {true, 0, append_sub_options};
    case OptionFormat::relay_agent: return {true, 0, append_relay_agent};
    case OptionFormat::vendor_classes: return {true, 0, append_vendor_classes};
    case OptionFormat::vendor_options: return {true, 0, append_vendor_options};
    case OptionFormat::sip_servers: return {true, 0, append_sip_servers};
    case OptionFormat::client_fqdn: return {false, 0, append_client_fqdn};
    case OptionFormat::binary: break;
  }
  return {false, 0, append_binary};
}

}  // namespace

bool append_value(std::string& out, OptionFormat format, wire::Bytes value) {
  const FormatRow row = row_of(format);
  if (row.element_size == 0) return row.append(out, value);
  if (value.empty() || value.size() % row.element_size != 0) return false;
  if (!row.is_list && value.size() != row.element_size) return false;
  for (std::size_t at = 0; at < value.size(); at += row.element_size) {
    if (at != 0) out += ", ";
    if (!row.append(out, value.subspan(at, row.element_size))) return false;
  }
  return true;
}

void append_option_text(std::string& out, const OptionView& option) {
  const std::size_t start = out.size();
  const OptionInfo* const info = find_option(option.code);
  if (info != nullptr && append_value(out, info->format, option.value)) return;
  out.resize(start);
  append_hexadecimal(out, option.value);
}

}  // namespace berth::dhcp
