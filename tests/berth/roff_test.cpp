// Text of ours that roff would take for its own.
#include "tools/manual/roff.hpp"

#include <gtest/gtest.h>

namespace berth::tools {
namespace {

TEST(Roff, TextIsNeitherMacroNorEscape) {
  EXPECT_EQ(roff_text("plain text"), "plain text");
  EXPECT_EQ(roff_text(".SH\n'x\na.b"), "\\&.SH\n\\&\\(aqx\na.b");
  EXPECT_EQ(roff_text("a\\fB"), "a\\efB");
  EXPECT_EQ(roff_text("--json"), "\\-\\-json");
  EXPECT_EQ(roff_text("\"`^~"), "\\(dq\\(ga\\(ha\\(ti");
}

TEST(Roff, PageHasItsName) {
  const Roff page("berth", 1, "See. And steer.");
  EXPECT_TRUE(page.text().starts_with(".TH \"BERTH\" 1 \"\" \"berth "));
  EXPECT_TRUE(page.text().ends_with("\nberth \\- See. And steer\n"));
}

}  // namespace
}  // namespace berth::tools
