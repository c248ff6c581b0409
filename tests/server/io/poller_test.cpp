#include "server/io/poller.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "server/binder/file_descriptor.hpp"
#include "server/io/wakeup.hpp"

namespace berth::io {
namespace {

std::vector<int> sorted(std::span<const int> ready) {
  std::vector<int> all(ready.begin(), ready.end());
  std::ranges::sort(all);
  return all;
}

TEST(Poller, TellsWhatHasSomethingToRead) {
  Wakeup one;
  Wakeup other;
  Poller poller;
  poller.watch(std::array{one.descriptor(), other.descriptor()});
  EXPECT_TRUE(poller.wait(0).empty());
  other.signal();
  EXPECT_EQ(sorted(poller.wait(-1)), std::vector{other.descriptor()});
  EXPECT_EQ(sorted(poller.wait(-1)), std::vector{other.descriptor()}) << "nobody has read it yet";
  one.signal();
  EXPECT_EQ(poller.wait(-1).size(), 2u);
  other.clear();
  EXPECT_EQ(sorted(poller.wait(-1)), std::vector{one.descriptor()});
}

TEST(Poller, FollowsWhatItWasToldLast) {
  Wakeup one;
  Wakeup other;
  Poller poller;
  poller.watch(std::array{one.descriptor()});
  poller.watch(std::array{other.descriptor()});
  one.signal();
  EXPECT_TRUE(poller.wait(0).empty());
  poller.watch(std::array{other.descriptor(), one.descriptor()});
  EXPECT_EQ(sorted(poller.wait(0)), std::vector{one.descriptor()});
}

// Above all numbers that anything else here takes.
binder::FileDescriptor numbered(const Wakeup& wakeup) {
  constexpr int least = 100;
  return binder::FileDescriptor(::fcntl(wakeup.descriptor(), F_DUPFD_CLOEXEC, least));
}

TEST(Poller, FollowsAnotherOfTheSameNumber) {
  Poller poller;
  int number = -1;
  {
    const Wakeup first;
    const auto gone = numbered(first);
    number = gone.number();
    poller.watch(std::array{number});
  }
  const Wakeup lower;  // takes the number that the set before had
  Wakeup next;
  const auto same = numbered(next);
  ASSERT_EQ(same.number(), number);
  poller.watch(std::array{number});
  EXPECT_TRUE(poller.wait(0).empty());
  next.signal();
  EXPECT_EQ(sorted(poller.wait(0)), std::vector{number});
}

// Closed before anybody said so: nothing to tell, and no error.
TEST(Poller, IsSilentAboutWhatWasClosed) {
  Poller poller;
  Wakeup stays;
  {
    Wakeup gone;
    poller.watch(std::array{gone.descriptor(), stays.descriptor()});
    gone.signal();
  }
  EXPECT_TRUE(sorted(poller.wait(0)).empty());
  poller.watch(std::array{stays.descriptor()});
  stays.signal();
  EXPECT_EQ(sorted(poller.wait(0)), std::vector{stays.descriptor()});
}

}  // namespace
}  // namespace berth::io
