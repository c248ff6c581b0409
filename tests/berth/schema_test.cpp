// The schema may not drift from the table of keys that the loader reads.
#include "tools/berth/schema.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <string>

#include "config/load.hpp"
#include "protocol/dhcp/option_code.hpp"

namespace berth::tools {
namespace {

using boost::json::object;
using boost::json::value;

// The schema of a section's map: the file itself, or a definition.
const object& section_of(const object& schema, std::string_view path) {
  if (path.empty()) return schema;
  return schema.at("$defs").at(path).as_object();
}

TEST(Schema, HasEveryKeyWithItsDescriptionAndNoOther) {
  const object schema = make_schema();
  std::set<std::string_view> sections;
  for (const config::Key& key : config::keys()) {
    sections.insert(key.section);
    const object& section = section_of(schema, key.section);
    const value* const property = section.at("properties").as_object().if_contains(key.name);
    ASSERT_NE(property, nullptr) << key.section << '.' << key.name;
    EXPECT_NE(property->at("description").as_string().find(key.description),
              boost::json::string::npos)
        << key.name;
    EXPECT_GT(property->as_object().size(), 1u) << key.name << " takes anything";
  }
  for (const std::string_view path : sections) {
    const object& section = section_of(schema, path);
    EXPECT_EQ(section.at("properties").as_object().size(), config::keys_of(path).size()) << path;
    EXPECT_EQ(section.at("additionalProperties"), value(false)) << path;
  }
}

TEST(Schema, DemandsWhatTheTableDemands) {
  const object schema = make_schema();
  for (const config::Key& key : config::keys()) {
    const value* const list = section_of(schema, key.section).if_contains("required");
    bool demanded = false;
    if (list != nullptr)
      for (const value& name : list->as_array()) demanded |= name.as_string() == key.name;
    EXPECT_EQ(demanded, key.required) << key.section << '.' << key.name;
  }
}

// A key that the table calls required is one without which the loader refuses the file.
TEST(Schema, WhatItDemandsTheLoaderDemands) {
  EXPECT_NE(config::load("log: {level: info}\n").error_count, 0u);
  EXPECT_NE(config::load("networks: {a: {lease: 1h}}\n").error_count, 0u);
  const std::string network = "networks: {a: {subnet: 10.0.0.0/24, ";
  EXPECT_NE(config::load(network + "hosts: {h: {address: 3}}}}\n").error_count, 0u);
  EXPECT_NE(config::load(network + "pool: {lease: 1h}}}\n").error_count, 0u);
  const std::string host = "hosts: {h: {mac: 2:0:0:0:0:1, address: 3, ";
  EXPECT_NE(config::load(network + host + "boot: {server: 2}}}}}\n").error_count, 0u);
}

void expect_references(const object& definitions, const value& part) {
  if (const auto* list = part.if_array())
    for (const value& item : *list) expect_references(definitions, item);
  const auto* map = part.if_object();
  if (map == nullptr) return;
  for (const auto& [key, member] : *map) {
    if (key != "$ref") {
      expect_references(definitions, member);
      continue;
    }
    const std::string_view target(member.as_string());
    ASSERT_TRUE(target.starts_with("#/$defs/")) << target;
    EXPECT_TRUE(definitions.contains(target.substr(8))) << target;
  }
}

TEST(Schema, RefersToWhatItDefines) {
  const object schema = make_schema();
  expect_references(schema.at("$defs").as_object(), schema);
}

TEST(Schema, HasEveryOptionThatAPlanMaySet) {
  const object options = options_schema();
  const object& properties = options.at("properties").as_object();
  for (const dhcp::OptionInfo& info : dhcp::option_table())
    EXPECT_EQ(properties.contains(info.name), !info.set_by_server) << info.name;
  EXPECT_TRUE(properties.contains("mtu"));
}

}  // namespace
}  // namespace berth::tools
