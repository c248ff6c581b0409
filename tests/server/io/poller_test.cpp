#include "server/io/poller.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
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
  poller.watch({.readable = {one.descriptor(), other.descriptor()}, .arriving = {}});
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
  poller.watch({.readable = {one.descriptor()}, .arriving = {}});
  poller.watch({.readable = {other.descriptor()}, .arriving = {}});
  one.signal();
  EXPECT_TRUE(poller.wait(0).empty());
  poller.watch({.readable = {other.descriptor(), one.descriptor()}, .arriving = {}});
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
    poller.watch({.readable = {number}, .arriving = {}});
  }
  const Wakeup lower;  // takes the number that the set before had
  Wakeup next;
  const auto same = numbered(next);
  ASSERT_EQ(same.number(), number);
  poller.watch({.readable = {number}, .arriving = {}});
  EXPECT_TRUE(poller.wait(0).empty());
  next.signal();
  EXPECT_EQ(sorted(poller.wait(0)), std::vector{number});
}

// Linux names it once; poll() as often as it is asked. Nobody may count on either.
TEST(Poller, NamesWhatArrivesAndWhatWasNotReadEmpty) {
  Wakeup socket;
  Wakeup other;
  Poller poller;
  poller.watch({.readable = {other.descriptor()}, .arriving = {socket.descriptor()}});
  EXPECT_TRUE(poller.wait(0).empty());
  socket.signal();
  ASSERT_EQ(sorted(poller.wait(-1)), std::vector{socket.descriptor()});
  poller.again(socket.descriptor());
  other.signal();
  EXPECT_EQ(poller.wait(-1).size(), 2U) << "both, each once";
  other.clear();
  poller.again(socket.descriptor());
  socket.signal();
  EXPECT_EQ(sorted(poller.wait(-1)), std::vector{socket.descriptor()}) << "once, for both reasons";
  socket.clear();
  socket.signal();
  EXPECT_EQ(sorted(poller.wait(-1)), std::vector{socket.descriptor()});
}

TEST(Poller, NamesWhatWasThereBefore) {
  Wakeup socket;
  socket.signal();
  Poller poller;
  for (int i = 0; i < 2; ++i) {
    poller.watch({.readable = {}, .arriving = {socket.descriptor()}});
    EXPECT_EQ(sorted(poller.wait(0)), std::vector{socket.descriptor()});
    poller.again(socket.descriptor());
  }
  socket.clear();
  poller.watch({.readable = {}, .arriving = {socket.descriptor()}});
  EXPECT_TRUE(poller.wait(0).empty()) << "what was unfinished is forgotten with the set";
}

// Closed before anybody said so: nothing to tell, and no error.
TEST(Poller, IsSilentAboutWhatWasClosed) {
  Poller poller;
  Wakeup stays;
  {
    Wakeup gone;
    poller.watch({.readable = {gone.descriptor(), stays.descriptor()}, .arriving = {}});
    gone.signal();
  }
  EXPECT_TRUE(sorted(poller.wait(0)).empty());
  poller.watch({.readable = {stays.descriptor()}, .arriving = {}});
  stays.signal();
  EXPECT_EQ(sorted(poller.wait(0)), std::vector{stays.descriptor()});
}

}  // namespace
}  // namespace berth::io
