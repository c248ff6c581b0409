#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/dhcp/option.hpp"
#include "tests/support/hex.hpp"

namespace berth::dhcp {
namespace {

using Kind = OptionStep::Kind;

struct Case {
  const char* what;
  const char* area;
  Kind kind;
  unsigned code = 0;
  std::size_t size = 0;
  std::size_t rest = 0;
};

const Case cases[] = {
    {"nothing at all", "", Kind::end},
    {"pads only", "00 00 00", Kind::end},
    {"end", "ff", Kind::end},
    {"end behind pads", "00 00 ff 01 04", Kind::end},
    {"a code without a length", "01", Kind::truncated},
    {"a code without a length behind a pad", "00 01", Kind::truncated},
    {"a value one octet short", "01 04 ff ff ff", Kind::truncated},
    {"a length of 255 in an empty area", "01 ff", Kind::truncated},
    {"an option that fills the area", "01 04 ff ff ff 00", Kind::option, 1, 4, 0},
    {"an option behind pads", "00 00 35 01 01 ff", Kind::option, 53, 1, 1},
    {"an option without octets", "50 00 ff", Kind::option, 80, 0, 1},
    {"code 254 is an option like others", "fe 01 00", Kind::option, 254, 1, 0},
};

TEST(NextOption, SaysWhatStandsAtTheFront) {
  for (const Case& c : cases) {
    const auto area = test::hex(c.area);
    const OptionStep step = next_option(area);
    EXPECT_EQ(step.kind, c.kind) << c.what;
    EXPECT_EQ(static_cast<unsigned>(step.option.code), c.code) << c.what;
    EXPECT_EQ(step.option.value.size(), c.size) << c.what;
    EXPECT_EQ(step.rest.size(), c.rest) << c.what;
  }
}

TEST(OptionRange, GoesThroughTheAreasInOrder) {
  const auto options = test::hex("01 00 00 02 00 ff 09 00");
  const auto file = test::hex("03 00");
  const auto sname = test::hex("00 04 00 05 00 ff");
  std::string codes;
  for (const OptionView& option : OptionRange({options, file, sname}))
    codes += static_cast<char>('0' + static_cast<int>(option.code));
  EXPECT_EQ(codes, "12345");
}

TEST(OptionRange, IsEmptyForEmptyAreas) {
  const OptionRange range{OptionAreas{}};
  EXPECT_TRUE(range.begin() == range.end());
}

TEST(OptionView, GivesAValueOfItsOwnSizeOnly) {
  for (std::size_t size = 0; size <= 8; ++size) {
    const std::vector<std::byte> value(size, std::byte{0x11});
    const OptionView option{OptionCode::router, value};
    EXPECT_EQ(option.u8().has_value(), size == 1) << size;
    EXPECT_EQ(option.u16().has_value(), size == 2) << size;
    EXPECT_EQ(option.u32().has_value(), size == 4) << size;
    EXPECT_EQ(option.ipv4().has_value(), size == 4) << size;
  }
  const auto value = test::hex("c0 a8 c8 01");
  EXPECT_EQ((OptionView{OptionCode::router, value}.ipv4()), (net::Ipv4Address{0xc0a8c801}));
}

// A golden packet could be checked by the compiler: the walk is constexpr.
constexpr std::array<std::byte, 4> two_options = {std::byte{12}, std::byte{0}, std::byte{15},
                                                  std::byte{0}};
constexpr std::size_t count_options(wire::Bytes area) {
  std::size_t count = 0;
  for (const OptionView& option : OptionRange({area, {}, {}}))
    count += option.value.empty() ? 1u : 0u;
  return count;
}
static_assert(count_options(two_options) == 2);

}  // namespace
}  // namespace berth::dhcp
