// What the server remembers of its clients, and what it tells the operator.
#include "server/dhcp/bindings.hpp"

#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Binding::State;
using Notices = std::vector<std::string>;

constexpr HostIndex control0_host = 1;
constexpr HostIndex control1_host = 2;

const Ask selecting{.type = request, .requested = control0_address, .server = us};
const Ask declining{.type = decline, .requested = control0_address, .server = us};
const Ask releasing{
    .type = release, .ciaddr = control0_address, .server = us, .source = control0_address};

Ask with_client_id(net::MacAddress client, net::Ipv4Address address, std::string_view identifier) {
  return {.type = request,
          .client = client,
          .requested = address,
          .server = us,
          .options = {{61, hex(identifier)}}};
}

Notices only(std::string notice) { return {std::move(notice)}; }

TEST(Binding, FollowsTheClientsStates) {
  Server server;
  const auto binding = [&] { return server.responder.binding(kubenet, control0_host); };
  EXPECT_EQ(binding().state, State::none);

  server.send({});
  EXPECT_EQ(binding().state, State::offered);
  EXPECT_EQ(binding().expires, server.now + seconds(60));
  EXPECT_EQ(binding().mac, control0);

  server.send({.type = request, .requested = control0_address, .server = other_server});
  EXPECT_EQ(binding().state, State::none);

  server.now += seconds(5);
  server.send(selecting);
  EXPECT_EQ(binding().state, State::bound);
  EXPECT_EQ(binding().last_seen, server.now);
  EXPECT_EQ(binding().expires, server.now + hours(12));

  server.now += hours(1);
  server.send({});
  EXPECT_EQ(binding().state, State::bound) << "a new DISCOVER ends no lease";
  EXPECT_EQ(binding().expires, server.now + hours(11));

  server.now += hours(11);
  server.send({});
  EXPECT_EQ(binding().state, State::offered) << "but an expired one is none";

  server.send(selecting);
  server.send(releasing);
  EXPECT_EQ(binding().state, State::released);
  server.send(selecting);
  server.send(declining);
  EXPECT_EQ(binding().state, State::declined);
}

TEST(Binding, IsNotTouchedByStrangersAndRefusals) {
  Server server;
  server.send(selecting);
  const TimePoint bound_at = server.now;
  server.now += hours(1);
  server.send({.client = stranger});
  server.send({.type = release, .client = control1, .ciaddr = control0_address, .server = us});
  server.send({.type = decline, .client = control1, .requested = control0_address, .server = us});
  const Binding binding = server.responder.binding(kubenet, control0_host);
  EXPECT_EQ(binding.state, State::bound);
  EXPECT_EQ(binding.last_seen, bound_at);
}

TEST(Binding, OfAnInfiniteLeaseAndOfBootpNeverExpires) {
  config::Config config = configuration();
  config.networks[kubenet].hosts[1].lease = config::infinite;
  Server server(config);
  server.send(selecting);
  EXPECT_EQ(server.responder.binding(kubenet, control0_host).expires, TimePoint::max());
  server.send({.type = {}, .client = control1});
  EXPECT_EQ(server.responder.binding(kubenet, control1_host).expires, TimePoint::max());
}

TEST(Binding, NamesTheMacThatSpokeLast) {
  Server server;
  server.send({.client = worker0});
  EXPECT_EQ(server.responder.binding(kubenet, 4).mac, worker0);
  server.send({.client = worker0_second});
  EXPECT_EQ(server.responder.binding(kubenet, 4).mac, worker0_second);
}

TEST(Notices, TellOfAHostsFirstLeaseOnly) {
  Server server;
  server.send({});
  EXPECT_EQ(server.notices(), Notices{});
  server.send(selecting);
  EXPECT_EQ(server.notices(), only("first_lease 52:52:52:00:00:01 192.168.200.4"));
  server.send(selecting);
  EXPECT_EQ(server.notices(), Notices{});
  server.send({.type = {}, .client = control1});
  EXPECT_EQ(server.notices(), only("first_lease 52:52:52:00:00:02 192.168.200.5"));
}

TEST(Notices, TellOfAStrangerOnceAnHourAndAfterAReload) {
  Server server;
  const auto told = only("unknown_client 02:00:00:00:00:99 0.0.0.0");
  const auto nobody = net::MacAddress::from_octets(2, 0, 0, 0, 0, 0x99);
  server.send({.client = nobody});
  EXPECT_EQ(server.notices(), told);
  server.send({.client = nobody});
  server.send({.type = {}, .client = nobody});
  EXPECT_EQ(server.notices(), Notices{});
  server.now += std::chrono::hours(1);
  server.send({.type = {}, .client = nobody});
  EXPECT_EQ(server.notices(), told);
  server.reload(configuration());
  server.send({.client = nobody});
  EXPECT_EQ(server.notices(), told);
}

TEST(Notices, TellOfManyStrangersEachOnce) {
  Server server;
  for (int round = 0; round < 2; ++round)
    for (std::uint8_t i = 0; i < Strangers::capacity; ++i)
      server.send({.client = net::MacAddress::from_octets(2, 0, 0, 0, 1, i)});
  EXPECT_EQ(server.notices().size(), Strangers::capacity);
}

TEST(Notices, TellOfAHostsRefusalOnceAMinute) {
  Server server;
  server.send({.type = request, .requested = ip(192, 168, 200, 77)});
  EXPECT_EQ(server.notices(), only("refused 52:52:52:00:00:01 192.168.200.77"));
  server.now += seconds(59);
  server.send({.type = request, .requested = ip(192, 168, 200, 78)});
  EXPECT_EQ(server.notices(), Notices{});
  server.send({.type = request, .client = control1, .requested = ip(192, 168, 200, 78)});
  EXPECT_EQ(server.notices(), only("refused 52:52:52:00:00:02 192.168.200.78")) << "another host";
  server.now += seconds(1);
  server.send({.type = request, .ciaddr = control1_address});
  EXPECT_EQ(server.notices(), only("refused 52:52:52:00:00:01 192.168.200.5"));
  server.send({.type = request, .client = stranger, .requested = ip(10, 0, 0, 9), .link = rack});
  EXPECT_EQ(server.notices(), Notices{}) << "strangers are the counters' business";
}

// Promise: clones of one disk image each keep their own address, and the operator hears of the
// pair.
TEST(Clones, GetTheirOwnAddressesAndAWarningThatNamesBoth) {
  const char* const duid = "ff525252000001000001aabbccddee";
  const Ask first = with_client_id(control0, control0_address, duid);
  const Ask second = with_client_id(control1, control1_address, duid);
  Server server;
  EXPECT_EQ(describe(server.send(first)), "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
  EXPECT_EQ(describe(server.send(second)), "DHCPACK 192.168.200.5 by link to 192.168.200.5:68");
  EXPECT_EQ(server.notices(),
            (Notices{"first_lease 52:52:52:00:00:01 192.168.200.4",
                     "shared_client_id 52:52:52:00:00:02 192.168.200.5 52:52:52:00:00:01",
                     "first_lease 52:52:52:00:00:02 192.168.200.5"}));
  for (int i = 0; i < 10; ++i) {
    server.now += hours(6);
    EXPECT_EQ(describe(server.send(first)), "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
    EXPECT_EQ(describe(server.send(second)), "DHCPACK 192.168.200.5 by link to 192.168.200.5:68");
  }
  EXPECT_EQ(server.notices(), Notices{}) << "a pair is reported once";
}

TEST(Clones, AreEachComparedWithTheFirst) {
  const char* const duid = "ff01020304";
  Server server;
  const auto all_three = [&] {
    server.send({.options = {{61, hex(duid)}}});
    server.send({.client = control1, .options = {{61, hex(duid)}}});
    server.send({.client = vm(3), .options = {{61, hex(duid)}}});
  };
  all_three();
  EXPECT_EQ(server.notices(),
            (Notices{"shared_client_id 52:52:52:00:00:02 192.168.200.5 52:52:52:00:00:01",
                     "shared_client_id 52:52:52:00:00:03 192.168.200.6 52:52:52:00:00:01"}));
  all_three();
  EXPECT_EQ(server.notices(), Notices{});
}

// A host that runs on for weeks only renews, and who sends which identifier is learnt anew.
TEST(Clones, AreNoticedByARenewalAfterAReload) {
  const char* const duid = "ff01020304";
  const Ask first = with_client_id(control0, control0_address, duid);
  Server server;
  server.send(first);
  server.reload(configuration());
  server.notices();
  server.send({.client = control1, .options = {{61, hex(duid)}}});
  EXPECT_EQ(server.notices(), Notices{});
  Ask renewal = first;
  renewal.ciaddr = control0_address;
  renewal.requested.reset();
  renewal.server.reset();
  server.send(renewal);
  EXPECT_EQ(server.notices(),
            only("shared_client_id 52:52:52:00:00:01 192.168.200.4 52:52:52:00:00:02"));
}

TEST(Clones, AreNotTheTwoMacsOfOneHost) {
  Server server;
  server.send({.client = worker0, .options = {{61, hex("ff010203")}}});
  server.send({.client = worker0_second, .options = {{61, hex("ff010203")}}});
  EXPECT_EQ(server.notices(), Notices{});
}

TEST(Clones, AreNotOneMacOnTwoNetworks) {
  Server server;
  server.send({.options = {{61, hex("ff010203")}}});
  server.send({.options = {{61, hex("ff010203")}}, .link = quiet});
  EXPECT_EQ(server.notices(), Notices{});
}

TEST(Clones, AreForgottenWhenTheIdentifierChanges) {
  Server server;
  server.send({.options = {{61, hex("ff010203")}}});
  server.send({.options = {{61, hex("ff999999")}}});
  server.send({.client = control1, .options = {{61, hex("ff010203")}}});
  EXPECT_EQ(server.notices(), Notices{});
}

TEST(Decline, WaitsForTheOtherHolder) {
  Server server;
  EXPECT_EQ(server.responder.next_deadline(), std::nullopt);
  EXPECT_EQ(describe(server.send(declining)), "probe 192.168.200.4");
  EXPECT_EQ(server.responder.next_deadline(), server.now + seconds(1));
  EXPECT_EQ(server.notices(), Notices{});

  server.now += milliseconds(10);
  server.responder.on_probe(kubenet, control0_address, stranger, server.now);
  EXPECT_EQ(server.notices(),
            only("address_in_use 52:52:52:00:00:01 192.168.200.4 52:52:52:00:00:ee"));
  EXPECT_EQ(server.responder.next_deadline(), std::nullopt);
}

TEST(Decline, WaitsASecondOnly) {
  Server server;
  server.send(declining);
  server.now += milliseconds(999);
  server.responder.on_timer(server.now);
  EXPECT_EQ(server.notices(), Notices{});
  server.now += milliseconds(1);
  server.responder.on_timer(server.now);
  EXPECT_EQ(server.notices(), only("address_in_use 52:52:52:00:00:01 192.168.200.4"));
  EXPECT_EQ(server.responder.next_deadline(), std::nullopt);
  server.responder.on_probe(kubenet, control0_address, stranger, server.now);
  EXPECT_EQ(server.notices(), Notices{}) << "an answer that comes too late";
}

TEST(Decline, IsNotMovedByTheDeclinersOwnAnswer) {
  Server server;
  server.send(declining);
  server.responder.on_probe(kubenet, control0_address, control0, server.now);
  EXPECT_EQ(server.notices(), Notices{});
  server.responder.on_probe(kubenet, control0_address, stranger, server.now);
  EXPECT_EQ(server.notices(),
            only("address_in_use 52:52:52:00:00:01 192.168.200.4 52:52:52:00:00:ee"));
}

TEST(Decline, IsNotMovedByAnswersOfOthers) {
  Server server;
  server.send(declining);
  server.responder.on_probe(kubenet, control1_address, stranger, server.now);
  server.responder.on_probe(rack, control0_address, stranger, server.now);
  EXPECT_EQ(server.notices(), Notices{});
  EXPECT_TRUE(server.responder.next_deadline());
}

TEST(Decline, IsProbedOnceAMinute) {
  Server server;
  EXPECT_EQ(describe(server.send(declining)), "probe 192.168.200.4");
  EXPECT_EQ(describe(server.send(declining)), "declined");
  server.now += seconds(1);
  server.responder.on_timer(server.now);
  EXPECT_EQ(server.notices(), only("address_in_use 52:52:52:00:00:01 192.168.200.4"));
  server.now += seconds(58);
  EXPECT_EQ(describe(server.send(declining)), "declined");
  server.now += seconds(1);
  EXPECT_EQ(describe(server.send(declining)), "probe 192.168.200.4");
}

TEST(Decline, IsReportedAtOnceThroughARelay) {
  Server server;
  EXPECT_EQ(describe(server.send({.type = decline,
                                  .client = remote0,
                                  .requested = remote0_address,
                                  .server = ip(10, 9, 0, 1),
                                  .giaddr = ip(10, 9, 0, 2)})),
            "declined");
  EXPECT_EQ(server.notices(), only("address_declined 52:52:52:00:00:20 10.9.0.20"));
}

TEST(Decline, IsReportedAtOnceWhenTooManyWait) {
  constexpr auto end = static_cast<std::uint8_t>(100 + PendingProbes::capacity);
  config::Config config = configuration();
  for (std::uint8_t i = 100; i < end; ++i)
    config.networks[kubenet].hosts.push_back(host(numbered("h", i), vm(i), ip(192, 168, 200, i)));
  Server server(config);
  for (std::uint8_t i = 100; i < end; ++i) {
    const Outcome outcome = server.send(
        {.type = decline, .client = vm(i), .requested = ip(192, 168, 200, i), .server = us});
    ASSERT_TRUE(std::holds_alternative<Deferred>(outcome));
    server.now += milliseconds(1);
  }
  EXPECT_EQ(server.notices(), Notices{});
  EXPECT_EQ(describe(server.send(declining)), "declined");
  EXPECT_EQ(server.notices(), only("address_declined 52:52:52:00:00:01 192.168.200.4"));

  EXPECT_EQ(server.responder.next_deadline(), server.now + seconds(1) - milliseconds(16));
  server.now = *server.responder.next_deadline();
  server.responder.on_timer(server.now);
  EXPECT_EQ(server.notices().size(), 1u);
}

TEST(Notices, ThatDoNotFitAreLost) {
  Server server;
  const std::size_t more = NoticeQueue::capacity + 10;
  for (std::size_t i = 0; i < more; ++i) {
    server.send({.type = request, .requested = us});
    server.now += std::chrono::minutes(1);
  }
  EXPECT_EQ(server.notices().size(), NoticeQueue::capacity);
  server.send({.type = request, .requested = us});
  EXPECT_EQ(server.notices().size(), 1u);
}

TEST(Reload, KeepsWhatHostsHoldByNetworkMacAndAddress) {
  Server server;
  server.send(selecting);
  server.send({.type = request, .client = control1, .requested = control1_address, .server = us});
  server.notices();

  config::Config config = configuration();
  auto& hosts = config.networks[kubenet].hosts;
  std::swap(hosts[1], hosts[6]);             // control0 is elsewhere in the file
  hosts[6].name = "renamed";                 // and has another name
  hosts[2].address = ip(192, 168, 200, 50);  // control1 has another address
  hosts.insert(hosts.begin(), host("new", vm(0x77), ip(192, 168, 200, 60)));
  config.networks.insert(config.networks.begin(), config.networks.back());
  config.networks.pop_back();
  server.reload(config);

  const NetworkIndex moved = kubenet + 1;
  EXPECT_EQ(server.responder.binding(moved, 7).state, State::bound);
  EXPECT_EQ(server.responder.binding(moved, 7).mac, control0);
  EXPECT_EQ(server.responder.binding(moved, 3).state, State::none);
  EXPECT_EQ(server.responder.binding(moved, 0).state, State::none);

  Ask again = selecting;
  again.link = moved;
  EXPECT_EQ(describe(server.send(again)), "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
  EXPECT_EQ(server.notices(), Notices{}) << "not its first lease";
  EXPECT_EQ(describe(server.send({.client = control1, .link = moved})),
            "DHCPOFFER 192.168.200.50 by link to 192.168.200.50:68");
  EXPECT_EQ(describe(server.send(
                {.type = request, .client = control1, .ciaddr = control1_address, .link = moved})),
            "DHCPNAK by broadcast to 255.255.255.255:68")
      << "a holder of yesterday's address is moved";
}

TEST(Reload, ClearsTheSlotOfAHostThatWent) {
  Server server;
  server.send(selecting);
  config::Config without = configuration();
  without.networks[kubenet].hosts.erase(without.networks[kubenet].hosts.begin() + 1);
  server.reload(without);
  EXPECT_EQ(describe(server.send(selecting)), "unknown_client");

  server.reload(configuration());
  EXPECT_EQ(server.responder.binding(kubenet, control0_host).state, State::none);
  server.notices();
  server.send(selecting);
  EXPECT_EQ(server.notices(), only("first_lease 52:52:52:00:00:01 192.168.200.4"));
}

TEST(Reload, KeepsEveryBindingThroughGrowthAndShrinking) {
  const auto with_hosts = [](std::uint32_t count) {
    config::Config config = configuration();
    config::Network& network = config.networks[far];
    network.hosts.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto high = static_cast<std::uint8_t>(i >> 8);
      const auto low = static_cast<std::uint8_t>(i);
      network.hosts.push_back(host(numbered("h", i),
                                   net::MacAddress::from_octets(2, 0, 0, 0, high, low),
                                   net::Ipv4Address{ip(10, 9, 1, 0).value + i}));
    }
    return config;
  };
  const auto ask = [](std::uint32_t i) {
    return Ask{.type = request,
               .client = net::MacAddress::from_octets(2, 0, 0, 0, static_cast<std::uint8_t>(i >> 8),
                                                      static_cast<std::uint8_t>(i)),
               .requested = net::Ipv4Address{ip(10, 9, 1, 0).value + i},
               .giaddr = ip(10, 9, 0, 2)};
  };
  Server server(with_hosts(100));
  for (std::uint32_t i = 0; i < 100; ++i) server.send(ask(i));
  for (const std::uint32_t count : {1000u, 150u, 3000u}) {
    SCOPED_TRACE(count);
    server.reload(with_hosts(count));
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_EQ(server.responder.binding(far, i).state, i < 100 ? State::bound : State::none) << i;
    }
  }
}

TEST(Reload, DoesNotRepeatTheWarningOfClones) {
  Server server;
  const Ask first{.options = {{61, hex("ff010203")}}};
  const Ask second{.client = control1, .options = {{61, hex("ff010203")}}};
  server.send(first);
  server.send(second);
  EXPECT_EQ(server.notices().size(), 1u);
  for (const Ask* then : {&first, &second}) {  // whoever speaks first
    server.reload(configuration());
    server.send(*then);
    server.send(then == &first ? second : first);
    EXPECT_EQ(server.notices(), Notices{});
  }
}

TEST(Reload, ForgetsWhatSpokeOfTheOldPlan) {
  Server server;
  server.send(declining);
  server.reload(configuration());
  EXPECT_EQ(server.responder.next_deadline(), std::nullopt);
  server.responder.on_timer(server.now + hours(1));
  EXPECT_EQ(server.notices(), Notices{});
}

}  // namespace
}  // namespace berth::dhcp::lab
