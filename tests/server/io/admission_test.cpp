// How the share of new handshakes follows the buffer, and that the kernel keeps out what it says.
#include "server/io/admission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>

namespace berth::io {
namespace {

constexpr Share a_lot = whole / 2;
constexpr Share little = whole / 100;
constexpr Share between = whole / 8;

struct AdmissionOf : testing::Test {
  // Handshakes, unless something else was read.
  Share observe(Share fill, int times = 1,
                Admission::Read read = {.datagrams = 64, .discovers = 32}) {
    for (int i = 0; i < times; ++i) {
      admission.on_read(read, now);
      now += Admission::interval;
      admission.observe(fill, now);
    }
    return admission.share();
  }

  Admission admission;
  TimePoint now{std::chrono::hours{1}};
};

TEST_F(AdmissionOf, EverybodyAsLongAsNothingWaits) {
  EXPECT_FALSE(admission.on_read({}, now));
  EXPECT_EQ(admission.next_deadline(), std::nullopt);
  EXPECT_EQ(observe(between), whole) << "a burst may wait";
}

TEST_F(AdmissionOf, FewerAndFewerWhileTheBufferFillsButNeverNobody) {
  EXPECT_TRUE(admission.on_read({.is_behind = true}, now));
  const Share first = observe(a_lot);
  EXPECT_LT(first, whole);
  EXPECT_LT(observe(a_lot), first);
  EXPECT_EQ(observe(a_lot, 1000), 1);
}

TEST_F(AdmissionOf, TheSameWhileWhatWaitsIsEnoughAndNotTooMuch) {
  const Share share = observe(a_lot, 3);
  EXPECT_EQ(observe(between, 1000), share);
}

TEST_F(AdmissionOf, EverybodyAgainWithinASecondOfTheEnd) {
  ASSERT_EQ(observe(a_lot, 1000), 1);
  const int a_second = 1000 / static_cast<int>(Admission::interval.count());
  EXPECT_EQ(observe(little, a_second), whole);
  EXPECT_EQ(admission.next_deadline(), std::nullopt);
}

TEST_F(AdmissionOf, IsLookedAtInItsTimeWhetherAnythingComesOrNot) {
  observe(a_lot);
  EXPECT_EQ(admission.next_deadline(), now + Admission::interval);
  EXPECT_FALSE(admission.on_read({.is_behind = true}, now)) << "a look has just been";
  EXPECT_TRUE(admission.on_read({}, now + Admission::interval));
}

TEST_F(AdmissionOf, WaitsWhileTheBufferIsOnItsWay) {
  const Share fewer = observe(a_lot, 3);
  EXPECT_EQ(observe(a_lot - 1), fewer) << "it empties already";
  const Share few = observe(a_lot, 1000);
  observe(little);
  const Share more = observe(little);
  ASSERT_GT(more, few);
  EXPECT_EQ(observe(little + 1), more) << "it fills already";
}

// As of REQUESTs: it would be as large without those who want an address.
TEST_F(AdmissionOf, EverybodyInAFloodOfSomethingElse) {
  EXPECT_EQ(observe(a_lot, 1000, {.datagrams = 640, .discovers = 79}), whole);
  EXPECT_LT(observe(a_lot, 1, {.datagrams = 640, .discovers = 80}), whole);
  EXPECT_LT(observe(a_lot, 10, {.datagrams = 640, .discovers = 79}), whole)
      << "with those kept out";
  ASSERT_LT(observe(a_lot, 1000), whole);
  EXPECT_EQ(observe(a_lot, 100, {.datagrams = 640, .discovers = 0}), whole);
}

// A server with a buffer that is read in order, and clients who send a REQUEST for each offer.
struct Flood : testing::TestWithParam<double> {
  static constexpr double buffer = 10;         // times what can be read in a look's time
  static constexpr int parts = 10;             // of a look's time
  static constexpr double done = 1.0 / parts;  // in each

  struct Piece {
    double size;
    bool is_request;
  };
  std::deque<Piece> waiting;
  double fill = 0;

  void come(double size, bool is_request) {
    const double taken = std::min(size, buffer - fill);
    if (taken <= 0) return;
    waiting.push_back({taken, is_request});
    fill += taken;
  }

  // One part of a look's time: what comes in, what is read; returns the REQUESTs that were
  // answered.
  double pass(double discovers, Admission& admission) {
    come(discovers, false);
    double offers = 0;
    double acks = 0;
    for (double left = done; left > 0 && !waiting.empty();) {
      Piece& first = waiting.front();
      const double size = std::min(left, first.size);
      (first.is_request ? acks : offers) += size;
      left -= size;
      fill -= size;
      first.size -= size;
      if (first.size <= 0) waiting.pop_front();
    }
    come(offers, true);
    constexpr double a_datagram = 1e-4;
    admission.on_read({.datagrams = static_cast<std::size_t>((offers + acks) / a_datagram),
                       .discovers = static_cast<std::size_t>(offers / a_datagram)},
                      {});
    return acks;
  }
};

// The share settles where the buffer neither fills nor empties: half of what is done are REQUESTs.
TEST_P(Flood, IsBorneWithoutIdling) {
  Admission admission;
  TimePoint now{std::chrono::hours{1}};
  double acks = 0;
  constexpr int looks = 2000;
  constexpr int until_settled = 200;
  for (int look = 0; look < looks; ++look) {
    const double offered = GetParam() * admission.share() / whole;
    for (int part = 0; part < parts; ++part) {
      const double answered = pass(offered / parts, admission);
      if (look >= until_settled) acks += answered;
    }
    now += Admission::interval;
    admission.observe(static_cast<Share>(whole * fill / buffer), now);
  }
  EXPECT_GT(acks / (looks - until_settled), 0.98 / 2);
}

INSTANTIATE_TEST_SUITE_P(Admission, Flood, testing::Values(0.6, 1.0, 2.5, 5.0));

}  // namespace
}  // namespace berth::io
