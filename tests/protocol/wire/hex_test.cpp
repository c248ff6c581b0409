#include "protocol/wire/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::wire {
namespace {

struct Row {
  const char* text;
  std::vector<int> octets;
};

const Row rows[] = {
    {"", {}},
    {"  \n", {}},
    {"# nothing", {}},
    {"0a0B", {0x0a, 0x0b}},
    {"0a 0b", {0x0a, 0x0b}},
    {"52:52:52:00:00:01", {0x52, 0x52, 0x52, 0, 0, 1}},
    {"0a # one\r\n0b\t0c", {0x0a, 0x0b, 0x0c}},
    {"ff*3 01", {0xff, 0xff, 0xff, 1}},
    {"01 ff*1", {1, 0xff}},
    {"00 *2", {0, 0}},
};

TEST(ParseHex, ReadsPairsOfDigits) {
  for (const Row& row : rows) {
    const auto octets = parse_hex(row.text);
    ASSERT_TRUE(octets) << row.text;
    std::vector<int> numbers;
    for (const std::byte octet : *octets) numbers.push_back(std::to_integer<int>(octet));
    EXPECT_EQ(numbers, row.octets) << row.text;
  }
}

TEST(AppendHex, WritesWhatIsReadAgain) {
  std::vector<std::byte> every(256);
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::byte>(i);
  for (const char* const separator : {"", " ", ":"}) {
    std::string text;
    append_hex(text, every, separator);
    EXPECT_EQ(*parse_hex(text), every) << text;
  }
  std::string text = "0x";
  append_hex(text, Bytes(every).last(2), ":");
  EXPECT_EQ(text, "0xfe:ff");
}

struct Mistake {
  const char* text;
  std::size_t at;
};

const Mistake mistakes[] = {
    {"0", 0},
    {"0a 0", 3},
    {"0a0", 2},
    {"0x0a", 0},
    {"-1", 0},
    {"0 a", 0},
    {"0a,0b", 2},
    {"*2", 0},
    {"00*", 2},
    {"00*0", 2},
    {"00*-1", 2},
    {"00*65537", 2},
    {"00*99999999999999999999", 2},
    {"00*65536*65536", 8},
};

TEST(ParseHex, SaysWhereTextIsNoOctet) {
  for (const Mistake& mistake : mistakes) {
    const auto octets = parse_hex(mistake.text);
    ASSERT_FALSE(octets) << mistake.text;
    EXPECT_EQ(octets.error(), mistake.at) << mistake.text;
  }
  EXPECT_EQ(parse_hex("00*65536")->size(), hex_octets_max);
}

}  // namespace
}  // namespace berth::wire
