#include "server/binder/policy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/server/binder/lab.hpp"

namespace berth::binder {
namespace {

using std::chrono::milliseconds;
using Lines = Lab::Lines;

const Lines open_dns{"open dns_udp 192.168.200.1:53 free_bind packet_info drop_count",
                     "open dns_tcp 192.168.200.1:53 reuse_address free_bind"};

// One row for each outcome that the links can lead to.

struct Outcome {
  std::string name;
  std::function<void(Lab&)> given;
  std::string interface;
  std::string dhcp;  // its state
  std::string dns;
  std::string open;
  std::string why;   // of DHCP; a part of it
  std::string note;  // of DHCP; a part of the only one; empty: none
};

const std::string dns_only = "dns_udp dns_tcp";
const std::string all_on_5 = "dhcp_broadcast@5 dhcp_unicast@5 link@5 dns_udp dns_tcp";

void one_bridge(Lab& lab) { lab.link(5, "br0").address(5, "192.168.200.1/24"); }
void two_bridges(Lab& lab) {
  one_bridge(lab);
  lab.link(6, "br1").address(6, "192.168.200.1/24");
}
void two_links_of_the_subnet(Lab& lab) {
  one_bridge(lab);
  lab.link(6, "br1").address(6, "192.168.200.9/24");
}
void uplink(Lab& lab) {
  one_bridge(lab);
  lab.default_route({5});
}

const Outcome outcomes[] = {
    {"NoLinkAtAllWaits", [](Lab&) {}, "", "waiting", "waiting", dns_only,
     "waiting for 192.168.200.1: no interface carries it yet", ""},
    {"LinkWithoutOurAddressWaits", [](Lab& lab) { lab.link(5, "br0").address(5, "10.0.0.1/24"); },
     "", "waiting", "waiting", dns_only, "no interface carries it yet", ""},
    {"AddressOnALinkIsServed", one_bridge, "", "bound", "bound", all_on_5, "", ""},
    {"NamedLinkIsServed", one_bridge, "br0", "bound", "bound", all_on_5, "", ""},
    {"NamedLinkMissingWaitsForIt", [](Lab&) {}, "br0", "waiting", "waiting", dns_only,
     "waiting for 192.168.200.1 on br0", ""},
    {"AddressOnAnotherThanTheNamedLinkWaits", one_bridge, "br7", "waiting", "waiting", dns_only,
     "192.168.200.1 is on br0, but the configuration names br7", ""},
    {"AddressOnTwoLinksIsRefused", two_bridges, "", "refused", "refused", "",
     "192.168.200.1 is on br0 and br1: name one of them", ""},
    {"AddressOnTwoLinksServesTheNamedOne", two_bridges, "br0", "bound", "bound", all_on_5, "", ""},
    {"OurSubnetOnAnotherLinkTooIsRefused", two_links_of_the_subnet, "", "refused", "refused", "",
     "192.168.200.0/24 is on br1 too: to serve br0 nevertheless, write `interface: br0`", ""},
    {"OurSubnetOnAnotherLinkTooServesTheNamedOne", two_links_of_the_subnet, "br0", "bound", "bound",
     all_on_5, "", ""},
    {"AWiderSubnetOnAnotherLinkDoesNotMatter",
     [](Lab& lab) {
       one_bridge(lab);
       lab.link(2, "eth0").address(2, "192.168.200.9/16");
     },
     "", "bound", "bound", all_on_5, "", ""},
    {"AnotherAddressOnOurLinkDoesNotMatter",
     [](Lab& lab) {
       one_bridge(lab);
       lab.address(5, "192.168.200.250/24");
     },
     "", "bound", "bound", all_on_5, "", ""},
    {"DefaultRouteIsRefused", uplink, "", "refused", "refused", "",
     "br0 carries the machine's default route", ""},
    {"DefaultRouteIsServedWhenNamed", uplink, "br0", "bound", "bound", all_on_5, "", ""},
    {"DefaultRouteElsewhereDoesNotMatter",
     [](Lab& lab) {
       one_bridge(lab);
       lab.link(2, "eth0").default_route({2});
     },
     "", "bound", "bound", all_on_5, "", ""},
    {"OtherPrefixLengthServesAndSaysSo",
     [](Lab& lab) { lab.link(5, "br0").address(5, "192.168.200.1/16"); }, "", "bound", "bound",
     all_on_5, "", "br0 carries 192.168.200.1/16, but the plan says /24"},
    {"BothPrefixLengthsServeInSilence",
     [](Lab& lab) {
       lab.link(5, "br0").address(5, "192.168.200.1/16").address(5, "192.168.200.1/24");
     },
     "", "bound", "bound", all_on_5, "", ""},
    {"LinkDownIsBoundAndSaysSo",
     [](Lab& lab) { lab.link(5, "br0", false).address(5, "192.168.200.1/24"); }, "", "bound",
     "bound", all_on_5, "", "br0 is down, or nothing is attached to it yet"},
};

class PolicyOutcome : public testing::TestWithParam<Outcome> {};

TEST_P(PolicyOutcome, FollowsFromTheLinks) {
  const Outcome& row = GetParam();
  Lab lab;
  row.given(lab);
  lab.change();
  lab.want({Lab::kubenet(row.interface)});
  lab.holders(Protocol::udp, 67, {});
  lab.holders(Protocol::udp, 67, {});

  const Status& dhcp = lab.status(Service::dhcp);
  const Status& dns = lab.status(Service::dns);
  EXPECT_EQ(to_string(dhcp.state), row.dhcp);
  EXPECT_EQ(to_string(dns.state), row.dns);
  EXPECT_EQ(dhcp.serving, row.dhcp == "bound");
  EXPECT_EQ(dns.serving, row.dns == "bound");
  EXPECT_EQ(lab.open_sockets(), row.open);
  EXPECT_EQ(dhcp.why.empty(), row.why.empty()) << dhcp.why;
  EXPECT_NE(dhcp.why.find(row.why), std::string::npos) << dhcp.why;
  ASSERT_EQ(dhcp.notes.size(), row.note.empty() ? 0u : 1u);
  if (!row.note.empty()) {
    EXPECT_NE(dhcp.notes.front().find(row.note), std::string::npos) << dhcp.notes.front();
  }
  EXPECT_FALSE(lab.next_retry()) << "nothing failed, so nothing is to be tried again";
}

INSTANTIATE_TEST_SUITE_P(Links, PolicyOutcome, testing::ValuesIn(outcomes),
                         [](const auto& test) { return test.param.name; });

// Promise: never loopback:53, never *:53, whatever the plan says and the machine carries.
TEST(PolicyPlacement, AnAddressOfNoLinkIsNeverOpened) {
  for (const char* const address :
       {"127.0.0.1", "127.0.0.53", "0.0.0.0", "224.0.0.251", "255.255.255.255"})
    for (const char* const interface : {"", "lo"}) {
      Lab lab;
      lab.link(1, "lo").address(1, (std::string(address) + "/8").c_str()).change();
      Wanted wanted = Lab::kubenet(interface);
      wanted.link = {*net::Ipv4Address::parse(address), 8};
      EXPECT_EQ(lab.want({wanted}), Lines{}) << address;
      EXPECT_EQ(lab.open_sockets(address), "") << address;
      for (const Service service : {Service::dhcp, Service::dns}) {
        const Status& status = lab.status(service, address);
        EXPECT_EQ(to_string(status.state), "refused") << address;
        EXPECT_NE(status.why.find("not the address of a link"), std::string::npos) << status.why;
      }
    }
}

// What is opened, exactly.

TEST(Policy, OpensNothingBeforeItKnowsTheLinks) {
  Lab lab;
  EXPECT_EQ(lab.want({Lab::kubenet()}), Lines{});
  EXPECT_FALSE(lab.has_status(Service::dns));
  EXPECT_EQ(lab.change(), open_dns);
}

TEST(Policy, OpensTheDhcpSocketsAsSoonAsTheAddressIsThere) {
  Lab lab;
  lab.change();
  EXPECT_EQ(lab.want({Lab::kubenet()}), open_dns);
  one_bridge(lab);
  EXPECT_EQ(lab.change(),
            (Lines{"open dhcp_broadcast 0.0.0.0:67@5 reuse_address broadcast packet_info "
                   "drop_count bind_to_device",
                   "look udp 67", "open link 192.168.200.1:67@5"}));
  EXPECT_TRUE(lab.status(Service::dhcp).serving);
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {}),
            (Lines{"open dhcp_unicast 192.168.200.1:67@5 reuse_address packet_info drop_count",
                   "look udp 67"}));
}

TEST(Policy, OpensOnlyTheServicesAndPortsThatAreWanted) {
  Wanted wanted = Lab::kubenet();
  wanted.dhcp = false;
  wanted.dns_port = 5353;
  Lab lab;
  one_bridge(lab);
  lab.change();
  EXPECT_EQ(lab.want({wanted}),
            (Lines{"open dns_udp 192.168.200.1:5353 free_bind packet_info drop_count",
                   "open dns_tcp 192.168.200.1:5353 reuse_address free_bind"}));
  EXPECT_FALSE(lab.has_status(Service::dhcp));
}

TEST(Policy, ServesOneDhcpNetworkALink) {
  Wanted second = Lab::kubenet();
  second.link = *net::Ipv4Prefix::parse("192.168.201.1/24");
  Lab lab;
  one_bridge(lab);
  lab.address(5, "192.168.201.1/24").change();
  lab.want({Lab::kubenet(), second});
  EXPECT_EQ(to_string(lab.status(Service::dhcp).state), "bound");
  EXPECT_EQ(to_string(lab.status(Service::dhcp, "192.168.201.1").state), "refused");
  EXPECT_EQ(lab.open_sockets("192.168.201.1"), dns_only);

  // The other order gives the link to the other: it is free before it is taken.
  const Lines lines = lab.want({second, Lab::kubenet()});
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[0], "close dhcp_broadcast");
  EXPECT_EQ(lines[1], "close link");
  EXPECT_EQ(lines[2].substr(0, 19), "open dhcp_broadcast");
}

// Links that come and go.

class ServingLab : public testing::Test {
 protected:
  ServingLab() {
    one_bridge(lab);
    lab.change();
    lab.want({Lab::kubenet()});
    lab.holders(Protocol::udp, 67, {});
    lab.holders(Protocol::udp, 67, {});
    EXPECT_EQ(lab.open_sockets(), all_on_5);
  }

  Lab lab;
};

using PolicyServing = ServingLab;

TEST_F(PolicyServing, DoesNothingWhenNothingChanges) {
  const int statuses = lab.statuses;
  EXPECT_EQ(lab.change(), Lines{});
  EXPECT_EQ(lab.want({Lab::kubenet()}), Lines{});
  EXPECT_EQ(lab.advance(milliseconds{3600'000}), Lines{});
  EXPECT_EQ(lab.statuses, statuses);
}

TEST_F(PolicyServing, ClosesDhcpAndKeepsDnsWhenTheAddressGoes) {
  lab.no_address(5, "192.168.200.1/24");
  EXPECT_EQ(lab.change(), (Lines{"close dhcp_broadcast", "close dhcp_unicast", "close link"}));
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "waiting");
  EXPECT_FALSE(lab.status(Service::dns).serving);
  EXPECT_EQ(lab.open_sockets(), dns_only);
}

TEST_F(PolicyServing, RenewsTheDhcpSocketsWhenTheLinkHasAnotherIndex) {
  lab.no_link(5).link(9, "br0").address(9, "192.168.200.1/24");
  const Lines lines = lab.change();
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0], "close dhcp_broadcast");
  lab.holders(Protocol::udp, 67, {});
  EXPECT_EQ(lab.open_sockets(), "dhcp_broadcast@9 dhcp_unicast@9 link@9 dns_udp dns_tcp");
}

TEST_F(PolicyServing, RenewsTheDhcpSocketsWhenTheLinkIsMadeAgainUnderItsIndex) {
  lab.no_link(5).link(5, "br0").address(5, "192.168.200.1/24");
  EXPECT_EQ(lab.change().size(), 6u);
  lab.holders(Protocol::udp, 67, {});
  EXPECT_EQ(lab.open_sockets(), all_on_5);
}

TEST_F(PolicyServing, KeepsItsSocketsWhenTheLinkIsRenamedAndSaysSo) {
  lab.link(5, "lab0");
  EXPECT_EQ(lab.change(), Lines{"look udp 67"});
  EXPECT_EQ(lab.status(Service::dhcp).link.name, "lab0");
}

TEST_F(PolicyServing, WaitsWhenTheNamedLinkIsRenamedUntilItIsThatAgain) {
  lab.want({Lab::kubenet("br0")});
  lab.link(5, "lab0");
  EXPECT_EQ(lab.change(), (Lines{"close dhcp_broadcast", "close dhcp_unicast", "close link"}));
  EXPECT_EQ(lab.status(Service::dhcp).why,
            "192.168.200.1 is on lab0, but the configuration names br0: correct `interface:`, or "
            "move the address");
  lab.link(5, "br0").change();
  lab.holders(Protocol::udp, 67, {});
  EXPECT_EQ(lab.open_sockets(), all_on_5);
}

TEST_F(PolicyServing, FollowsTheAddressToAnotherLink) {
  lab.no_address(5, "192.168.200.1/24").link(6, "br1").address(6, "192.168.200.1/24").change();
  lab.holders(Protocol::udp, 67, {});
  EXPECT_EQ(lab.open_sockets(), "dhcp_broadcast@6 dhcp_unicast@6 link@6 dns_udp dns_tcp");
  EXPECT_EQ(lab.status(Service::dhcp).link.name, "br1");
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
}

TEST_F(PolicyServing, KeepsItsSocketsWhenTheCarrierGoesAndSaysSo) {
  lab.link(5, "br0", false);
  EXPECT_EQ(lab.change(), Lines{"look udp 67"});
  EXPECT_FALSE(lab.status(Service::dhcp).link.running);
  EXPECT_EQ(lab.status(Service::dhcp).notes.size(), 1u);
}

TEST_F(PolicyServing, LeavesALinkThatTakesOverTheDefaultRoute) {
  lab.default_route({5});
  EXPECT_EQ(lab.change().size(), 5u);
  EXPECT_EQ(lab.open_sockets(), "");
  lab.default_route({});
  EXPECT_EQ(lab.change().size(), 5u);
  EXPECT_TRUE(lab.status(Service::dhcp).serving);
}

TEST_F(PolicyServing, LeavesBothLinksWhenASecondCarriesTheAddress) {
  lab.link(6, "br1").address(6, "192.168.200.1/24");
  lab.change();
  EXPECT_EQ(lab.open_sockets(), "");
  EXPECT_EQ(to_string(lab.status(Service::dhcp).state), "refused");
}

// A reload.

TEST_F(PolicyServing, KeepsWhatAReloadLeavesAsItIs) {
  Wanted second = Lab::kubenet();
  second.link = *net::Ipv4Prefix::parse("10.0.0.1/24");
  const Lines lines = lab.want({second, Lab::kubenet()});
  EXPECT_EQ(lines, (Lines{"open dns_udp 10.0.0.1:53 free_bind packet_info drop_count",
                          "open dns_tcp 10.0.0.1:53 reuse_address free_bind"}));
  EXPECT_EQ(lab.open_sockets(), all_on_5);
}

TEST_F(PolicyServing, ClosesWhatAReloadRemoves) {
  EXPECT_EQ(lab.want({}).size(), 5u);
  EXPECT_EQ(lab.open_sockets(), "");
}

TEST_F(PolicyServing, ReopensOnlyTheServiceWhosePortAReloadChanges) {
  Wanted moved = Lab::kubenet();
  moved.dns_port = 5353;
  EXPECT_EQ(lab.want({moved}),
            (Lines{"close dns_udp", "close dns_tcp",
                   "open dns_udp 192.168.200.1:5353 free_bind packet_info drop_count",
                   "open dns_tcp 192.168.200.1:5353 reuse_address free_bind"}));
}

TEST_F(PolicyServing, ReportsAgainWhenAServiceIsTurnedOffAndOn) {
  Wanted without = Lab::kubenet();
  without.dns = false;
  EXPECT_EQ(lab.want({without}), (Lines{"close dns_udp", "close dns_tcp"}));
  const int statuses = lab.statuses;
  EXPECT_EQ(lab.want({Lab::kubenet()}), open_dns);
  EXPECT_EQ(lab.statuses, statuses + 1);
}

TEST_F(PolicyServing, ObeysAnInterfaceNamedByAReload) {
  lab.want({Lab::kubenet("br7")});
  EXPECT_EQ(lab.open_sockets(), dns_only);
  EXPECT_EQ(lab.want({Lab::kubenet("br0")})[0].substr(0, 19), "open dhcp_broadcast");
}

// Ports that are taken.

TEST(PolicyConflict, DnsIsBoundBesideAWildcardHolderThatShares) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")}),
            (Lines{"open dns_udp 192.168.200.1:53 reuse_address free_bind packet_info drop_count",
                   "look udp 53"}));
  lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")});
  const Status& dns = lab.status(Service::dns);
  EXPECT_EQ(to_string(dns.state), "bound");
  EXPECT_EQ(dns.notes,
            (Lines{"dnsmasq (pid 812, dnsmasq.service) also holds 0.0.0.0:53; what is sent to "
                   "192.168.200.1 comes to us"}));
}

TEST(PolicyConflict, DnsNeverJoinsAHolderOfExactlyOurAddress) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  const std::vector<Holder> both{Lab::dnsmasq("0.0.0.0"), Lab::dnsmasq("192.168.200.1")};
  for (int attempt = 0; attempt < 20; ++attempt) {
    EXPECT_EQ(lab.holders(Protocol::udp, 53, both), Lines{});
    EXPECT_EQ(to_string(lab.status(Service::dns).state), "conflict");
    EXPECT_EQ(lab.status(Service::dns).holder, both[1]);
    EXPECT_EQ(lab.advance(milliseconds{5000}), (Lines{open_dns[0], "look udp 53"}));
  }
  EXPECT_EQ(lab.status(Service::dns).why,
            "dnsmasq (pid 812, dnsmasq.service) holds 192.168.200.1:53: stop it, or give it "
            "another address");
  lab.allow(Role::dns_udp);
  lab.holders(Protocol::udp, 53, both);
  lab.advance(milliseconds{5000});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
  EXPECT_EQ(lab.status(Service::dns).holder, std::nullopt);
  EXPECT_EQ(lab.status(Service::dns).notes, Lines{}) << "it has gone";
}

// Of several DNS sockets on one address, which others of our user can join.

struct PolicyWorkers : testing::Test {
  void SetUp() override {
    one_bridge(lab);
    lab.change();
    kubenet.dns_sockets = 2;
    began = lab.want({kubenet});
    lab.holders(Protocol::udp, 67, {});
    lab.holders(Protocol::udp, 67, {});
  }

  Lab lab;
  Wanted kubenet = Lab::kubenet();
  Lines began;
};

TEST_F(PolicyWorkers, OnlyDnsOverUdpHasSeveralSockets) {
  EXPECT_EQ(std::vector(began.end() - 2, began.end()),
            (Lines{open_dns[0] + " sockets=2", open_dns[1]}));
  for (const std::string& line : began)
    EXPECT_EQ(line.find("sockets=") != std::string::npos, line == open_dns[0] + " sockets=2");
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
}

TEST_F(PolicyWorkers, WhoJoinsThemIsNamedWithinFiveSecondsAndForgottenWhenGone) {
  EXPECT_EQ(lab.next_retry(), milliseconds{5000});
  EXPECT_EQ(lab.advance(milliseconds{5000}), (Lines{"look udp 53"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("192.168.200.1")}), Lines{});
  const Status joined = lab.status(Service::dns);
  EXPECT_EQ(to_string(joined.state), "conflict");
  EXPECT_TRUE(joined.serving);
  EXPECT_EQ(joined.holder, Lab::dnsmasq("192.168.200.1"));
  EXPECT_EQ(joined.why,
            "dnsmasq (pid 812, dnsmasq.service) has joined us on 192.168.200.1:53 and takes a "
            "share of the queries: stop it, or give it another address");
  EXPECT_EQ(joined.notes, Lines{});

  EXPECT_EQ(lab.advance(milliseconds{5000}), (Lines{"look udp 53"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {}), Lines{});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
}

TEST_F(PolicyWorkers, AWildcardHolderThatComesLaterIsCompany) {
  lab.advance(milliseconds{5000});
  lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
  EXPECT_EQ(lab.status(Service::dns).notes.size(), 1u);
}

TEST_F(PolicyWorkers, AReloadLeavesThemAndAnotherNumberOpensThemAnew) {
  EXPECT_EQ(lab.want({kubenet}), Lines{});
  kubenet.dns_sockets = 3;
  EXPECT_EQ(lab.want({kubenet}), (Lines{"close dns_udp", open_dns[0] + " sockets=3"}));
}

TEST_F(PolicyWorkers, OnMacosThereIsOne) {
  Lab mac(darwin_recipes);
  one_bridge(mac);
  mac.change();
  mac.want({kubenet});
  for (const std::string& line : mac.holders(Protocol::udp, 53, {Lab::proxy()}))
    EXPECT_EQ(line.find("sockets="), std::string::npos) << line;
  EXPECT_NE(mac.open_sockets().find("dns_udp"), std::string::npos);
}

TEST(PolicyConflict, AWildcardHolderThatDoesNotShareIsNamed) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")});
  EXPECT_EQ(lab.status(Service::dns).why,
            "dnsmasq (pid 812, dnsmasq.service) holds 0.0.0.0:53 and does not share it: stop it, "
            "or let it bind single addresses");
  EXPECT_FALSE(lab.status(Service::dns).serving);
}

TEST(PolicyConflict, AHolderThatWentWhileWeLookedCostsOneShortWait) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {}), Lines{});
  EXPECT_EQ(lab.next_retry(), milliseconds{200});
  lab.allow(Role::dns_udp);
  EXPECT_EQ(lab.advance(milliseconds{200}), (Lines{open_dns[0]}));
}

TEST(PolicyConflict, TcpIsNeverShared) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.holders(Protocol::tcp, 53, {Lab::dnsmasq("0.0.0.0")}), Lines{});
  const Status& dns = lab.status(Service::dns);
  EXPECT_EQ(to_string(dns.state), "conflict");
  EXPECT_TRUE(dns.serving) << "UDP is open";
  EXPECT_EQ(dns.holder, Lab::dnsmasq("0.0.0.0"));
}

TEST(PolicyConflict, DnsGivesUpWhenSomebodyWasFasterThanItsLook) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("192.168.200.1")}),
            (Lines{"close dns_udp"}));
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "conflict");
  EXPECT_EQ(lab.next_retry(), milliseconds{200});
}

TEST(PolicyConflict, DhcpUnicastNeverJoinsAHolderOfExactlyOurAddress) {
  Lab lab;
  one_bridge(lab);
  lab.change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {Lab::dnsmasq("192.168.200.1")}), Lines{});
  const Status& dhcp = lab.status(Service::dhcp);
  EXPECT_EQ(to_string(dhcp.state), "conflict");
  EXPECT_TRUE(dhcp.serving) << "broadcasts are heard";
  EXPECT_EQ(dhcp.holder, Lab::dnsmasq("192.168.200.1"));
  EXPECT_EQ(lab.open_sockets(), "dhcp_broadcast@5 link@5 dns_udp dns_tcp");

  EXPECT_EQ(lab.advance(milliseconds{200}), (Lines{"look udp 67"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {})[0].substr(0, 17), "open dhcp_unicast");
  EXPECT_EQ(to_string(lab.status(Service::dhcp).state), "bound");
}

// Only its options would tell.
TEST(PolicyConflict, AnIpv6WildcardHolderIsNotedWhereItIsKnownToTakeIpv4) {
  for (const bool known : {false, true}) {
    SCOPED_TRACE(known);
    Lab lab;
    one_bridge(lab);
    lab.change();
    lab.want({Lab::kubenet()});
    Holder holder = Lab::dnsmasq("0.0.0.0");
    holder.ipv6 = true;
    if (known) holder.options = HolderOptions{.reuse_address = true};
    lab.holders(Protocol::udp, 67, {holder});
    EXPECT_EQ(lab.status(Service::dhcp).notes.size(), known ? 1u : 0u);
  }
}

TEST(PolicyConflict, AForgottenServerBesideUsIsNoted) {
  Lab lab;
  one_bridge(lab);
  lab.change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::udp, 67, {Lab::dnsmasq("0.0.0.0"), Lab::dnsmasq("10.0.0.1")});
  const Status& dhcp = lab.status(Service::dhcp);
  EXPECT_EQ(to_string(dhcp.state), "bound");
  EXPECT_EQ(dhcp.notes,
            (Lines{"dnsmasq (pid 812, dnsmasq.service) also holds 0.0.0.0:67: it answers beside "
                   "us, unless it is bound to another interface"}));
}

TEST_F(PolicyServing, WhoComesToSharedSocketsIsNotedAndWhoLeavesIsNot) {
  lab.holders(Protocol::udp, 67, {});
  ASSERT_EQ(lab.status(Service::dhcp).notes, Lines{});
  EXPECT_EQ(lab.look_for_company(), Lines{"look udp 67"}) << "nobody can stand beside DNS";
  lab.holders(Protocol::udp, 67, {Lab::dnsmasq("0.0.0.0")});
  EXPECT_EQ(lab.status(Service::dhcp).notes.size(), 1u);
  lab.look_for_company();
  lab.holders(Protocol::udp, 67, {});
  EXPECT_EQ(lab.status(Service::dhcp).notes, Lines{});
  EXPECT_EQ(lab.open_sockets(), all_on_5);
}

TEST(PolicyConflict, BroadcastBlockedByAHolderOfAnotherAddressNamesIt) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dhcp_broadcast, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::udp, 67, {Lab::dnsmasq("10.0.0.1")});
  EXPECT_EQ(lab.status(Service::dhcp).holder, Lab::dnsmasq("10.0.0.1"));
  EXPECT_EQ(lab.status(Service::dhcp).path, Path::tap) << "served past it all the same";
}

TEST(PolicyConflict, BacksOffFromAFifthOfASecondToFiveSeconds) {
  Lab lab;
  lab.refuse(Role::dns_tcp, OpenError::failed).change();
  lab.want({Lab::kubenet()});
  for (const int expected : {200, 400, 800, 1600, 3200, 5000, 5000, 5000}) {
    ASSERT_EQ(lab.next_retry(), milliseconds{expected});
    EXPECT_EQ(lab.advance(milliseconds{expected - 1}), Lines{});
    EXPECT_EQ(lab.advance(milliseconds{1})[0], open_dns[1]);
  }
}

// A holder that leaves is noticed within a quarter of a second, however long it has been there; who
// it is is looked up ever less often, and said once.
TEST(PolicyConflict, AHeldPortIsTriedEachFifthOfASecond) {
  Lab lab;
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::tcp, 53, {Lab::dnsmasq("192.168.200.1")});
  const int statuses = lab.statuses;
  int searches = 0;
  for (int attempt = 0; attempt < 300; ++attempt) {
    ASSERT_EQ(lab.next_retry(), milliseconds{200});
    EXPECT_EQ(lab.advance(milliseconds{199}), Lines{});
    const Lines lines = lab.advance(milliseconds{1});
    ASSERT_EQ(lines[0], open_dns[1]);
    if (lines.size() == 1) continue;
    EXPECT_EQ(lines[1], "look tcp 53");
    lab.holders(Protocol::tcp, 53, {Lab::dnsmasq("192.168.200.1")});
    ++searches;
  }
  EXPECT_EQ(searches, 14) << "of a minute: at 0.2, 0.6 and 2.2 s, and then each five seconds";
  EXPECT_EQ(lab.statuses, statuses);
  lab.allow(Role::dns_tcp);
  EXPECT_EQ(lab.advance(milliseconds{200}), (Lines{open_dns[1]}));
  EXPECT_EQ(lab.statuses, statuses + 1);
  EXPECT_EQ(lab.status(Service::dns).notes, Lines{}) << "who has gone is not named any more";
}

TEST(PolicyConflict, AHolderOfOurAddressIsLookedForEachFifthOfASecondAndSaidOnce) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  const std::vector<Holder> holder{Lab::dnsmasq("192.168.200.1")};
  lab.holders(Protocol::udp, 53, holder);
  lab.holders(Protocol::udp, 67, holder);
  const int statuses = lab.statuses;
  for (int attempt = 0; attempt < 100; ++attempt) {
    ASSERT_EQ(lab.next_retry(), milliseconds{200});
    EXPECT_EQ(lab.advance(milliseconds{200}), (Lines{"look udp 67", open_dns[0], "look udp 53"}));
    lab.holders(Protocol::udp, 53, holder);
    lab.holders(Protocol::udp, 67, holder);
  }
  EXPECT_EQ(lab.statuses, statuses);
}

TEST(PolicyConflict, TriesAgainAtOnceWhenAnyLinkChanges) {
  Lab lab;
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.allow(Role::dns_tcp).link(3, "tap7");
  EXPECT_EQ(lab.change(), (Lines{open_dns[1]}));
  EXPECT_FALSE(lab.next_retry());
}

TEST(PolicyConflict, BeginsItsBackOffAnewWhenAnyLinkChanges) {
  Lab lab;
  lab.refuse(Role::dns_tcp, OpenError::failed).change();
  lab.want({Lab::kubenet()});
  for (int attempt = 0; attempt < 8; ++attempt) lab.advance(milliseconds{5000});
  lab.link(3, "tap7").change();
  EXPECT_EQ(lab.next_retry(), milliseconds{200});
}

TEST(PolicyConflict, IsSettledAsSoonAsTheHolderIsKnown) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  EXPECT_TRUE(lab.status(Service::dns).is_unsettled) << "the search is under way";
  EXPECT_TRUE(lab.status(Service::dns).serving) << "what can be said of the rest is said";
  lab.holders(Protocol::tcp, 53, {Lab::dnsmasq("192.168.200.1")});
  EXPECT_FALSE(lab.status(Service::dns).is_unsettled);
}

TEST(PolicyConflict, OneThatEndsWhileItsHolderIsLookedForIsNeverSettled) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::tcp, 53, {});
  EXPECT_TRUE(lab.status(Service::dns).is_unsettled);
  lab.allow(Role::dns_tcp).advance(milliseconds{200});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
  EXPECT_FALSE(lab.next_retry());
}

TEST(PolicyConflict, IsUnsettledAgainWhenTheHolderHasGone) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_tcp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::tcp, 53, {Lab::dnsmasq("192.168.200.1")});
  lab.advance(milliseconds{200});
  lab.holders(Protocol::tcp, 53, {});
  EXPECT_TRUE(lab.status(Service::dns).is_unsettled);
  lab.allow(Role::dns_tcp).advance(milliseconds{200});
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
}

TEST(PolicyConflict, ASearchWithoutAnEndHidesNoConflict) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.advance(milliseconds{999});
  EXPECT_TRUE(lab.status(Service::dns).is_unsettled);
  lab.advance(milliseconds{1});
  EXPECT_FALSE(lab.status(Service::dns).is_unsettled);
}

TEST(PolicyConflict, AHolderThatCannotBeSeenIsLeftToTheOperatorToFind) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use).change();
  lab.want({Lab::kubenet()});
  lab.holders(Protocol::udp, 53, {});
  for (int attempt = 0; attempt < 50; ++attempt) {
    EXPECT_EQ(lab.status(Service::dns).is_unsettled, attempt < 5) << attempt;
    lab.advance(milliseconds{200});
    lab.holders(Protocol::udp, 53, {});
  }
  EXPECT_EQ(lab.status(Service::dns).why,
            "192.168.200.1:53 is in use, and berthd cannot see by whom: `ss -lntup`, as root, may "
            "tell");
}

TEST(PolicyConflict, ALinkThatVanishedUnderUsIsTriedAgain) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::link, OpenError::vanished).change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.next_retry(), milliseconds{200});
  lab.allow(Role::link);
  EXPECT_EQ(lab.advance(milliseconds{200}), (Lines{"open link 192.168.200.1:67@5"}));
}

TEST(PolicyConflict, MissingPrivilegeIsToldOnceAndNotTriedByTheClock) {
  Lab lab;
  lab.refuse(Role::dns_udp, OpenError::not_permitted).change();
  lab.want({Lab::kubenet()});
  EXPECT_EQ(lab.privilege_missed, 1);
  EXPECT_FALSE(lab.next_retry());
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "conflict");
  lab.link(3, "tap7").change();
  EXPECT_EQ(lab.privilege_missed, 1);
}

// Searches.

TEST(PolicySearch, AnAnswerThatMayBeTooOldIsNotUsed) {
  Lab lab;
  one_bridge(lab);
  lab.change();
  lab.want({Lab::kubenet()});  // the search begins; then the link is made again
  lab.no_link(5).link(6, "br0").address(6, "192.168.200.1/24");
  lab.change();
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {}), (Lines{"look udp 67"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {Lab::dnsmasq("192.168.200.1")}), Lines{});
  EXPECT_EQ(to_string(lab.status(Service::dhcp).state), "conflict");
}

TEST(PolicySearch, AnAnswerThatMayHoldASocketOpenedMeanwhileIsNotUsed) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  lab.default_route({5}).change();
  lab.allow(Role::dns_udp).default_route({}).change();  // bound alone while the search goes on
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("192.168.200.1")}),
            (Lines{"look udp 53"}));
  EXPECT_EQ(lab.status(Service::dns).notes, Lines{});
}

TEST(PolicySearch, AnAnswerFromBeforeALinkChangedIsNotUsed) {
  Lab lab;
  one_bridge(lab);
  lab.refuse(Role::dns_udp, OpenError::address_in_use, true).change();
  lab.want({Lab::kubenet()});
  lab.link(3, "tap7").change();
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("192.168.200.1")}),
            (Lines{"look udp 53"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::dnsmasq("0.0.0.0")}).size(), 2u);
  EXPECT_EQ(to_string(lab.status(Service::dns).state), "bound");
}

TEST(PolicySearch, AnAnswerForWhatIsNoLongerWantedIsHarmless) {
  Lab lab;
  one_bridge(lab);
  lab.change();
  lab.want({Lab::kubenet()});
  lab.want({});
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {Lab::dnsmasq("0.0.0.0")}), Lines{});
  EXPECT_EQ(lab.holders(Protocol::udp, 67, {}), Lines{}) << "never asked for";
}

}  // namespace
}  // namespace berth::binder
