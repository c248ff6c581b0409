#include "tools/berth/load_values.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "protocol/dhcp/option_text.hpp"
#include "protocol/dhcp/option_writer.hpp"

namespace berth::tools {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// By number or by a name of either registry; an unknown code is a row of its own.
std::optional<dhcp::OptionInfo> option_of(std::string_view text) {
  if (const auto code = parse_number<std::uint8_t>(text)) {
    const auto* const known = dhcp::find_option(static_cast<dhcp::OptionCode>(*code));
    if (known != nullptr) return *known;
    if (*code == 0 || *code == 255) return std::nullopt;
    return dhcp::OptionInfo{*code, text, dhcp::OptionFormat::binary};
  }
  const auto* known = dhcp::find_option(text);
  if (known == nullptr) known = dhcp::find_option(dhcp::canonical_option_name(text));
  return known != nullptr ? std::optional(*known) : std::nullopt;
}

}  // namespace

std::optional<net::Endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto address = net::Ipv4Address::parse(text.substr(0, colon));
  if (!address) return std::nullopt;
  if (colon == std::string::npos) return net::Endpoint{*address, 0};
  const auto port = parse_number<std::uint16_t>(std::string_view(text).substr(colon + 1));
  if (!port || *port == 0) return std::nullopt;
  return net::Endpoint{*address, *port};
}

std::optional<double> parse_percent(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || (digits != std::string::npos && text.substr(digits) != "%"))
    return std::nullopt;
  char* end = nullptr;
  const double percent = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + std::min(digits, text.size()) || percent > 100) return std::nullopt;
  return percent / 100;
}

std::optional<std::vector<std::byte>> parse_codes(const std::string& text) {
  std::vector<std::byte> codes;
  if (text == "none") return codes;
  for (const std::string_view part : parts_of(text)) {
    const auto option = option_of(part);
    if (!option) return std::nullopt;
    codes.push_back(std::byte{option->code});
  }
  if (codes.size() > dhcp::option_value_size_max) return std::nullopt;
  return codes;
}

std::optional<std::string> add_option(const std::string& text, load::Options& options) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return "is not NAME=VALUE";
  const auto option = option_of(std::string_view(text).substr(0, equals));
  if (!option) return "names no option of DHCP";
  const auto code = static_cast<dhcp::OptionCode>(option->code);
  switch (code) {
    case dhcp::OptionCode::dhcp_message_type:
    case dhcp::OptionCode::requested_ip_address:
    case dhcp::OptionCode::server_identifier:
    case dhcp::OptionCode::option_overload:
    case dhcp::OptionCode::parameter_request_list:
      return "is an option that the scenario sets, or --ask";
    default: break;
  }
  const std::string_view value_text = std::string_view(text).substr(equals + 1);
  std::vector<std::string_view> items{value_text};
  if (option->format == dhcp::OptionFormat::ipv4_list ||
      option->format == dhcp::OptionFormat::u8_list ||
      option->format == dhcp::OptionFormat::u16_list ||
      option->format == dhcp::OptionFormat::relay_agent)
    items = parts_of(value_text);
  std::array<std::byte, 512> value{};
  const auto size = dhcp::encode_option_value(*option, items, nullptr, value);
  if (!size) return size.error().reason;
  const wire::Bytes octets = wire::Bytes(value).first(*size);
  if (code == dhcp::OptionCode::relay_agent_information) {
    options.relay_agent_information.assign(octets.begin(), octets.end());
    return std::nullopt;
  }
  std::vector<std::byte> encoded(dhcp::encoded_option_size(octets.size()));
  wire::Writer writer(encoded);
  dhcp::write_option(writer, code, octets);
  options.options.insert(options.options.end(), encoded.begin(), encoded.end());
  return std::nullopt;
}

}  // namespace berth::tools
