// Simulated DHCP clients against a simulated server, through queues and in virtual time.
#include "tools/berth/load/dhcp_workload.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "protocol/dhcp/reply_builder.hpp"

namespace berth::load {
namespace {

using dhcp::MessageType;
using dhcp::MessageView;
using dhcp::OptionCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto us = net::Ipv4Address::from_octets(192, 168, 200, 1);
constexpr auto them = net::Ipv4Address::from_octets(192, 168, 200, 2);
constexpr auto first = net::Ipv4Address::from_octets(192, 168, 200, 10);

// What a server says to a message, and when.
struct Answer {
  Time after{};
  std::vector<std::byte> octets;
};
using Server = std::function<std::vector<Answer>(const MessageView& request, int number)>;

net::Ipv4Address address_of(const MessageView& request) {
  return {first.value + wire::load_u8(request.chaddr(), 5)};
}

struct Says {
  MessageType type{};
  net::Ipv4Address address{};
  net::Ipv4Address server = us;
  Time after = milliseconds(1);
  std::uint32_t xid_off_by = 0;
};

Answer answer(const MessageView& request, const Says& says) {
  std::array<std::byte, 576> out{};
  dhcp::ReplyBuilder builder(out, request, says.type, out.size());
  if (says.type != MessageType::nak) builder.yiaddr(says.address);
  if (!says.server.is_unspecified()) builder.option(OptionCode::server_identifier, says.server);
  if (says.type != MessageType::nak)
    builder.option(OptionCode::subnet_mask, net::Ipv4Prefix{us, 24}.mask());
  const auto octets = builder.finish();
  Answer made{says.after, {octets->begin(), octets->end()}};
  wire::store_u32(made.octets, dhcp::field::xid, request.xid() + says.xid_off_by);
  return made;
}

// A server that does what it should: each its address, by the last octet of its MAC.
Says right(const MessageView& request) {
  const bool is_discover = request.type() == MessageType::discover;
  return {is_discover ? MessageType::offer : MessageType::ack, address_of(request)};
}
std::vector<Answer> good_server(const MessageView& request, int /*number*/) {
  const auto type = request.type();
  if (type == MessageType::release || type == MessageType::decline) return {};
  return {answer(request, right(request))};
}

DhcpSettings settings_for(std::uint32_t clients) {
  DhcpSettings settings;
  settings.loop.rate = 100;
  settings.extent.duration = seconds(1);
  settings.patience.last = milliseconds(500);
  for (std::uint32_t i = 0; i < clients; ++i) {
    Identity identity;
    identity.mac = net::MacAddress::from_octets(2, 0, 0, 0, 0, static_cast<std::uint8_t>(i));
    identity.reserved = {first.value + i};
    settings.clients.push_back(identity);
  }
  return settings;
}

// A run to its end. `stop_at`: when somebody interrupts it.
class Campaign {
 public:
  Campaign(const DhcpSettings& settings, Server server, Time stop_at = seconds(1000))
      : workload(settings), server_(std::move(server)) {
    bool stopped = false;
    for (int steps = 0; !workload.is_done(); ++steps) {
      if (steps > 1'000'000) {
        ADD_FAILURE() << "no end";
        return;
      }
      Time next = workload.next_deadline().value_or(Time::max());
      if (!arrivals_.empty()) next = std::min(next, arrivals_.begin()->first);
      if (!stopped) next = std::min(next, stop_at);
      now = std::max(now, next);
      if (!stopped && now >= stop_at) {
        workload.stop(now);
        stopped = true;
      }
      while (!arrivals_.empty() && arrivals_.begin()->first <= now) {
        const auto octets = std::move(arrivals_.begin()->second);
        arrivals_.erase(arrivals_.begin());
        workload.on_message({octets, {}, now}, now, out_);
        deliver();
      }
      workload.on_timer(now, out_);
      deliver();
    }
  }

  const Tally& tally(Exchange exchange) const { return workload.progress().tallies[exchange]; }
  int sent(MessageType type) const {
    const auto found = seen_.find(type);
    return found == seen_.end() ? 0 : found->second;
  }

  DhcpWorkload workload;
  Time now = seconds(5);
  std::vector<Time> sent_at;

 private:
  void deliver() {
    for (const Message& message : out_.messages()) {
      const auto request = MessageView::parse(message.octets);
      ASSERT_TRUE(request);
      sent_at.push_back(now);
      ++seen_[*request->type()];
      for (Answer& reply : server_(*request, number_++))
        arrivals_.emplace(now + reply.after, std::move(reply.octets));
    }
    out_.clear();
  }

  Server server_;
  Outbox out_;
  std::multimap<Time, std::vector<std::byte>> arrivals_;
  std::map<MessageType, int> seen_;
  int number_ = 0;
};

TEST(DhcpWorkload, TakesEveryTurnThatIsDue) {
  const DhcpSettings settings = settings_for(20);
  const Campaign run(settings, good_server);
  const Progress& progress = run.workload.progress();
  EXPECT_EQ(progress.turns, 100u);
  EXPECT_EQ(progress.completed, 100u);
  for (const Exchange exchange :
       {Exchange::discover_offer, Exchange::request_ack, Exchange::handshake}) {
    const Tally& tally = run.tally(exchange);
    EXPECT_EQ(tally.sent, 100u) << name(exchange);
    EXPECT_EQ(tally.received, 100u);
    EXPECT_EQ(tally.never(), 0u);
    const Time delay = exchange == Exchange::handshake ? milliseconds(2) : milliseconds(1);
    EXPECT_EQ(tally.latency.min(), delay);
    EXPECT_EQ(tally.latency.max(), delay);
  }
  EXPECT_EQ(progress.ended - progress.begun, seconds(1));
  EXPECT_EQ(progress.starved, 0u);
  EXPECT_EQ(run.sent(MessageType::release), 20);
}

TEST(DhcpWorkload, KeepsLeasesWhenAsked) {
  DhcpSettings settings = settings_for(5);
  settings.releases = false;
  const Campaign run(settings, good_server);
  EXPECT_EQ(run.sent(MessageType::release), 0);
}

TEST(DhcpWorkload, ChargesAServerForTheTimeInWhichItStalls) {
  // Everything is answered at once but for what arrives in a tenth of a second: that waits.
  DhcpSettings settings = settings_for(200);
  settings.extent.duration = seconds(2);
  int number = 0;
  const Campaign run(settings, [&](const MessageView& request, int) {
    Says says = right(request);
    // Discovers come every 10 ms: the hundredth to the hundred and ninth wait until the stall ends.
    if (request.type() == MessageType::discover) {
      if (number >= 100 && number < 110) says.after = milliseconds(1 + 10 * (110 - number));
      ++number;
    }
    if (request.type() == MessageType::release) return std::vector<Answer>{};
    return std::vector<Answer>{answer(request, says)};
  });
  const Tally& tally = run.tally(Exchange::discover_offer);
  EXPECT_EQ(tally.latency.max(), milliseconds(101));
  EXPECT_NEAR(seconds_of(tally.latency.percentile(0.99)), 0.081, 0.001);
}

// What is wrong with a server, and where it is counted.
struct Fault {
  std::string name;
  Server server;
  std::function<void(Tallies&, Progress&)> expected;  // of ten turns, all of them so
  Scenario scenario = Scenario::dora;
};

class DhcpFaults : public testing::TestWithParam<Fault> {};

Tally& failed(Tallies& tallies, Exchange exchange, std::uint64_t sent) {
  tallies[exchange].sent = sent;
  return tallies[exchange];
}

std::size_t at(Wrong wrong) { return static_cast<std::size_t>(wrong); }

std::vector<Answer> with(const MessageView& request, const std::vector<Says>& all) {
  std::vector<Answer> answers;
  for (const Says& says : all) answers.push_back(answer(request, says));
  return answers;
}

bool is(const MessageView& request, MessageType type) { return request.type() == type; }

const Fault faults[] = {
    {"silence", [](const MessageView&, int) { return std::vector<Answer>{}; },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10);
       failed(t, Exchange::handshake, 10);
     }},
    {"silent_to_requests",
     [](const MessageView& r, int n) {
       return is(r, MessageType::discover) ? good_server(r, n) : std::vector<Answer>{};
     },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10).received = 10;
       failed(t, Exchange::request_ack, 10);
       failed(t, Exchange::handshake, 10);
     }},
    {"late_offers",
     [](const MessageView& r, int) {
       Says says = right(r);
       says.after = milliseconds(700);
       return with(r, {says});
     },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10).late = 10;
       failed(t, Exchange::handshake, 10).late = 10;
     }},
    {"answers_twice",
     [](const MessageView& r, int) {
       if (is(r, MessageType::release)) return std::vector<Answer>{};
       Says again = right(r);
       again.after = milliseconds(3);
       return with(r, {right(r), again});
     },
     [](Tallies& t, Progress& p) {
       for (const Exchange exchange :
            {Exchange::discover_offer, Exchange::request_ack, Exchange::handshake}) {
         failed(t, exchange, 10).received = 10;
         if (exchange != Exchange::handshake) t[exchange].duplicates = 10;
       }
       p.completed = 10;
     }},
    {"naks",
     [](const MessageView& r, int n) {
       if (is(r, MessageType::discover)) return good_server(r, n);
       return with(r, {{.type = MessageType::nak}});
     },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10).received = 10;
       failed(t, Exchange::request_ack, 10).naks = 10;
       failed(t, Exchange::handshake, 10).naks = 10;
     }},
    {"another_xid",
     [](const MessageView& r, int) {
       Says says = right(r);
       says.xid_off_by = 1;
       return with(r, {says});
     },
     [](Tallies& t, Progress& p) {
       failed(t, Exchange::discover_offer, 10);
       failed(t, Exchange::handshake, 10);
       p.unmatched = 10;
     }},
    {"malformed",
     [](const MessageView& r, int) {
       Answer made = answer(r, right(r));
       made.octets.resize(dhcp::field::options + 1);  // a torn option
       return std::vector<Answer>{made};
     },
     [](Tallies& t, Progress& p) {
       failed(t, Exchange::discover_offer, 10);
       failed(t, Exchange::handshake, 10);
       p.malformed = 10;
     }},
    {"no_server_identifier",
     [](const MessageView& r, int) {
       Says says = right(r);
       says.server = {};
       return with(r, {says});
     },
     [](Tallies& t, Progress& p) {
       failed(t, Exchange::discover_offer, 10).wrong[at(Wrong::options)] = 10;
       failed(t, Exchange::handshake, 10).wrong[at(Wrong::options)] = 10;
       p.malformed = 10;
     }},
    {"not_the_reserved_address",
     [](const MessageView& r, int) {
       Says says = right(r);
       says.address.value += 100;
       return with(r, {says});
     },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10).wrong[at(Wrong::address)] = 10;
       failed(t, Exchange::handshake, 10).wrong[at(Wrong::address)] = 10;
     }},
    {"acks_another_address",
     [](const MessageView& r, int n) {
       if (is(r, MessageType::discover)) return good_server(r, n);
       Says says = right(r);
       says.address.value += 100;
       return with(r, {says});
     },
     [](Tallies& t, Progress&) {
       failed(t, Exchange::discover_offer, 10).received = 10;
       failed(t, Exchange::request_ack, 10).wrong[at(Wrong::address)] = 10;
       failed(t, Exchange::handshake, 10).wrong[at(Wrong::address)] = 10;
     }},
    {"two_servers",
     [](const MessageView& r, int) {
       if (is(r, MessageType::release)) return std::vector<Answer>{};
       Says other = right(r);
       other.server = them;
       other.after = milliseconds(2);
       if (!is(r, MessageType::discover)) return with(r, {right(r)});
       return with(r, {right(r), other});
     },
     [](Tallies& t, Progress& p) {
       for (const Exchange exchange :
            {Exchange::discover_offer, Exchange::request_ack, Exchange::handshake})
         failed(t, exchange, 10).received = 10;
       t[Exchange::discover_offer].foreign = 10;
       p.completed = 10;
     }},
    {"lost_leases",
     [](const MessageView& r, int n) {
       // A REQUEST in RENEWING has no option 50, and that is how it is known.
       if (is(r, MessageType::request) && !r.find(OptionCode::requested_ip_address))
         return with(r, {{.type = MessageType::nak}});
       return good_server(r, n);
     },
     [](Tallies& t, Progress& p) {
       // Five clients: each is refused once and begins anew, which succeeds.
       failed(t, Exchange::renew, 5).naks = 5;
       for (const Exchange exchange :
            {Exchange::discover_offer, Exchange::request_ack, Exchange::handshake})
         failed(t, exchange, 5).received = 5;
       p.completed = 5;
     },
     Scenario::renew},
};

TEST_P(DhcpFaults, AreCountedWhereTheyBelong) {
  const Fault& fault = GetParam();
  DhcpSettings settings = settings_for(fault.scenario == Scenario::renew ? 5 : 100);
  settings.scenario = fault.scenario;
  settings.extent = {.count = 10};
  const Campaign run(settings, fault.server);
  const Progress& progress = run.workload.progress();
  Tallies tallies;
  Progress expected;
  fault.expected(tallies, expected);
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Tally& found = run.tally(exchange);
    const Tally& wanted = tallies[exchange];
    EXPECT_EQ(found.sent, wanted.sent) << name(exchange);
    EXPECT_EQ(found.received, wanted.received) << name(exchange);
    EXPECT_EQ(found.late, wanted.late) << name(exchange);
    EXPECT_EQ(found.naks, wanted.naks) << name(exchange);
    EXPECT_EQ(found.wrong, wanted.wrong) << name(exchange);
    EXPECT_EQ(found.duplicates, wanted.duplicates) << name(exchange);
    EXPECT_EQ(found.foreign, wanted.foreign) << name(exchange);
    EXPECT_EQ(found.latency.count(), found.received) << name(exchange);
  }
  EXPECT_EQ(progress.malformed, expected.malformed);
  EXPECT_EQ(progress.unmatched, expected.unmatched);
  EXPECT_EQ(progress.completed, expected.completed);
  EXPECT_EQ(progress.turns, 10u);
}

INSTANTIATE_TEST_SUITE_P(Load, DhcpFaults, testing::ValuesIn(faults),
                         [](const auto& test) { return test.param.name; });

TEST(DhcpWorkload, SeesAnAddressThatTwoHave) {
  DhcpSettings settings = settings_for(10);
  for (Identity& identity : settings.clients) identity.reserved = {};
  settings.extent = {.count = 10};
  const Campaign run(settings, [](const MessageView& r, int n) {
    if (is(r, MessageType::release)) return good_server(r, n);
    Says says = right(r);
    says.address = first;
    return with(r, {says});
  });
  EXPECT_EQ(run.tally(Exchange::handshake).received, 1u);
  EXPECT_EQ(run.tally(Exchange::discover_offer).wrong[at(Wrong::duplicate_address)], 9u);
}

TEST(DhcpWorkload, SeesOptionsThatAreNotThePlans) {
  DhcpSettings settings = settings_for(10);
  settings.extent = {.count = 10};
  const auto mask = net::Ipv4Prefix{us, 24}.mask();
  std::vector<std::byte> value(4);
  wire::store_u32(value, 0, mask.value);
  settings.expectations.push_back({{OptionCode::subnet_mask, value}});
  for (Identity& identity : settings.clients) identity.expectation = 1;
  EXPECT_EQ(Campaign(settings, good_server).tally(Exchange::handshake).received, 10u);
  settings.expectations[1][0].value[3] = std::byte{128};
  EXPECT_EQ(Campaign(settings, good_server).tally(Exchange::handshake).wrong[at(Wrong::options)],
            10u);
  settings.expectations[1][0].code = OptionCode::router;  // which is not there
  EXPECT_EQ(Campaign(settings, good_server).tally(Exchange::handshake).wrong[at(Wrong::options)],
            10u);
}

// What each scenario sends, for four clients and eight turns.
struct ScenarioRow {
  Scenario scenario;
  Exchange exchange;
  int discovers, requests, releases, declines, informs;
};

class DhcpScenarios : public testing::TestWithParam<ScenarioRow> {};

TEST_P(DhcpScenarios, SendWhatTheyAreAbout) {
  const ScenarioRow& row = GetParam();
  DhcpSettings settings = settings_for(4);
  settings.scenario = row.scenario;
  settings.extent = {.count = 8};
  const Campaign run(settings, good_server);
  EXPECT_EQ(run.workload.progress().completed, 8u);
  EXPECT_EQ(run.tally(row.exchange).received, 8u);
  EXPECT_EQ(run.sent(MessageType::discover), row.discovers);
  EXPECT_EQ(run.sent(MessageType::request), row.requests);
  EXPECT_EQ(run.sent(MessageType::release), row.releases);
  EXPECT_EQ(run.sent(MessageType::decline), row.declines);
  EXPECT_EQ(run.sent(MessageType::inform), row.informs);
}

// With the preparation of those that begin with a lease, and the release at the end.
INSTANTIATE_TEST_SUITE_P(
    Load, DhcpScenarios,
    testing::Values(ScenarioRow{Scenario::dora, Exchange::handshake, 8, 8, 4, 0, 0},
                    ScenarioRow{Scenario::renew, Exchange::renew, 4, 12, 4, 0, 0},
                    ScenarioRow{Scenario::rebind, Exchange::rebind, 4, 12, 4, 0, 0},
                    ScenarioRow{Scenario::reboot, Exchange::reboot, 4, 12, 4, 0, 0},
                    ScenarioRow{Scenario::churn, Exchange::handshake, 8, 8, 8, 0, 0},
                    ScenarioRow{Scenario::decline, Exchange::handshake, 8, 8, 0, 8, 0},
                    ScenarioRow{Scenario::inform, Exchange::inform, 4, 4, 4, 0, 8}),
    [](const auto& test) { return std::string(name(test.param.scenario)); });

TEST(DhcpWorkload, AsksAgainWithDoublingDelays) {
  DhcpSettings settings = settings_for(1);
  settings.extent = {.count = 1};
  settings.patience = {.first = seconds(4), .tries = 4, .last = seconds(1)};
  const Campaign run(settings, [](const MessageView&, int) { return std::vector<Answer>{}; });
  ASSERT_EQ(run.sent_at.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) {
    const double delay = seconds_of(run.sent_at[i] - run.sent_at[i - 1]);
    EXPECT_NEAR(delay, 4 << (i - 1), 1.01);
  }
  EXPECT_EQ(run.tally(Exchange::discover_offer).retransmits, 3u);
  EXPECT_EQ(run.tally(Exchange::discover_offer).never(), 1u);
}

TEST(DhcpWorkload, CountsARepeatedQuestionOnce) {
  DhcpSettings settings = settings_for(1);
  settings.extent = {.count = 1};
  settings.patience = {.first = seconds(4), .tries = 4, .last = seconds(1)};
  const Campaign run(settings, [](const MessageView& request, int number) {
    return number == 0 ? std::vector<Answer>{} : good_server(request, number);
  });
  const Tally& tally = run.tally(Exchange::discover_offer);
  EXPECT_EQ(tally.sent, 1u);
  EXPECT_EQ(tally.received, 1u);
  EXPECT_EQ(tally.retransmits, 1u);
  EXPECT_GE(tally.latency.min(), seconds(3));  // from the first
}

TEST(DhcpWorkload, KeepsSoManyAtWork) {
  DhcpSettings settings = settings_for(50);
  settings.loop = {.rate = 0, .at_once = 10};
  settings.extent.duration = seconds(1);
  const Campaign run(settings, good_server);
  // Ten at a time, two milliseconds each.
  EXPECT_EQ(run.workload.progress().turns, 5000u);
  EXPECT_EQ(run.workload.progress().completed, 5000u);
}

TEST(DhcpWorkload, SaysWhenItHasTooFewClients) {
  DhcpSettings settings = settings_for(1);
  const Campaign run(settings, [](const MessageView& request, int number) {
    auto answers = good_server(request, number);
    for (Answer& each : answers) each.after = milliseconds(95);
    return answers;
  });
  const Progress& progress = run.workload.progress();
  EXPECT_EQ(progress.turns + progress.starved, 100u);
  EXPECT_NEAR(static_cast<double>(progress.turns), 5, 1);
}

TEST(DhcpWorkload, DoesNotCountItsWarmUp) {
  DhcpSettings settings = settings_for(20);
  settings.extent.warm_up = milliseconds(500);
  const Campaign run(settings, good_server);
  EXPECT_EQ(run.sent(MessageType::discover), 150);
  EXPECT_EQ(run.tally(Exchange::discover_offer).sent, 100u);
}

TEST(DhcpWorkload, EndsWhenInterrupted) {
  for (const Scenario scenario : {Scenario::dora, Scenario::renew}) {
    DhcpSettings settings = settings_for(20);
    settings.scenario = scenario;
    settings.extent = {};
    settings.patience = {.first = seconds(4), .tries = 5, .last = seconds(1)};
    const Campaign run(settings, good_server, seconds(7));
    EXPECT_LT(run.now, seconds(9));
    EXPECT_EQ(run.sent(MessageType::release), 20);
  }
  // While the clients still get their first addresses, and from nobody.
  DhcpSettings settings = settings_for(20);
  settings.scenario = Scenario::renew;
  const Campaign run(
      settings, [](const MessageView&, int) { return std::vector<Answer>{}; },
      seconds(5) + milliseconds(100));
  EXPECT_EQ(run.workload.progress().turns, 0u);
}

TEST(DhcpWorkload, LeavesOutWhoGetsNoAddress) {
  DhcpSettings settings = settings_for(10);
  settings.scenario = Scenario::renew;
  settings.extent = {.count = 10};
  const Campaign run(settings, [](const MessageView& request, int number) {
    if (wire::load_u8(request.chaddr(), 5) == 3) return std::vector<Answer>{};
    return good_server(request, number);
  });
  EXPECT_EQ(run.workload.unprepared(), 1u);
  EXPECT_EQ(run.tally(Exchange::renew).received, 10u);

  const Campaign none(settings, [](const MessageView&, int) { return std::vector<Answer>{}; });
  EXPECT_EQ(none.workload.unprepared(), 10u);
  EXPECT_EQ(none.workload.progress().turns, 0u);
}

TEST(DhcpWorkload, IsTheSameForTheSameSeed) {
  DhcpSettings settings = settings_for(5);
  settings.patience = {.first = seconds(4), .tries = 3, .last = seconds(1)};
  settings.extent = {.count = 5};
  const Server silence = [](const MessageView&, int) { return std::vector<Answer>{}; };
  const Campaign one(settings, silence);
  const Campaign same(settings, silence);
  settings.seed = 2;
  const Campaign other(settings, silence);
  EXPECT_EQ(one.sent_at, same.sent_at);
  EXPECT_NE(one.sent_at, other.sent_at);
}

}  // namespace
}  // namespace berth::load
