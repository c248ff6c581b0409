// Programs built without libpcap refuse captures, in words that fit each of them.
#include <gtest/gtest.h>

#include "protocol/capture/capture.hpp"

namespace berth::capture {
namespace {

TEST(CaptureNone, RefusesWithAReason) {
  bool visited = false;
  const auto fault = read("\xd4\xc3\xb2\xa1", [&](const Frame&) { visited = true; });
  ASSERT_TRUE(fault);
  EXPECT_NE(fault->find("libpcap"), std::string::npos);
  EXPECT_EQ(fault->find("berth"), std::string::npos) << "both berth and berthd say it: " << *fault;
  EXPECT_FALSE(visited);
}

}  // namespace
}  // namespace berth::capture
