#include "protocol/dhcp/text.hpp"

#include <array>
#include <bitset>
#include <charconv>
#include <vector>

#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/printable.hpp"

namespace berth::dhcp {
namespace {

std::string hexadecimal(std::uint32_t value, std::size_t width) {
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  return "0x" + std::string(width - size, '0') + std::string(digits.data(), size);
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, wire::bytes_of(text));
  return out;
}

std::string_view kind(const MessageView& message) {
  if (const auto type = message.type()) return name(*type);
  return message.op() == Op::bootrequest ? "BOOTREQUEST" : "BOOTREPLY";
}

void append_address_field(std::string& out, std::string_view field, net::Ipv4Address address) {
  if (address.is_unspecified()) return;
  out += ' ';
  out += field;
  out += '=';
  out += net::to_string(address);
}

// The options worth a place in one line, under short names.
struct Highlight {
  OptionCode code;
  std::string_view name;
};
constexpr std::array<Highlight, 6> highlights = {{
    {OptionCode::requested_ip_address, "requested"},
    {OptionCode::server_identifier, "server"},
    {OptionCode::ip_address_lease_time, "lease"},
    {OptionCode::host_name, "host-name"},
    {OptionCode::client_fqdn, "fqdn"},
    {OptionCode::message, "message"},
}};

// Whether a value may contain spaces.
bool needs_quotes(OptionCode code) noexcept {
  const OptionInfo* const info = find_option(code);
  return info != nullptr &&
         (info->format == OptionFormat::text || info->format == OptionFormat::client_fqdn);
}

void append_dump_line(std::string& out, std::string_view field, std::string_view value) {
  constexpr std::size_t column = 34;
  out += "  ";
  out += field;
  if (!value.empty()) {
    out.append(field.size() < column ? column - field.size() : 1, ' ');
    out += value;
  }
  out += '\n';
}

void append_option_line(std::string& out, const OptionView& option) {
  std::string title = std::to_string(static_cast<unsigned>(option.code));
  if (title.size() < 3) title.insert(0, 3 - title.size(), ' ');
  if (const OptionInfo* const info = find_option(option.code)) {
    title += ' ';
    title += info->name;
  }
  std::string value;
  append_option_text(value, option);
  if (option.code == OptionCode::dhcp_message_type) {
    if (const auto type = option.u8()) {
      value += ' ';
      value += name(MessageType{*type});
    }
  }
  append_dump_line(out, title, value);
}

// A value in several pieces stands where its first piece does.
void append_options(std::string& out, const MessageView& message) {
  std::vector<std::byte> scratch(message.bytes().size());
  std::bitset<256> joined;
  for (const OptionView& option : message.options()) {
    if (joined[static_cast<std::uint8_t>(option.code)]) continue;
    const auto value = message.collect(option.code, scratch);
    if (value && value->data() == scratch.data()) {
      joined.set(static_cast<std::uint8_t>(option.code));
      append_option_line(out, {option.code, *value});
    } else {
      append_option_line(out, option);
    }
  }
}

}  // namespace

std::string to_line(const MessageView& message) {
  std::string out(kind(message));
  out += " xid=" + hexadecimal(message.xid(), 8) + " chaddr=";
  append_hexadecimal(out, message.chaddr());
  append_address_field(out, "ciaddr", message.ciaddr());
  append_address_field(out, "yiaddr", message.yiaddr());
  append_address_field(out, "siaddr", message.siaddr());
  append_address_field(out, "giaddr", message.giaddr());
  if (message.wants_broadcast()) out += " broadcast";
  for (const Highlight& highlight : highlights) {
    const auto option = message.find(highlight.code);
    if (!option) continue;
    out += ' ';
    out += highlight.name;
    out += '=';
    const bool is_quoted = needs_quotes(highlight.code);
    if (is_quoted) out += '"';
    append_option_text(out, *option);
    if (is_quoted) out += '"';
  }
  return out;
}

std::string to_dump(const MessageView& message) {
  std::string out(kind(message));
  out += '\n';
  append_dump_line(out, "op", message.op() == Op::bootrequest ? "1 BOOTREQUEST" : "2 BOOTREPLY");
  append_dump_line(out, "htype", std::to_string(message.htype()));
  append_dump_line(out, "hlen", std::to_string(message.chaddr().size()));
  append_dump_line(out, "hops", std::to_string(message.hops()));
  append_dump_line(out, "xid", hexadecimal(message.xid(), 8));
  append_dump_line(out, "secs", std::to_string(message.secs()));
  append_dump_line(
      out, "flags",
      hexadecimal(message.flags(), 4) + (message.wants_broadcast() ? " broadcast" : ""));
  append_dump_line(out, "ciaddr", net::to_string(message.ciaddr()));
  append_dump_line(out, "yiaddr", net::to_string(message.yiaddr()));
  append_dump_line(out, "siaddr", net::to_string(message.siaddr()));
  append_dump_line(out, "giaddr", net::to_string(message.giaddr()));
  std::string chaddr;
  append_hexadecimal(chaddr, message.chaddr());
  append_dump_line(out, "chaddr", chaddr);
  append_dump_line(out, "sname", printable(message.sname()));
  append_dump_line(out, "file", printable(message.file()));
  append_options(out, message);
  return out;
}

}  // namespace berth::dhcp
