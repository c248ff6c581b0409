// The parts of a load test that only count: delays, deadlines, rates, ids. In virtual time.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "tools/berth/load/backoff.hpp"
#include "tools/berth/load/counted_part.hpp"
#include "tools/berth/load/histogram.hpp"
#include "tools/berth/load/pacer.hpp"
#include "tools/berth/load/rate_search.hpp"
#include "tools/berth/load/tally.hpp"
#include "tools/berth/load/timers.hpp"
#include "tools/berth/load/transaction_id.hpp"

namespace berth::load {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Histogram, KeepsThreeDigitsOfEveryDelay) {
  for (std::uint64_t value = 1; value < (std::uint64_t{1} << 40); value += value / 7 + 1) {
    const std::size_t index = Histogram::index_of(value);
    const std::uint64_t upper = Histogram::upper_of(index);
    EXPECT_GE(upper, value);
    EXPECT_LE(static_cast<double>(upper - value), static_cast<double>(value) / 1000.0) << value;
    EXPECT_EQ(Histogram::index_of(upper), index) << value;
    EXPECT_EQ(Histogram::index_of(upper + 1), index + 1) << value;
  }
}

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.min(), Time{});
  EXPECT_EQ(histogram.mean(), Time{});
  EXPECT_EQ(histogram.percentile(0.5), Time{});
  EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, GivesThePercentilesOfWhatItWasTold) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(microseconds(i));
  struct Row {
    double share;
    int microseconds;
  };
  for (const Row& row :
       {Row{0, 1}, Row{0.5, 500}, Row{0.9, 900}, Row{0.99, 990}, Row{0.999, 999}, Row{1, 1000}}) {
    const double found = seconds_of(histogram.percentile(row.share)) * 1e6;
    EXPECT_NEAR(found, row.microseconds, row.microseconds / 1000.0) << row.share;
  }
  EXPECT_EQ(histogram.min(), microseconds(1));
  EXPECT_EQ(histogram.max(), microseconds(1000));
  EXPECT_EQ(histogram.mean(), Time(500'500));
}

TEST(Histogram, TakesDelaysThatCannotBe) {
  Histogram histogram;
  histogram.record(Time(-5));
  histogram.record(std::chrono::hours(24 * 365));
  EXPECT_EQ(histogram.min(), Time{});
  EXPECT_EQ(histogram.max(), std::chrono::hours(24 * 365));
  EXPECT_EQ(histogram.count(), 2u);
}

TEST(Histogram, AddsAndForgets) {
  Histogram one;
  Histogram other;
  one.record(Time(10));
  other.record(Time(30));
  one.add(other);
  EXPECT_EQ(one.count(), 2u);
  EXPECT_EQ(one.min(), Time(10));
  EXPECT_EQ(one.max(), Time(30));
  EXPECT_EQ(one.mean(), Time(20));
  ASSERT_EQ(one.buckets().size(), 2u);
  EXPECT_EQ(one.buckets()[1].upper, Time(30));
  one.clear();
  EXPECT_TRUE(one.empty());
  EXPECT_EQ(one.max(), Time{});
}

TEST(Tally, EndsEveryExchangeInOneWay) {
  Tally tally;
  tally.sent = 100;
  tally.received = 90;
  tally.late = 2;
  tally.naks = 1;
  tally.wrong = {1, 0, 2, 0, 0};
  tally.foreign = 50;
  tally.duplicates = 50;
  EXPECT_EQ(tally.all_wrong(), 3u);
  EXPECT_EQ(tally.never(), 4u);
  EXPECT_DOUBLE_EQ(tally.loss(), 0.1);
  EXPECT_DOUBLE_EQ(Tally().loss(), 0);
}

TEST(Tally, HasANameForEveryKind) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < exchange_count; ++i) {
    names.emplace(name(static_cast<Exchange>(i)));
    EXPECT_FALSE(title(static_cast<Exchange>(i)).empty());
  }
  EXPECT_EQ(names.size(), exchange_count);
  for (std::size_t i = 0; i < wrong_count; ++i) names.emplace(name(static_cast<Wrong>(i)));
  EXPECT_EQ(names.size(), exchange_count + wrong_count);
}

TEST(Pacer, IsNotDelayedByWhoeverIsLate) {
  Pacer pacer(seconds(1), 1000);
  EXPECT_FALSE(pacer.is_due(milliseconds(999)));
  EXPECT_TRUE(pacer.is_due(seconds(1)));
  pacer.start();
  EXPECT_EQ(pacer.next(), milliseconds(1001));
  // Nobody looked for a second: all that was due is still due, each at its own time.
  int started = 0;
  for (; pacer.is_due(milliseconds(2000)); pacer.start()) ++started;
  EXPECT_EQ(started, 1000);
  EXPECT_EQ(pacer.next(), milliseconds(2001));
}

TEST(Pacer, DoesNotDriftOverADay) {
  Pacer pacer(Time{}, 3);
  for (int i = 0; i < 3 * 86'400; ++i) pacer.start();
  EXPECT_NEAR(seconds_of(pacer.next()), 86'400, 1e-6);
}

TEST(Timers, GiveBackWhatIsDueAndNothingElse) {
  Timers timers(4);
  EXPECT_FALSE(timers.next());
  EXPECT_FALSE(timers.take(seconds(1)));
  timers.set(0, milliseconds(1500));
  timers.set(1, milliseconds(1010));
  timers.set(2, seconds(20));  // of a later turn of the wheel, in nobody else's slot
  EXPECT_EQ(timers.next(), milliseconds(1010));
  EXPECT_FALSE(timers.take(milliseconds(1009)));
  EXPECT_EQ(timers.take(milliseconds(1010)), 1u);
  EXPECT_FALSE(timers.has(1));
  EXPECT_FALSE(timers.take(milliseconds(1499)));
  EXPECT_EQ(timers.take(milliseconds(1500)), 0u);
  // However often it looks, it gets to the end.
  int looks = 0;
  for (Time now = *timers.next(); now < seconds(20); now = *timers.next(), ++looks)
    ASSERT_FALSE(timers.take(now));
  EXPECT_LT(looks, 10);
  EXPECT_EQ(timers.take(seconds(20)), 2u);
  EXPECT_TRUE(timers.empty());
}

TEST(Timers, KeepTheTurnsOfTheWheelApart) {
  Timers timers(2);
  timers.set(0, milliseconds(100));
  timers.set(1, milliseconds(100 + 4096));
  EXPECT_EQ(timers.take(milliseconds(200)), 0u);
  EXPECT_FALSE(timers.take(milliseconds(300)));
  EXPECT_EQ(timers.take(milliseconds(100 + 4096)), 1u);
}

TEST(Timers, FindAllAfterALongAbsence) {
  Timers timers(100);
  for (Timers::Member i = 0; i < 100; ++i) timers.set(i, milliseconds(37 * i));
  std::set<Timers::Member> found;
  while (const auto member = timers.take(std::chrono::hours(100))) found.insert(*member);
  EXPECT_EQ(found.size(), 100u);
}

TEST(Timers, ForgetAndReplace) {
  Timers timers(3);
  for (Timers::Member i = 0; i < 3; ++i) timers.set(i, milliseconds(5));
  timers.clear(1);
  timers.set(0, milliseconds(9));
  EXPECT_EQ(timers.take(milliseconds(5)), 2u);
  EXPECT_FALSE(timers.take(milliseconds(5)));
  EXPECT_EQ(timers.take(milliseconds(9)), 0u);
  timers.clear(0);
  EXPECT_TRUE(timers.empty());
}

TEST(Timers, TakeADeadlineThatHasPassed) {
  Timers timers(1);
  EXPECT_FALSE(timers.take(seconds(10)));
  timers.set(0, seconds(3));
  EXPECT_EQ(timers.take(seconds(10)), 0u);
}

TEST(TransactionIds, SayWhoseTheyAre) {
  for (const std::uint64_t seed : {0ull, 1ull, 0xdeadbeef12345678ull}) {
    const TransactionIds ids(seed);
    for (std::uint32_t client = 0; client < max_clients; client += 40'503)
      for (std::uint32_t turn = 0; turn < transaction_turns; turn += 97) {
        const Transaction transaction{client, turn};
        EXPECT_EQ(ids.transaction_of(ids.id_of(transaction)), transaction);
      }
  }
  EXPECT_NE(TransactionIds(1).id_of({1, 1}), TransactionIds(2).id_of({1, 1}));
}

TEST(Patience, DoublesTheDelayAndGivesUp) {
  const Patience patience{.first = seconds(4), .tries = 7, .last = seconds(1)};
  Random random(7);
  struct Row {
    std::uint32_t sent;
    double seconds;
  };
  for (const Row& row : {Row{1, 4}, Row{2, 8}, Row{3, 16}, Row{4, 32}, Row{5, 64}, Row{6, 64}})
    for (int i = 0; i < 100; ++i) {
      const double delay = seconds_of(patience.after(row.sent, random));
      EXPECT_GE(delay, row.seconds - 1);
      EXPECT_LE(delay, row.seconds + 1);
    }
  EXPECT_EQ(patience.after(7, random), seconds(1));
  EXPECT_NE(patience.after(1, random), patience.after(1, random));
}

// A server that spends a second each second, and when its clients did what.
struct Counted {
  const char* name;
  Time told;  // from when on `begun` is known
  Time begun;
  Time settled;  // zero: the run was broken off, at ten seconds
  std::optional<Time> spent;
};

TEST(CountedPart, LeavesOutWhatIsNotCounted) {
  for (const Counted& row : {
           Counted{"at once", seconds(1), seconds(1), seconds(5), seconds(4)},
           Counted{"after a warm-up", seconds(1), seconds(3), seconds(5), seconds(2)},
           // Whose end is seen half a second later.
           Counted{"after a preparation", seconds(2), seconds(2), seconds(5), milliseconds(2500)},
           Counted{"broken off", seconds(1), seconds(3), Time{}, seconds(7)},
           Counted{"broken off while it warms up", seconds(1), seconds(20), seconds(5), {}},
           Counted{"broken off while it prepares", seconds(20), seconds(20), Time{}, {}},
       }) {
    Progress progress;
    Time now = seconds(1);
    CountedPart part(progress, [&] { return std::optional(now); });
    for (; now <= seconds(10); now += milliseconds(500)) {
      part.look(now);
      if (now >= row.told) progress.begun = row.begun;
      if (row.settled != Time{} && now + milliseconds(500) >= row.settled)
        progress.settled = row.settled;
    }
    now = seconds(10);
    EXPECT_EQ(part.spent(), row.spent) << row.name;
  }
}

TEST(CountedPart, SaysNothingOfAnUnknownProcess) {
  Progress progress;
  CountedPart part(progress, [] { return std::optional<Time>(); });
  progress.begun = progress.settled = seconds(1);
  part.look(seconds(2));
  EXPECT_EQ(part.spent(), std::nullopt);
}

// Of a server that bears exactly so much.
double search(double capacity, RateSearch::Limits limits) {
  RateSearch search(limits);
  for (int trials = 0; trials < 200; ++trials) {
    const auto rate = search.rate();
    if (!rate) break;
    *rate <= capacity ? search.passed() : search.failed();
  }
  EXPECT_FALSE(search.rate()) << capacity;
  return search.found();
}

TEST(RateSearch, FindsWhatAServerBears) {
  for (const double capacity : {3.0, 999.0, 1000.0, 12'345.0, 400'000.0}) {
    const double found = search(capacity, {});
    EXPECT_LE(found, capacity);
    EXPECT_GE(found * 1.05, capacity * 0.999);
  }
}

TEST(RateSearch, EndsWhereNothingFails) {
  EXPECT_DOUBLE_EQ(search(1e9, {.first = 1000, .most = 50'000}), 50'000);
}

TEST(RateSearch, EndsWhereEverythingFails) { EXPECT_DOUBLE_EQ(search(0, {}), 0); }

TEST(RateSearch, GoesOnFromWhatFailedOnlyForATime) {
  constexpr double capacity = 22'000;
  for (const double disturbed : {1000.0, 4000.0, 16'000.0}) {
    RateSearch search({.first = 1000});
    int failures = 0;
    for (int trials = 0; trials < 200; ++trials) {
      const auto rate = search.rate();
      if (!rate) break;
      const bool is_disturbed = *rate == disturbed && failures < 2;
      if (is_disturbed) ++failures;
      !is_disturbed&&* rate <= capacity ? search.passed() : search.failed();
    }
    EXPECT_FALSE(search.rate());
    EXPECT_GE(search.found() * 1.05, capacity * 0.999) << disturbed;
    EXPECT_LE(search.found(), capacity);
  }
}

TEST(RateSearch, TriesAgainWhatFailedOnce) {
  RateSearch search({.first = 100});
  search.failed();
  EXPECT_EQ(search.rate(), 100);
  search.passed();
  EXPECT_EQ(search.rate(), 200);
  EXPECT_EQ(search.found(), 100);
}

}  // namespace
}  // namespace berth::load
