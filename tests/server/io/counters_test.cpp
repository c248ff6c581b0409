#include "server/io/counters.hpp"

#include <gtest/gtest.h>

#include <span>

namespace berth::io {
namespace {

// All that there is in it, so that none is left out of a sum when more are added.
std::span<Counter> each_of(DnsCounters& counters) {
  static_assert(sizeof(DnsCounters) % sizeof(Counter) == 0);
  return {reinterpret_cast<Counter*>(&counters), sizeof(DnsCounters) / sizeof(Counter)};
}

TEST(Counters, OfSeveralThreadsAddUpOneByOne) {
  DnsCounters first, second, sum;
  for (std::size_t i = 0; i < each_of(first).size(); ++i) {
    each_of(first)[i].add(i + 1);
    each_of(second)[i].add(1000 * (i + 1));
  }
  sum.add(first);
  sum.add(second);
  for (std::size_t i = 0; i < each_of(sum).size(); ++i)
    EXPECT_EQ(each_of(sum)[i].value(), 1001 * (i + 1)) << i;
}

}  // namespace
}  // namespace berth::io
