// The policy among everybody else, in every order of events: see world_checks.cpp for what must be
// so. Each exploration prints how far it went.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

#include "tests/server/binder/model/explorer.hpp"
#include "tests/server/binder/model/scenarios.hpp"

namespace berth::binder::model {
namespace {

using std::chrono::milliseconds;
using Kind = EventKind;

// Under a sanitizer, or not optimised, only the first few thousand.
constexpr std::size_t states_at_most = BERTH_EXPLORED_STATES;

void expect_sound(const Exploration& result) {
  std::cout << "  " << result.states << " states, " << result.transitions << " transitions, depth "
            << result.depth << (result.fixed_point ? ", and there are no more" : "") << std::endl;
  EXPECT_EQ(result.violation, "");
}

void expect_sound_to(std::size_t depth, const Scenario& scenario) {
  const Exploration result = explore(scenario, {.states = states_at_most, .depth = depth});
  expect_sound(result);
  if (result.states < states_at_most) {
    EXPECT_TRUE(result.fixed_point || result.depth == depth);
  } else {
    std::cout << "  stopped there: this build explores no more than " << states_at_most
              << std::endl;
  }
}

void expect_all_sound(const Scenario& scenario) { expect_sound_to(SIZE_MAX, scenario); }

TEST(Explorer, MacDnsBesideTheProxy) { expect_all_sound(mac_dns()); }

TEST(Explorer, MacDnsBesideTheProxyAndAnotherNetwork) {
  Scenario scenario = mac_dns();
  scenario.add({{Kind::second_up}, {Kind::second_down}});
  expect_all_sound(scenario);
}

// A tap tells of it at the next rescan. With `dhcp: off` there is none, and a link that was made
// anew under its name is told by nothing: DNS goes on, which it can (5.10), and a proxy that starts
// afterwards may find us in its way.
TEST(Explorer, MacDnsWhereMessagesAreLost) {
  Scenario scenario = mac_dns();
  scenario.wanted.dhcp = true;
  scenario.add({{Kind::bridge_remade_unseen}});
  expect_all_sound(scenario);
}

TEST(Explorer, MacDnsTakingOver) {
  Scenario scenario = mac_dns();
  scenario.wanted.grace = milliseconds{0};
  scenario.add({{Kind::second_up}, {Kind::second_down}});
  expect_all_sound(scenario);
}

TEST(Explorer, MacDnsBesideAServerOnOurAddress) {
  expect_all_sound(mac_dns_beside(dns_on_our_address));
}

TEST(Explorer, MacDnsBesideAServerOnLoopback) { expect_all_sound(mac_dns_beside(dns_on_loopback)); }

TEST(Explorer, MacDnsBesideAServerOnTheWildcard) {
  expect_all_sound(mac_dns_beside(dns_everywhere));
}

TEST(Explorer, MacDnsBesideAServerOnTheLinksOwnAddress) {
  expect_all_sound(mac_dns_beside(dns_on_link_local));
}

TEST(Explorer, MacDnsWhereTheLinksOwnAddressComesAndGoes) {
  Scenario scenario = mac_dns();
  scenario.add({{Kind::link_local_comes}, {Kind::link_local_goes}});
  expect_all_sound(scenario);
}

TEST(Explorer, MacDhcpBesideBootpd) { expect_all_sound(mac_dhcp()); }

TEST(Explorer, MacDhcpWithAnAnswerToArp) {
  Scenario scenario = mac_dhcp();
  scenario.answers_arp = true;
  expect_all_sound(scenario);
}

TEST(Explorer, MacDhcpBesideAnotherNetwork) {
  Scenario scenario = mac_dhcp();
  scenario.add({{Kind::second_up}, {Kind::second_down}});
  expect_sound_to(10, scenario);
}

TEST(Explorer, MacDhcpWhereMessagesAreLost) {
  Scenario scenario = mac_dhcp();
  scenario.add({{Kind::bridge_remade_unseen}});
  expect_sound_to(10, scenario);
}

TEST(Explorer, MacDhcpWithTheGuard) { expect_all_sound(mac_guard()); }

// What cannot hold. A client takes the offer that comes first, and ours does, by what is known of
// bootpd (2.5). One that got bootpd's first each time, or chose it, would name bootpd's id, and so
// never make it withdraw (2.12): it would be acknowledged there and refused by us, for ever. Only
// keeping bootpd from that network helps: the guard, or vmnet without DHCP (8.4).
TEST(Explorer, AClientThatAlwaysTakesBootpdsOfferIsNotWon) {
  Scenario scenario = mac_dhcp();
  scenario.our_latency = milliseconds{150};
  EXPECT_NE(explore(scenario, {.depth = 6}).violation.find("when all has settled"),
            std::string::npos);
}

TEST(Explorer, LinuxDns) { expect_all_sound(linux_dns()); }

TEST(Explorer, LinuxDhcp) { expect_all_sound(linux_dhcp()); }

TEST(Explorer, LinuxDnsOnSeveralSockets) { expect_all_sound(linux_workers()); }

// Whatever happens can happen during a search, which no event lets pass. Enough of them begin
// without one more at any moment.
Scenario slow(Scenario scenario, bool reads_late = false) {
  std::erase_if(scenario.events, [](Event event) { return event.kind == Kind::look_for_company; });
  scenario.searching = {milliseconds{700}, reads_late};
  return scenario;
}

TEST(Explorer, MacDnsWhereSearchesTakeTime) {
  expect_sound_to(12, slow(mac_dns_beside(dns_on_our_address)));
}
TEST(Explorer, MacDnsWhereSearchesReadLate) {
  expect_all_sound(slow(mac_dns_beside(dns_on_our_address), true));
}
TEST(Explorer, LinuxDnsWhereSearchesTakeTime) { expect_sound_to(12, slow(linux_dns())); }
TEST(Explorer, LinuxDnsWhereSearchesReadLate) { expect_sound_to(12, slow(linux_dns(), true)); }
TEST(Explorer, LinuxDhcpWhereSearchesTakeTime) { expect_sound_to(12, slow(linux_dhcp())); }
TEST(Explorer, LinuxDnsOnSeveralSocketsWhereSearchesTakeTime) {
  expect_sound_to(12, slow(linux_workers()));
}

TEST(Explorer, MacWithEverything) { expect_sound_to(10, mac_all()); }

// Long runs, where searches and servers take their time, each another.
void wander_through(Scenario scenario, int runs) {
  constexpr std::size_t length = 200;
  std::size_t events = 0;
  for (int seed = 0; seed < runs; ++seed) {
    scenario.searching =
        std::array{Searching{}, Searching{milliseconds{30}}, Searching{milliseconds{700}, true},
                   Searching{milliseconds{700}}}[static_cast<std::size_t>(seed) % 4];
    scenario.our_latency = milliseconds{seed % 5};
    scenario.bootpd_latency = milliseconds{15 + seed % 90};
    const Exploration run = wander(scenario, static_cast<std::uint64_t>(seed), length);
    events += run.transitions;
    ASSERT_EQ(run.violation, "");
  }
  std::cout << "  " << runs << " runs, " << events << " events" << std::endl;
}

TEST(Wanderer, Mac) { wander_through(mac_all(), 300); }
TEST(Wanderer, MacDhcp) {
  Scenario scenario = mac_dhcp();
  scenario.add({{Kind::second_up}, {Kind::second_down}, {Kind::bridge_remade_unseen}});
  wander_through(std::move(scenario), 300);
}
TEST(Wanderer, LinuxDns) { wander_through(linux_dns(), 100); }
TEST(Wanderer, LinuxDnsOnSeveralSockets) { wander_through(linux_workers(), 100); }
TEST(Wanderer, LinuxDhcp) { wander_through(linux_dhcp(), 100); }

}  // namespace
}  // namespace berth::binder::model
