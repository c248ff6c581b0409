// That the checks of an exploration can fail: each mistake, made on purpose in what berthd is told
// to open or wants, is found, and by the check that is meant to find it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "tests/server/binder/model/explorer.hpp"
#include "tests/server/binder/model/scenarios.hpp"

namespace berth::binder::model {
namespace {

using Recipes = std::vector<Recipe>;

struct Mistake {
  std::string name;
  Scenario (*scenario)();
  void (*break_recipes)(Recipes& recipes, Wanted& wanted);
  std::string violation;  // a part of it
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

Recipe& of(Recipes& recipes, Role role) { return *std::ranges::find(recipes, role, &Recipe::role); }

Scenario mac_dhcp_and_another_network() {
  Scenario scenario = mac_dhcp();
  scenario.add({{EventKind::second_up}, {EventKind::second_down}});
  return scenario;
}

const Mistake mistakes[] = {
    {"DnsDoesNotWaitForTheProxy", mac_dns,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dns_udp).sharing = Sharing::as_bound; },
     "mDNSResponder loses its proxy within the grace"},
    {"DnsIsBoundToTheWildcard", mac_dns,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dns_udp).wildcard = true; },
     "binds DNS to loopback or to the wildcard"},
    {"DnsDoesNotShare", mac_dns,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dns_udp).options = {}; },
     "dns is not served in time"},
    {"DnsIsNotServedByTcp", mac_dns,
     [](Recipes& recipes, Wanted&) {
       std::erase_if(recipes, [](const Recipe& one) { return one.role == Role::dns_tcp; });
     },
     "dns is not served in time"},
    {"DnsStaysWhenItsLinkGoes", mac_dns,
     [](Recipes& recipes, Wanted&) {
       of(recipes, Role::dns_udp).opens = Opens::from_the_start;
       of(recipes, Role::dns_udp).of_the_link = false;
     },
     "the grace"},
    {"Ipv6DoesNotWaitForTheProxy", mac_dns,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dns_tcp_ipv6).sharing = Sharing::as_bound; },
     "mDNSResponder loses its proxy within the grace"},
    {"Ipv6DoesNotShare", mac_dns,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dns_udp_ipv6).options = {}; },
     "dns is not served in time by IPv6"},
    {"DhcpIsOnTheWildcard", mac_dhcp_and_another_network,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dhcp_unicast).wildcard = true; },
     "bootpd cannot start for any network, though the guard is off"},
    {"DhcpHasNoTap", mac_dhcp,
     [](Recipes& recipes, Wanted&) {
       std::erase_if(recipes, [](const Recipe& one) { return one.role == Role::dhcp_tap; });
     },
     "dhcp is not served, and nobody says why"},
    {"DhcpKeepsATapOfAnotherLink", mac_dhcp,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dhcp_tap).of_the_link = false; }, "dhcp"},
    {"DhcpKeepsBootpdsId", mac_dhcp, [](Recipes&, Wanted& wanted) { wanted.second_id.reset(); },
     "when all has settled"},
    {"BerthdPollsForHours", mac_dhcp,
     [](Recipes&, Wanted& wanted) {
       wanted.dns = true;
       wanted.grace = std::chrono::hours{24};
     },
     "berthd never rests"},
    {"LinuxDnsJoinsWhoeverHasOurAddress", linux_dns,
     [](Recipes& recipes, Wanted&) {
       Recipe& dns = of(recipes, Role::dns_udp);
       dns.sharing = Sharing::as_bound;
       dns.options = {{SocketOption::free_bind, {}}, {SocketOption::reuse_address, {}}};
     },
     "takes all from it"},
    {"LinuxDhcpReadsByTapAndSocket", linux_dhcp,
     [](Recipes& recipes, Wanted&) { of(recipes, Role::dhcp_tap).opens = Opens::with_the_address; },
     "two readers of one link's broadcasts"},
};

class Broken : public testing::TestWithParam<Mistake> {};

TEST_P(Broken, IsFound) {
  Scenario scenario = GetParam().scenario();
  Recipes recipes(scenario.recipes.begin(), scenario.recipes.end());
  GetParam().break_recipes(recipes, scenario.wanted);
  scenario.recipes = recipes;
  const Exploration result = explore(scenario, {.states = 100'000, .depth = 10});
  EXPECT_NE(result.violation.find(GetParam().violation), std::string::npos)
      << "found: \"" << result.violation << "\" after " << result.transitions << " transitions";
}

INSTANTIATE_TEST_SUITE_P(Explorer, Broken, testing::ValuesIn(mistakes),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder::model
