// What a guest can cause is reported so often and counted beyond that, and no count is lost.
#include "server/io/event_output.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace berth::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = dhcp::Notice::Kind;
using Lines = std::vector<std::string>;

constexpr net::Ipv4Address ours{0xc0a8c801};
constexpr net::Ipv4Address other{0x0a000001};

struct Describe {
  std::string operator()(const SocketFailed& event) const {
    return std::string(event.sending ? "send " : "receive ") + net::to_string(event.address) + " " +
           std::to_string(event.count) + " errno " + std::to_string(event.error);
  }
  std::string operator()(const LinkNewsMalformed& event) const {
    return std::string(event.reason) + " " + std::to_string(event.count);
  }
  std::string operator()(const DhcpOverloaded& event) const {
    return "overload " + net::to_string(event.address) + " " + std::to_string(event.count);
  }
  std::string operator()(const DhcpNoticed& event) const {
    return "notice " + std::to_string(static_cast<int>(event.notice.kind));
  }
  std::string operator()(const NoticesHeldBack& event) const {
    return "held back " + std::to_string(static_cast<int>(event.kind)) + ": " +
           std::to_string(event.count);
  }
  template <class Other>
  std::string operator()(const Other&) const {
    return "?";
  }
};

class EventOutputTest : public testing::Test {
 protected:
  void notice(Kind kind, int times = 1) {
    DhcpNoticed event{};
    event.notice.kind = kind;
    for (int i = 0; i < times; ++i) output.push_notice(event, now);
  }
  Lines lines() {
    Lines all;
    Event event;
    while (output.ring().pop(event)) all.push_back(std::visit(Describe{}, event));
    return all;
  }

  EventOutput output;
  TimePoint now{seconds(1000)};
};

TEST_F(EventOutputTest, TellsOfTheFirstFailureAtOnceAndOfTheOthersASecondLater) {
  output.push_failure(true, ours, 11, 3, now);
  EXPECT_EQ(lines(), Lines{"send 192.168.200.1 3 errno 11"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);

  now += milliseconds(300);
  output.push_failure(true, ours, 11, 4, now);
  output.push_failure(true, ours, 105, 5, now);
  EXPECT_EQ(lines(), Lines{});
  ASSERT_EQ(output.next_deadline(), now + milliseconds(700));
  output.on_timer(now + milliseconds(699));
  EXPECT_EQ(lines(), Lines{});
  now += milliseconds(700);
  output.on_timer(now);
  EXPECT_EQ(lines(), Lines{"send 192.168.200.1 9 errno 105"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);
}

TEST_F(EventOutputTest, TellsOfBadNewsAtOnceAndOfMoreASecondLater) {
  output.push_bad_news("truncated_header", 1, now);
  EXPECT_EQ(lines(), Lines{"truncated_header 1"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);
  output.push_bad_news("truncated_header", 2, now);
  output.push_bad_news("truncated_body", 3, now);
  EXPECT_EQ(lines(), Lines{});
  ASSERT_EQ(output.next_deadline(), now + seconds(1));
  now += seconds(1);
  output.on_timer(now);
  EXPECT_EQ(lines(), Lines{"truncated_body 5"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);
}

TEST_F(EventOutputTest, TellsOfAnOverloadAtOnceAndOfMoreASecondLater) {
  output.push_overload(ours, now);
  EXPECT_EQ(lines(), Lines{"overload 192.168.200.1 1"});
  output.push_overload(ours, now);
  output.push_overload(ours, now);
  EXPECT_EQ(lines(), Lines{});
  ASSERT_EQ(output.next_deadline(), now + seconds(1));
  now += seconds(1);
  output.on_timer(now);
  EXPECT_EQ(lines(), Lines{"overload 192.168.200.1 2"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);
}

TEST_F(EventOutputTest, CountsFailuresByAddressAndDirection) {
  output.push_failure(true, ours, 11, 1, now);
  output.push_failure(false, ours, 100, 1, now);
  output.push_failure(true, other, 1, 1, now);
  EXPECT_EQ(lines(), (Lines{"send 192.168.200.1 1 errno 11", "receive 192.168.200.1 1 errno 100",
                            "send 10.0.0.1 1 errno 1"}));
}

TEST_F(EventOutputTest, LosesNoFailureWhenThereAreManyAddresses) {
  std::uint64_t told = 0;
  const auto add_up = [&] {
    Event event;
    while (output.ring().pop(event)) told += std::get<SocketFailed>(event).count;
  };
  for (std::uint32_t i = 1; i <= 40; ++i)
    for (int twice = 0; twice < 2; ++twice) output.push_failure(true, {i}, 11, 1, now);
  add_up();
  EXPECT_LT(told, 80u);
  output.on_timer(now + seconds(1));
  add_up();
  EXPECT_EQ(told, 80u);
}

TEST_F(EventOutputTest, UsesThePlaceOfAnAddressThatIsQuiet) {
  for (std::uint32_t i = 1; i <= 40; ++i) {
    output.push_failure(true, {i}, 11, 1, now);
    EXPECT_EQ(lines(), Lines{"send " + net::to_string(net::Ipv4Address{i}) + " 1 errno 11"});
    now += seconds(1);
  }
}

TEST_F(EventOutputTest, HoldsBackOneKindOfNoticeWithoutTheOthers) {
  notice(Kind::refused, EventOutput::max_notices_a_second + 7);
  notice(Kind::address_in_use);
  Lines expected(EventOutput::max_notices_a_second, "notice 1");
  expected.push_back("notice 3");
  EXPECT_EQ(lines(), expected);

  ASSERT_EQ(output.next_deadline(), now + seconds(1));
  now += seconds(1);
  output.on_timer(now);
  EXPECT_EQ(lines(), Lines{"held back 1: 7"});
  notice(Kind::refused);
  EXPECT_EQ(lines(), Lines{"notice 1"});
  EXPECT_EQ(output.next_deadline(), std::nullopt);
}

TEST_F(EventOutputTest, TellsWhatWasHeldBackBeforeTheNextNotice) {
  notice(Kind::refused, EventOutput::max_notices_a_second + 1);
  lines();
  now += seconds(2);
  notice(Kind::refused);
  EXPECT_EQ(lines(), (Lines{"held back 1: 1", "notice 1"}));
}

}  // namespace
}  // namespace berth::io
