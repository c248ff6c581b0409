// What is said of a run: figures, who set the result, whether the limits hold.
#include "tools/berth/load/report.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <functional>
#include <string>

#include "tools/berth/load/dhcp_plan.hpp"
#include "tools/berth/load/figures.hpp"

namespace berth::load {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Figures, AreReadable) {
  struct Row {
    Time time;
    const char* text;
  };
  for (const Row& row :
       {Row{Time(0), "0.00 µs"}, Row{Time(1234), "1.23 µs"}, Row{Time(99'940), "99.9 µs"},
        Row{Time(999'400), "999 µs"}, Row{Time(999'600), "1.00 ms"},
        Row{milliseconds(45), "45.0 ms"}, Row{seconds(12), "12.0 s"}})
    EXPECT_EQ(time_text(row.time), row.text);
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(2.5), "2.50");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(percent_text(0), "0 %");
  EXPECT_EQ(percent_text(0.0012), "0.12 %");
  EXPECT_EQ(percent_text(1), "100 %");
  EXPECT_EQ(right("µ", 3), "  µ");
  EXPECT_EQ(left("µ", 3), "µ  ");
}

TEST(Figures, ReadTimes) {
  EXPECT_EQ(parse_time("10s"), seconds(10));
  EXPECT_EQ(parse_time("2.5ms"), microseconds(2500));
  EXPECT_EQ(parse_time("300us"), microseconds(300));
  EXPECT_EQ(parse_time("2m"), seconds(120));
  for (const char* text : {"", "10", "s", "0s", "-1s", "1.2.3s", "10 s", "1e3s", "9999h", "1d"})
    EXPECT_FALSE(parse_time(text)) << text;
}

// A run in which all was well: a thousand handshakes in a second.
Summary good_run() {
  Summary summary;
  summary.subject = {
      .protocol = "dhcp", .mode = "relay", .scenario = "dora", .loop = {.rate = 1000}};
  Progress& progress = summary.progress;
  progress.begun = seconds(1);
  progress.ended = seconds(2);
  progress.turns = progress.completed = 1000;
  for (const Exchange exchange :
       {Exchange::discover_offer, Exchange::request_ack, Exchange::handshake}) {
    Tally& tally = progress.tallies[exchange];
    tally.sent = tally.received = 1000;
    for (int i = 1; i <= 1000; ++i) tally.latency.record(microseconds(i));
  }
  for (int i = 0; i < 1000; ++i) progress.lag.record(Time(500));
  summary.outcome = {.elapsed = seconds(1), .idle = milliseconds(900), .cpu = milliseconds(100)};
  return summary;
}

TEST(Summary, KnowsItsRates) {
  Summary summary = good_run();
  EXPECT_DOUBLE_EQ(summary.achieved_rate(), 1000);
  EXPECT_NEAR(summary.busy_share(), 0.1, 1e-9);
  EXPECT_DOUBLE_EQ(summary.rate_of_a_core(), 10'000);
  EXPECT_EQ(summary.headline(), Exchange::handshake);
  summary.server = {.pids = {1}, .cpu = milliseconds(5)};
  EXPECT_EQ(summary.server_cpu_per_turn(), microseconds(5));
  EXPECT_TRUE(summary.is_ok());
}

// What changes about the good run, whether the tester is to blame, and what the conclusion says.
struct Row {
  std::string name;
  std::function<void(Summary&)> change;
  bool is_tester = false;
  std::string says;
  bool ok = true;
};

class Conclusions : public testing::TestWithParam<Row> {};

TEST_P(Conclusions, NameWhoSetTheResult) {
  Summary summary = good_run();
  GetParam().change(summary);
  EXPECT_EQ(!summary.tester_limits().empty(), GetParam().is_tester);
  EXPECT_NE(summary.conclusion().find(GetParam().says), std::string::npos) << summary.conclusion();
  EXPECT_EQ(summary.is_ok(), GetParam().ok);
}

Tally& handshake(Summary& summary) { return summary.progress.tallies[Exchange::handshake]; }

INSTANTIATE_TEST_SUITE_P(
    Load, Conclusions,
    testing::Values(
        Row{"kept_up", [](Summary&) {}, false, "kept up with the rate"},
        Row{"closed_loop", [](Summary& s) { s.subject.loop = {.rate = 0, .at_once = 5}; }, false,
            "set the pace"},
        Row{"lost_some", [](Summary& s) { handshake(s).received = 900; }, false, "lost 10 %"},
        Row{"lost_more_than_allowed",
            [](Summary& s) {
              handshake(s).received = 900;
              s.limits.max_loss = 0.05;
            },
            false, "lost 10 %", false},
        Row{"slower_than_allowed", [](Summary& s) { s.limits.max_p99 = microseconds(500); }, false,
            "kept up", false},
        Row{"fast_enough",
            [](Summary& s) {
              s.limits = {0.0, milliseconds(2)};
            },
            false, "kept up"},
        Row{"send_errors", [](Summary& s) { s.faults.send_errors = 1; }, true, "refused 1 of"},
        Row{"socket_drops", [](Summary& s) { s.faults.kernel_drops = 3; }, true, "no room for 3"},
        Row{"link_lost", [](Summary& s) { s.faults.is_lost = true; }, true, "link went away"},
        Row{"too_few_clients", [](Summary& s) { s.progress.starved = 7; }, true, "7 turns"},
        Row{"behind_the_rate", [](Summary& s) { s.subject.loop.rate = 2000; }, true, "1,000 turns"},
        Row{"late_itself",
            [](Summary& s) {
              for (int i = 0; i < 100; ++i) s.progress.lag.record(milliseconds(1));
            },
            true, "late by 1.00 ms"},
        Row{"busy", [](Summary& s) { s.outcome.idle = milliseconds(300); }, true, "70 %"},
        Row{"near_its_ceiling", [](Summary& s) { s.ceiling = 1400; }, true, "1,400"},
        Row{"far_from_its_ceiling", [](Summary& s) { s.ceiling = 1600; }, false, "kept up"},
        Row{"nobody",
            [](Summary& s) {
              for (std::size_t i = 0; i < exchange_count; ++i)
                s.progress.tallies[static_cast<Exchange>(i)].received = 0;
            },
            false, "Nobody answered", false},
        Row{"nothing", [](Summary& s) { s.progress = {}; }, true, "before it began", false}),
    [](const auto& test) { return test.param.name; });

TEST(Reports, HaveEverything) {
  Summary summary = good_run();
  handshake(summary).wrong[0] = 2;
  summary.search = Search{{{1000, 999, 0.01, milliseconds(2), true, false}}, {1000, 1200, 1100}};
  const std::string text = text_report(summary);
  for (const char* part : {"DISCOVER-OFFER", "p99.9", "highest rate: 1,100", "1,000 to 1,200"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  const auto json = json_report(summary);
  EXPECT_EQ(json.at("exchanges").at("handshake").at("wrong").at("address"), 2);
  EXPECT_EQ(json.at("exchanges").at("handshake").at("latency").at("max"), 1000.0);
  EXPECT_EQ(json.at("find_max").at("rate"), 1100.0);
  EXPECT_EQ(json.at("server"), nullptr);
}

TEST(Identities, AreCountedOn) {
  const auto first = *net::MacAddress::parse("02:00:00:00:00:fe");
  const auto made = identities(first, 3);
  ASSERT_TRUE(made);
  EXPECT_EQ(net::to_string((*made)[2].mac), "02:00:00:00:01:00");
  EXPECT_FALSE(identities(*net::MacAddress::parse("ff:ff:ff:ff:ff:fe"), 3));
}

TEST(Identities, AreReadFromAList) {
  const auto found = parse_identities("# lab\n52:52:52:00:00:01\n\n52:52:52:00:00:02 worker\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 2u);
  EXPECT_EQ(parse_identities("52:52:52:00:00:01\nnonsense").error(), 2u);
  EXPECT_EQ(parse_identities("ff:ff:ff:ff:ff:ff").error(), 1u);
}

}  // namespace
}  // namespace berth::load
