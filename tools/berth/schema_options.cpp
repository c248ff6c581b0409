// The part of the schema that comes from the table of DHCP options.
#include <boost/json/array.hpp>
#include <string>

#include "protocol/dhcp/option_code.hpp"
#include "tools/berth/schema.hpp"

namespace berth::tools {
namespace {

namespace json = boost::json;
using dhcp::OptionFormat;

struct FormatName {
  OptionFormat format;
  std::string_view name;
};

constexpr FormatName format_names[] = {
    {OptionFormat::empty, "empty"},
    {OptionFormat::flag, "flag"},
    {OptionFormat::u8, "u8"},
    {OptionFormat::u8_list, "u8-list"},
    {OptionFormat::u16, "u16"},
    {OptionFormat::u16_list, "u16-list"},
    {OptionFormat::u32, "u32"},
    {OptionFormat::i32, "i32"},
    {OptionFormat::duration, "duration"},
    {OptionFormat::ipv4, "address"},
    {OptionFormat::ipv4_list, "address-list"},
    {OptionFormat::ipv4_pairs, "address-pairs"},
    {OptionFormat::text, "text"},
    {OptionFormat::domain_name, "domain-name"},
    {OptionFormat::domain_list, "domain-list"},
    {OptionFormat::routes, "routes"},
    {OptionFormat::sub_options, "sub-options"},
    {OptionFormat::client_fqdn, "client-fqdn"},
    {OptionFormat::binary, "binary"},
};

std::string definition_of(OptionFormat format) {
  for (const FormatName& row : format_names)
    if (row.format == format) return "option-" + std::string(row.name);
  return "option-binary";
}

json::object integer(std::int64_t least, std::int64_t most) {
  return {{"type", json::array{"integer", "string"}},
          {"minimum", least},
          {"maximum", most},
          {"pattern", "^(-?[0-9]+|none)$"}};
}

// Text, or what YAML takes for a number or a boolean.
json::object scalar() { return {{"type", json::array{"string", "number", "boolean"}}}; }

json::value item(OptionFormat format) {
  switch (format) {
    case OptionFormat::u8:
    case OptionFormat::u8_list: return integer(0, 0xff);
    case OptionFormat::u16:
    case OptionFormat::u16_list: return integer(0, 0xffff);
    case OptionFormat::u32: return integer(0, 0xffffffff);
    case OptionFormat::i32: return integer(-0x80000000LL, 0x7fffffff);
    case OptionFormat::duration:
      return {{"type", json::array{"integer", "string"}}, {"minimum", 0}, {"maximum", 0xffffffff}};
    case OptionFormat::ipv4:
    case OptionFormat::ipv4_list: return reference("address");
    case OptionFormat::flag:
      return {{"enum", json::array{true, false, "true", "false", "on", "off", "yes", "no", 0, 1}}};
    default: return scalar();
  }
}

json::object of_format(OptionFormat format) {
  json::array alternatives{{{"const", "none"}}, one_or_list(item(format), 1)};
  if (format == OptionFormat::routes || format == OptionFormat::ipv4_pairs)
    alternatives.push_back({{"type", "object"}, {"additionalProperties", reference("address")}});
  return {{"anyOf", std::move(alternatives)}};
}

json::object option(const dhcp::OptionInfo& info) {
  json::object schema = reference(definition_of(info.format));
  schema["description"] =
      "DHCP option " + std::to_string(info.code) + ". `none` sends no such option.";
  return schema;
}

}  // namespace

void add_option_definitions(json::object& definitions) {
  for (const FormatName& row : format_names)
    definitions[definition_of(row.format)] = of_format(row.format);
}

json::object options_schema() {
  json::object properties;
  for (const dhcp::OptionInfo& info : dhcp::option_table())
    if (!info.set_by_server) properties[info.name] = option(info);
  properties["mtu"] = option(*dhcp::find_option(dhcp::OptionCode::interface_mtu));
  return {{"type", json::array{"object", "null"}},
          {"additionalProperties", false},
          {"properties", std::move(properties)},
          {"patternProperties",
           {{"^code-(25[0-4]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$", reference("option-binary")}}}};
}

}  // namespace berth::tools
