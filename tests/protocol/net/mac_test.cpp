#include "protocol/net/mac.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace berth::net {
namespace {

struct Case {
  const char* text;
  std::optional<std::uint64_t> value;
};

const Case cases[] = {
    {"52:52:52:00:00:01", 0x525252000001},
    {"AA-bb-CC-dd-EE-ff", 0xaabbccddeeff},
    {"0:1:2:a:b:c", 0x000102'0a0b0c},  // as macOS prints them
    {"", std::nullopt},
    {"525252000001", std::nullopt},
    {"52:52:52:00:00", std::nullopt},
    {"52:52:52:00:00:01:02", std::nullopt},
    {"52:52:52:00:00:", std::nullopt},
    {":52:52:52:00:00", std::nullopt},
    {"52:52-52:00:00:01", std::nullopt},
    {"52:52:52:00:00:001", std::nullopt},
    {"52:52:52:00:00:0g", std::nullopt},
    {"52:52:52:00:00:-1", std::nullopt},
    {"52:52:52:00:00:01 ", std::nullopt},
};

TEST(MacAddress, ReadsSixGroupsWithOneKindOfSeparator) {
  for (const Case& c : cases) {
    const auto mac = MacAddress::parse(c.text);
    ASSERT_EQ(mac.has_value(), c.value.has_value()) << c.text;
    if (!mac) continue;
    EXPECT_EQ(mac->value(), *c.value) << c.text;
    EXPECT_EQ(MacAddress::parse(to_string(*mac)), mac) << c.text;
  }
}

TEST(MacAddress, WritesLowerCaseWithColons) {
  EXPECT_EQ(to_string(MacAddress::from_octets(0xaa, 0, 1, 0x0f, 0xf0, 9)), "aa:00:01:0f:f0:09");
}

TEST(MacAddress, KnowsAGroupByItsFirstBit) {
  EXPECT_TRUE(MacAddress::broadcast().is_group());
  EXPECT_TRUE(MacAddress::from_octets(1, 0, 0x5e, 0, 0, 1).is_group());
  EXPECT_FALSE(MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 1).is_group());
}

}  // namespace
}  // namespace berth::net
