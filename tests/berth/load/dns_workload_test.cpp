// Questions against a simulated DNS server, through queues and in virtual time.
#include "tools/berth/load/dns_workload.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/default_plan.hpp"
#include "config/load.hpp"
#include "protocol/dns/message_builder.hpp"
#include "tools/berth/load/dns_plan.hpp"
#include "tools/berth/load/message_stream.hpp"

namespace berth::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::byte> right_address{std::byte{192}, std::byte{168}, std::byte{200},
                                           std::byte{7}};

struct Says {
  Time after = milliseconds(1);
  dns::Rcode rcode = dns::Rcode::noerror;
  std::vector<std::byte> address = right_address;
  std::string qname;  // of the answer's question; empty: the one asked
  std::uint16_t id_off_by = 0;
  bool is_response = true;
  std::size_t cut = 0;  // octets left out at the end
};
using Server = std::function<std::vector<Says>(int number)>;

std::vector<std::byte> answer(const dns::MessageView& query, const Says& says) {
  std::array<std::byte, 512> out{};
  const auto asked = *query.question();
  const dns::Name name = says.qname.empty() ? asked.qname.to_name() : *dns::Name::parse(says.qname);
  const auto flags = static_cast<std::uint16_t>((says.is_response ? dns::flag::qr : 0) |
                                                static_cast<std::uint16_t>(says.rcode));
  dns::MessageBuilder builder(out, static_cast<std::uint16_t>(query.header().id() + says.id_off_by),
                              flags);
  builder.question(name.wire(), asked.qtype, dns::RrClass::in);
  if (says.rcode == dns::Rcode::noerror && !says.address.empty())
    builder.record(dns::Section::answer, name.wire(), dns::RrType::a, dns::RrClass::in, 60,
                   says.address);
  const auto octets = builder.finish();
  return {octets->begin(), octets->end() - static_cast<std::ptrdiff_t>(says.cut)};
}

DnsSettings settings_for(std::uint64_t count) {
  DnsSettings settings;
  settings.loop.rate = 100;
  settings.extent.count = count;
  settings.timeout = milliseconds(500);
  settings.ports = 3;
  settings.queries = {{*dns::Name::parse("worker0.kubenet"), dns::RrType::a, right_address}};
  return settings;
}

class Campaign {
 public:
  Campaign(const DnsSettings& settings, const Server& server) : workload(settings) {
    Outbox out;
    std::multimap<Time, Arrival> arrivals;
    Time now = seconds(1);
    int number = 0;
    for (int steps = 0; !workload.is_done(); ++steps) {
      if (steps > 1'000'000) {
        ADD_FAILURE() << "no end";
        return;
      }
      Time next = workload.next_deadline().value_or(Time::max());
      if (!arrivals.empty()) next = std::min(next, arrivals.begin()->first);
      now = std::max(now, next);
      while (!arrivals.empty() && arrivals.begin()->first <= now) {
        const Arrival arrival = std::move(arrivals.begin()->second);
        arrivals.erase(arrivals.begin());
        workload.on_message({arrival.octets, {.port = arrival.port}, now}, now, out);
      }
      workload.on_timer(now, out);
      for (const Message& message : out.messages()) {
        const auto query = dns::MessageView::parse(message.octets);
        ++asked[query->question()->qname.to_string()];
        for (const Says& says : server(number++))
          arrivals.emplace(now + says.after, Arrival{message.path.port, answer(*query, says)});
      }
      out.clear();
    }
  }

  const Tally& tally() const { return workload.progress().tallies[Exchange::query]; }

  DnsWorkload workload;
  std::map<std::string, int> asked;

 private:
  struct Arrival {
    std::uint16_t port = 0;
    std::vector<std::byte> octets;
  };
};

// What a server does with ten questions, and what is counted.
struct Row {
  std::string name;
  Says says;
  std::uint64_t received = 0, late = 0, wrong_question = 0, wrong_answer = 0, malformed = 0,
                unmatched = 0;
};

class DnsAnswers : public testing::TestWithParam<Row> {};

TEST_P(DnsAnswers, AreCountedWhereTheyBelong) {
  const Row& row = GetParam();
  const Campaign campaign(settings_for(10), [&](int) { return std::vector{row.says}; });
  const Tally& tally = campaign.tally();
  const Progress& progress = campaign.workload.progress();
  EXPECT_EQ(tally.sent, 10u);
  EXPECT_EQ(tally.received, row.received);
  EXPECT_EQ(tally.late, row.late);
  EXPECT_EQ(tally.wrong[static_cast<std::size_t>(Wrong::question)], row.wrong_question);
  EXPECT_EQ(tally.wrong[static_cast<std::size_t>(Wrong::answer)], row.wrong_answer);
  EXPECT_EQ(progress.malformed, row.malformed);
  EXPECT_EQ(progress.unmatched, row.unmatched);
  EXPECT_EQ(progress.completed, row.received);
}

INSTANTIATE_TEST_SUITE_P(
    Load, DnsAnswers,
    testing::Values(
        Row{.name = "right", .says = {}, .received = 10},
        Row{.name = "late", .says = {.after = milliseconds(700)}, .late = 10},
        Row{.name = "other_name", .says = {.qname = "evil"}, .wrong_question = 10},
        Row{.name = "name_in_capitals", .says = {.qname = "WORKER0.kubenet"}, .received = 10},
        Row{.name = "other_address",
            .says = {.address = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}},
            .wrong_answer = 10},
        Row{.name = "nxdomain", .says = {.rcode = dns::Rcode::nxdomain}, .wrong_answer = 10},
        Row{.name = "nodata", .says = {.address = {}}, .wrong_answer = 10},
        Row{.name = "other_id", .says = {.id_off_by = 0x1000}, .unmatched = 10},
        Row{.name = "a_query", .says = {.is_response = false}, .malformed = 10},
        Row{.name = "torn", .says = {.cut = 3}, .malformed = 10}),
    [](const auto& test) { return test.param.name; });

TEST(DnsWorkload, CountsAnAnswerThatComesTwice) {
  const Campaign campaign(settings_for(10), [](int) {
    return std::vector<Says>{{}, {.after = milliseconds(5)}};
  });
  EXPECT_EQ(campaign.tally().received, 10u);
  EXPECT_EQ(campaign.tally().duplicates, 10u - 1);  // the last one comes when all is done
}

TEST(DnsWorkload, EndsWhereNobodyAnswers) {
  const Campaign campaign(settings_for(10), [](int) { return std::vector<Says>{}; });
  EXPECT_EQ(campaign.tally().never(), 10u);
}

TEST(DnsWorkload, AsksEverythingInTurn) {
  DnsSettings settings = settings_for(9);
  settings.queries.clear();
  for (const char* name : {"a.test", "b.test", "c.test"})
    settings.queries.push_back({*dns::Name::parse(name), dns::RrType::a, {}});
  const Campaign campaign(settings, [](int) { return std::vector<Says>{{}}; });
  EXPECT_EQ(campaign.asked,
            (std::map<std::string, int>{{"a.test.", 3}, {"b.test.", 3}, {"c.test.", 3}}));
  EXPECT_EQ(campaign.workload.progress().rcodes[0], 9u);
}

TEST(DnsWorkload, KeepsSoManyOpen) {
  DnsSettings settings = settings_for(0);
  settings.extent = {.duration = seconds(1)};
  settings.loop = {.rate = 0, .at_once = 10};
  const Campaign campaign(settings, [](int) { return std::vector<Says>{{}}; });
  EXPECT_EQ(campaign.tally().received, 10'000u);
}

// 65,536 identifiers of a port are used up many times over.
TEST(DnsWorkload, TellsOldIdentifiersFromNewOnes) {
  for (const std::uint16_t in_a_row : {std::uint16_t{1}, std::uint16_t{64}}) {
    DnsSettings settings = settings_for(300'000);
    settings.loop.rate = 100'000;
    settings.in_a_row = in_a_row;
    const Campaign campaign(settings, [](int) { return std::vector<Says>{{}}; });
    EXPECT_EQ(campaign.tally().received, 300'000u);
    EXPECT_EQ(campaign.workload.progress().unmatched, 0u);
    EXPECT_EQ(campaign.workload.progress().starved, 0u);
  }
}

TEST(DnsPlan, AsksForEveryNameAndAddress) {
  const auto loaded = config::load(config::default_plan());
  ASSERT_TRUE(loaded.config);
  const auto queries = queries_of(*loaded.config, {});
  EXPECT_EQ(queries.size(), 7u * 2 + 2);  // hosts both ways; kubernetes and vmhost
  EXPECT_EQ(queries[0].qname.to_string(), "gateway.kubenet.");
  EXPECT_EQ(queries[1].qname.to_string(), "3.200.168.192.in-addr.arpa.");
  EXPECT_EQ(queries[1].qtype, dns::RrType::ptr);
  EXPECT_TRUE(queries_of(*loaded.config, "other").empty());
}

TEST(DnsPlan, ReadsAListOfQueries) {
  const auto queries =
      parse_queries("# names\n\na.test A\n  b.test\tAAAA \r\n;c\nd.test TYPE65280");
  ASSERT_TRUE(queries);
  ASSERT_EQ(queries->size(), 3u);
  EXPECT_EQ((*queries)[1].qtype, dns::RrType::aaaa);
  struct Bad {
    const char* text;
    std::size_t line;
  };
  for (const Bad& bad : {Bad{"a.test", 1}, Bad{"a.test A\nb.test NONSENSE", 2},
                         Bad{"\na..test A", 2}, Bad{"a.test A IN", 1}}) {
    const auto refused = parse_queries(bad.text);
    ASSERT_FALSE(refused) << bad.text;
    EXPECT_EQ(refused.error(), bad.line);
  }
}

TEST(MessageStream, PutsMessagesTogetherHoweverTheyCome) {
  MessageStream out;
  for (const char* text : {"one", "", "three"}) out.add(wire::bytes_of(text));
  const std::vector<std::byte> octets(out.unsent().begin(), out.unsent().end());
  ASSERT_EQ(octets.size(), 3u * 2 + 8);
  out.sent(5);
  EXPECT_EQ(out.unsent().size(), octets.size() - 5);
  out.sent(octets.size() - 5);
  EXPECT_TRUE(out.unsent().empty());
  for (std::size_t piece = 1; piece <= octets.size(); ++piece) {
    MessageStream in;
    std::vector<std::string> found;
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      const auto part = wire::Bytes(octets).subspan(at, std::min(piece, octets.size() - at));
      wire::copy(part, in.room());
      in.received(part.size());
      while (const auto message = in.next()) found.emplace_back(wire::text_of(*message));
    }
    EXPECT_EQ(found, (std::vector<std::string>{"one", "", "three"})) << piece;
  }
}

}  // namespace
}  // namespace berth::load
