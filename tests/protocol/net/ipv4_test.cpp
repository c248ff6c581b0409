#include "protocol/net/ipv4.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace berth::net {
namespace {

struct AddressCase {
  const char* text;
  std::optional<std::uint32_t> value;
};

const AddressCase addresses[] = {
    {"0.0.0.0", 0},
    {"192.168.200.1", 0xc0a8c801},
    {"255.255.255.255", 0xffffffff},
    {"", std::nullopt},
    {"1.2.3", std::nullopt},
    {"1.2.3.4.5", std::nullopt},
    {"1.2.3.", std::nullopt},
    {".1.2.3", std::nullopt},
    {"1..2.3", std::nullopt},
    {"1.2.3.256", std::nullopt},
    {"1.2.3.04", std::nullopt},
    {"010.2.3.4", std::nullopt},
    {"0x1.2.3.4", std::nullopt},
    {"+1.2.3.4", std::nullopt},
    {"-1.2.3.4", std::nullopt},
    {" 1.2.3.4", std::nullopt},
    {"1.2.3.4 ", std::nullopt},
    {"1.2.3.4294967297", std::nullopt},
    {"3232286721", std::nullopt},
};

TEST(Ipv4Address, ReadsFourDecimalOctetsAndNothingElse) {
  for (const AddressCase& c : addresses) {
    const auto address = Ipv4Address::parse(c.text);
    ASSERT_EQ(address.has_value(), c.value.has_value()) << c.text;
    if (!address) continue;
    EXPECT_EQ(address->value, *c.value) << c.text;
    EXPECT_EQ(to_string(*address), c.text);
  }
}

struct PrefixCase {
  const char* text;
  std::optional<std::uint8_t> length;
};

const PrefixCase prefixes[] = {
    {"0.0.0.0/0", std::uint8_t{0}},    {"192.168.200.1/24", std::uint8_t{24}},
    {"10.0.0.1/32", std::uint8_t{32}}, {"10.0.0.1/33", std::nullopt},
    {"10.0.0.1/", std::nullopt},       {"10.0.0.1", std::nullopt},
    {"10.0.0.1/08", std::nullopt},     {"10.0.0/8", std::nullopt},
    {"10.0.0.1/-1", std::nullopt},     {"10.0.0.1/8/8", std::nullopt},
};

TEST(Ipv4Prefix, ReadsAddressAndLengthAndKeepsTheHostBits) {
  for (const PrefixCase& c : prefixes) {
    const auto prefix = Ipv4Prefix::parse(c.text);
    ASSERT_EQ(prefix.has_value(), c.length.has_value()) << c.text;
    if (!prefix) continue;
    EXPECT_EQ(prefix->length, *c.length) << c.text;
    EXPECT_EQ(to_string(*prefix), c.text);
  }
}

TEST(Ipv4Prefix, KnowsItsNetworkForEveryLength) {
  for (std::uint8_t length = 0; length <= 32; ++length) {
    const Ipv4Prefix prefix{{0xc0a8c8aa}, length};
    const std::uint64_t size = std::uint64_t{1} << (32 - length);
    EXPECT_EQ(prefix.network().value % size, 0u) << int{length};
    EXPECT_EQ(prefix.broadcast().value - prefix.network().value, size - 1) << int{length};
    EXPECT_TRUE(prefix.contains(prefix.address));
    EXPECT_EQ(prefix.contains({prefix.broadcast().value + 1}), length == 0) << int{length};
    EXPECT_EQ(prefix.contains({prefix.network().value - 1}), length == 0) << int{length};
  }
}

TEST(Ipv4Prefix, OverlapsWhatHoldsItAndWhatItHolds) {
  const Ipv4Prefix wide{{0x0a000000}, 8};
  const Ipv4Prefix narrow{{0x0a010000}, 16};
  const Ipv4Prefix beside{{0x0b000000}, 8};
  EXPECT_TRUE(wide.overlaps(narrow));
  EXPECT_TRUE(narrow.overlaps(wide));
  EXPECT_FALSE(wide.overlaps(beside));
  EXPECT_FALSE(beside.overlaps(narrow));
}

TEST(ParseHostAddress, TakesADottedQuadOrANumberWithinTheSubnet) {
  const Ipv4Prefix subnet{{0xc0a8c800}, 24};
  const AddressCase cases[] = {
      {"7", 0xc0a8c807},        {"0", 0xc0a8c800},     {"255", 0xc0a8c8ff},
      {"256", std::nullopt},    {"010", std::nullopt}, {"-1", std::nullopt},
      {"10.0.0.1", 0x0a000001}, {"7 ", std::nullopt},  {"", std::nullopt},
  };
  for (const AddressCase& c : cases) {
    const auto address = parse_host_address(c.text, subnet);
    EXPECT_EQ(address ? std::optional(address->value) : std::nullopt, c.value) << c.text;
  }
}

}  // namespace
}  // namespace berth::net
