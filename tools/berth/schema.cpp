#include "tools/berth/schema.hpp"

#include <boost/json/array.hpp>
#include <string>

#include "config/version.hpp"

namespace berth::tools {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using config::Key;

const std::string octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const std::string quad = octet + "(\\." + octet + "){3}";
const std::string host_number = "(0|[1-9][0-9]*)";
const std::string either_address = "(" + quad + "|" + host_number + ")";
const std::string label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const std::string hex_pair = "[0-9A-Fa-f]{1,2}";

// Of /8, the largest subnet.
constexpr int most_hosts = 0xffffff;

object pattern(const std::string& inside) {
  return {{"type", "string"}, {"pattern", "^(" + inside + ")$"}};
}

// What YAML may have read as a number, though the loader takes every scalar as its text.
object text_or_number(const std::string& inside) {
  return {{"type", array{"string", "number"}}, {"pattern", "^(" + inside + ")$"}};
}

object number(int least, int most) {
  return {{"type", array{"integer", "string"}},
          {"minimum", least},
          {"maximum", most},
          {"pattern", "^(0|[1-9][0-9]*)$"}};
}

object any_of(array alternatives) { return {{"anyOf", std::move(alternatives)}}; }
object word(std::string_view text) { return {{"const", text}}; }

object definitions() {
  const std::string name = label + "(\\." + label + ")*\\.?";
  const std::string group = "([:]" + hex_pair + "){5}|" + hex_pair + "([-]" + hex_pair + "){5}";
  object defs;
  defs["address"] = text_or_number(either_address);
  defs["address"].as_object()["minimum"] = 0;
  defs["address"].as_object()["maximum"] = most_hosts;
  defs["address"].as_object()["description"] =
      "A dotted quad, or the number of a host within the subnet.";
  defs["prefix"] = pattern(quad + "/(3[0-2]|[12]?[0-9])");
  defs["subnet"] = pattern(quad + "/(30|[12][0-9]|[89])");
  defs["label"] = text_or_number(label);
  defs["domain"] = text_or_number(name);
  defs["interface"] = text_or_number("(?!\\.{1,2}$)[!-.0-9;-~]{1,15}");
  defs["duration"] = pattern("(0|[1-9][0-9]*)[smhd]");
  defs["lease"] = pattern("infinite|[1-9][0-9]*[mhd]|[1-9][0-9]+s");
  defs["boolean"] = {{"enum", array{true, false, "on", "off", "true", "false"}}};
  defs["mac"] = pattern(hex_pair + group);
  const std::string ipv6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[^/%\\[\\]]{1,15})?";
  defs["server"] =
      pattern(quad + "(:[1-9][0-9]{0,4})?|" + ipv6 + "|\\[" + ipv6 + "\\](:[1-9][0-9]{0,4})?");
  defs["range"] = pattern(either_address + "-" + either_address);
  defs["record"] = pattern("[ \\t]*[^ \\t]+[ \\t]+[^ \\t].*");
  defs["owner"] = {{"pattern", "^(@|" + name + ")$"}};
  defs["options"] = options_schema();
  add_option_definitions(defs);
  return defs;
}

object choice(const Key& key) {
  array words;
  config::for_each_word(key.choices, [&](std::string_view one) { words.emplace_back(one); });
  return {{"enum", std::move(words)}};
}

// A map of the operator's own names.
object map_of(std::string_view names, const value& entry) {
  return {{"type", array{"object", "null"}},
          {"propertyNames", reference(names)},
          {"additionalProperties", entry}};
}

std::string path_of(const Key& key) {
  const std::string name(key.name);
  return key.section.empty() ? name : std::string(key.section) + '.' + name;
}

object sections(const Key& key) {
  object map = map_of("label", reference(path_of(key) + ".*"));
  if (!key.required) return map;
  map["type"] = "object";
  map["minProperties"] = 1;
  return map;
}

// For a person with the cursor on the key.
std::string describe(const Key& key) {
  std::string text(key.description);
  if (!key.fallback.empty()) text += " Without it: " + std::string(key.fallback) + '.';
  if (!key.acted_on) text += " Not acted on by this version yet.";
  return text;
}

object section(std::string_view path) {
  object properties;
  array required;
  for (const Key& key : config::keys_of(path)) {
    object property = value_schema(key).as_object();
    property["description"] = describe(key);
    properties[key.name] = std::move(property);
    if (key.required) required.emplace_back(key.name);
  }
  object schema{{"type", required.empty() ? value(array{"object", "null"}) : value("object")},
                {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["properties"] = std::move(properties);
  return schema;
}

}  // namespace

object reference(std::string_view definition) {
  return {{"$ref", "#/$defs/" + std::string(definition)}};
}

value one_or_list(const value& item, int least) {
  return any_of({item, {{"type", "array"}, {"items", item}, {"minItems", least}}});
}

value value_schema(const Key& key) {
  using K = config::ValueKind;
  const auto addresses = one_or_list(reference("address"), 1);
  const auto servers = one_or_list(reference("server"), 1);
  switch (key.kind) {
    case K::section: return reference(path_of(key));
    case K::sections: return sections(key);
    case K::address: return reference("address");
    case K::address_or_auto: return any_of({word("auto"), reference("address")});
    case K::addresses_or_none: return any_of({word("none"), addresses});
    case K::prefix: return reference("subnet");
    case K::relays: return one_or_list(any_of({reference("address"), reference("prefix")}), 0);
    case K::interface: return reference("interface");
    case K::domain: return reference("domain");
    case K::labels: return one_or_list(reference("label"), 0);
    case K::duration: return reference("duration");
    case K::lease: return reference("lease");
    case K::boolean: return reference("boolean");
    case K::choice: return choice(key);
    case K::port: return number(1, 0xffff);
    case K::threads: return number(1, config::max_threads);
    case K::count: return any_of({word("off"), number(0, 10'000'000)});
    case K::macs: return one_or_list(reference("mac"), 1);
    case K::options: return reference("options");
    case K::names: return map_of("owner", addresses);
    case K::records: return any_of({{{"type", "null"}}, one_or_list(reference("record"), 0)});
    case K::pool: return any_of({word("none"), reference("range"), reference(path_of(key))});
    case K::range: return reference("range");
    case K::servers_or_system: return any_of({word("system"), word("none"), servers});
    case K::listeners: return any_of({reference("boolean"), servers});
    case K::forward: return map_of("owner", any_of({word("none"), servers}));
    case K::rebind: return any_of({reference("boolean"), reference(path_of(key))});
    case K::domains: return one_or_list(reference("domain"), 1);
    case K::text: return {{"type", array{"string", "number", "boolean"}}, {"minLength", 1}};
    case K::directory: return pattern("/.*");
    case K::endpoint_or_off: return any_of({word("off"), reference("server")});
  }
  return object();
}

object make_schema() {
  object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"title", "The plan of berthd " + std::string(berth::version)}};
  for (auto& [key, member] : section("")) schema[key] = std::move(member);
  object defs = definitions();
  for (const Key& key : config::keys())
    if (!key.section.empty() && !defs.contains(key.section))
      defs[key.section] = section(key.section);
  schema["$defs"] = std::move(defs);
  return schema;
}

}  // namespace berth::tools
