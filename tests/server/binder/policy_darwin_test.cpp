// What the policy makes of macOS's table of recipes; the same code as for Linux.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/server/binder/lab.hpp"

namespace berth::binder {
namespace {

using std::chrono::milliseconds;
using Lines = Lab::Lines;

const Lines open_dhcp{"open dhcp_tap 192.168.200.1:67@5", "open link 192.168.200.1:67@5",
                      "open dhcp_unicast 192.168.200.1:67@5 reuse_address packet_info"};
const std::string open_udp =
    "open dns_udp 192.168.200.1:53@5 reuse_address packet_info send_by_link";
const std::string open_tcp = "open dns_tcp 192.168.200.1:53@5 reuse_address send_by_link";

Wanted kubenet() {
  Wanted wanted = Lab::kubenet();
  wanted.second_id = net::Ipv4Address::parse("192.168.200.254");
  return wanted;
}

class DarwinLab : public testing::Test {
 protected:
  void want(const Wanted& wanted) {
    lab.change();
    lab.want({wanted});
  }
  Lines appear() { return lab.link(5, "bridge100").address(5, "192.168.200.1/24").change(); }
  // The address is there, the proxy too, and nobody else.
  void serve() {
    want(kubenet());
    appear();
    lab.holders(Protocol::udp, 67, {});
    both({Lab::proxy()});
    both({Lab::proxy()});
    ASSERT_EQ(lab.open_sockets(), "dhcp_tap@5 dhcp_unicast@5 link@5 dns_udp@5 dns_tcp@5");
  }
  void both(const std::vector<Holder>& holders) {
    lab.holders(Protocol::udp, 53, holders);
    lab.holders(Protocol::tcp, 53, holders);
  }
  std::string dns_state() const { return to_string(lab.status(Service::dns).state); }
  static void expect_note(const Status& status, const char* part) {
    ASSERT_EQ(status.notes.size(), 1u);
    EXPECT_NE(status.notes[0].find(part), std::string::npos) << status.notes[0];
  }

  Lab lab{darwin_recipes};
};

using PolicyDarwin = DarwinLab;

TEST_F(PolicyDarwin, OpensNothingWithoutTheAddress) {
  lab.change();
  EXPECT_EQ(lab.want({kubenet()}), Lines{});
  EXPECT_EQ(dns_state(), "waiting");
}

TEST_F(PolicyDarwin, ServesDhcpAtOnceByTheTapAndLooksForTheProxy) {
  want(kubenet());
  EXPECT_EQ(appear(), (Lines{open_dhcp[0], open_dhcp[1], open_dhcp[2], "look udp 53", "look tcp 53",
                             "look udp 67"}));
  EXPECT_EQ(lab.status(Service::dhcp).path, Path::tap);
  EXPECT_EQ(to_string(lab.status(Service::dhcp).state), "bound");
  EXPECT_EQ(dns_state(), "grace");
  EXPECT_NE(lab.status(Service::dns).why.find("1000 ms at most"), std::string::npos);
}

TEST_F(PolicyDarwin, OpensEachProtocolWhenTheProxyHoldsIt) {
  want(kubenet());
  appear();
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::proxy()}), (Lines{open_udp, "look udp 53"}));
  EXPECT_TRUE(lab.status(Service::dns).serving);
  EXPECT_EQ(dns_state(), "grace") << "TCP of the proxy is not bound yet";
  EXPECT_EQ(lab.holders(Protocol::tcp, 53, {Lab::proxy()}), (Lines{open_tcp, "look tcp 53"}));
  EXPECT_EQ(dns_state(), "bound");
}

TEST_F(PolicyDarwin, PollsUntilTheGraceEndsAndSaysThatItDid) {
  want(kubenet());
  appear();
  int looks = 0;
  for (int elapsed = 0; elapsed < 1000; elapsed += 10) {
    lab.holders(Protocol::udp, 53, {});
    lab.holders(Protocol::tcp, 53, {});
    EXPECT_EQ(dns_state(), "grace") << elapsed;
    looks += lab.advance(milliseconds{10}) == (Lines{"look udp 53", "look tcp 53"}) ? 1 : 0;
  }
  EXPECT_EQ(looks, 19) << "each 50 ms";
  EXPECT_EQ(dns_state(), "bound");
  expect_note(lab.status(Service::dns), "was not there when we began, and cannot start beside us");
}

TEST_F(PolicyDarwin, TheGraceEndsThoughTheSearchDoesNot) {
  want(kubenet());
  appear();
  EXPECT_EQ(lab.advance(milliseconds{999}), Lines{});
  EXPECT_EQ(lab.advance(milliseconds{1}), (Lines{open_udp, open_tcp}));
}

TEST_F(PolicyDarwin, TakeoverWaitsForNobody) {
  Wanted wanted = kubenet();
  wanted.grace = milliseconds{0};
  want(wanted);
  const Lines lines = appear();
  EXPECT_EQ(lines[3], open_udp);
  EXPECT_EQ(lines[4], open_tcp);
  EXPECT_EQ(dns_state(), "bound");
}

TEST_F(PolicyDarwin, ABridgeThatComesLaterIsReportedWhenTheProxyIsMissing) {
  want(kubenet());
  appear();
  lab.advance(milliseconds{1000});
  both({});
  EXPECT_EQ(lab.link(6, "bridge101").address(6, "192.168.64.1/24").change(), Lines{});
  both({});
  expect_note(lab.status(Service::dns), "bridge101 may be without DNS");
}

TEST_F(PolicyDarwin, AServerOnLoopbackIsToBlameForAMissingProxy) {
  want(kubenet());
  appear();
  both({Lab::dnsmasq("127.0.0.1")});
  lab.advance(milliseconds{1000});
  expect_note(lab.status(Service::dns),
              "beside us, nor beside dnsmasq (pid 812, dnsmasq.service), which holds 127.0.0.1:53");
}

TEST_F(PolicyDarwin, ClosesAllWhenTheAddressGoesAndBeginsAnew) {
  serve();
  lab.no_address(5, "192.168.200.1/24");
  EXPECT_EQ(lab.change(), (Lines{"close dhcp_tap", "close link", "close dhcp_unicast",
                                 "close dns_udp", "close dns_tcp"}));
  lab.address(5, "192.168.200.1/24");
  lab.change();
  EXPECT_EQ(dns_state(), "grace") << "the proxy, gone with the link, is let in again";
}

TEST_F(PolicyDarwin, AHolderOfOurAddressIsNamedAndTriedAgainWithoutAnotherGrace) {
  lab.refuse(Role::dns_udp, OpenError::address_in_use);
  want(kubenet());
  appear();
  lab.advance(milliseconds{1000});
  for (int search = 0; search < 2; ++search)  // the first began too early to count
    lab.holders(Protocol::udp, 53, {Lab::dnsmasq("192.168.200.1")});
  EXPECT_EQ(dns_state(), "conflict");
  EXPECT_EQ(lab.status(Service::dns).holder, Lab::dnsmasq("192.168.200.1"));
  lab.allow(Role::dns_udp);
  EXPECT_EQ(lab.advance(milliseconds{200})[0], open_udp);
}

TEST_F(PolicyDarwin, AnotherServerOnTheWildcardIsNotTheProxy) {
  want(kubenet());
  appear();
  both({Lab::dnsmasq("0.0.0.0")});
  EXPECT_EQ(dns_state(), "grace");
  lab.advance(milliseconds{1000});
  EXPECT_EQ(dns_state(), "bound");
  EXPECT_EQ(lab.status(Service::dns).notes.size(), 2u) << "who has it, and who cannot start";
}

TEST_F(PolicyDarwin, AHolderThatCannotBeSeenPassesForTheProxy) {
  want(kubenet());
  appear();
  both({Holder{}});
  EXPECT_EQ(dns_state(), "bound");
}

// On the link's own IPv6 address.

class Ipv6Lab : public DarwinLab {
 protected:
  // The address is there, the link's own too, and the proxy on both.
  void serve_both() {
    want(kubenet());
    lab.link_local(5, "fe80::64").change();
    lab.holders(Protocol::udp, 67, {});
    settle({Lab::proxy(), Lab::proxy_of_ipv6()});
    ASSERT_EQ(lab.open_sockets(),
              "dhcp_tap@5 dhcp_unicast@5 link@5 dns_udp@5 dns_tcp@5 dns_udp_ipv6@5 dns_tcp_ipv6@5");
  }
  // Each search is answered, and so is the one that it may have caused.
  void settle(const std::vector<Holder>& holders) {
    both(holders);
    both(holders);
  }
  std::string notes() const {
    std::string text;
    for (const std::string& note : lab.status(Service::dns).notes) text += note + '\n';
    return text;
  }
  void expect_ipv4_unharmed() const {
    EXPECT_EQ(dns_state(), "bound");
    EXPECT_TRUE(lab.status(Service::dns).serving);
    EXPECT_EQ(lab.status(Service::dns).why, "");
    EXPECT_FALSE(lab.status(Service::dns).holder);
  }
};

using PolicyDarwinIpv6 = Ipv6Lab;

const std::string open_udp_ipv6 = "open dns_udp_ipv6 [fe80::64]:53@5 reuse_address ipv6_only";
const std::string open_tcp_ipv6 = "open dns_tcp_ipv6 [fe80::64]:53@5 reuse_address ipv6_only";

TEST_F(PolicyDarwinIpv6, OpensEachProtocolBesideTheProxyOfIpv6) {
  want(kubenet());
  lab.link_local(5, "fe80::64").change();
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::proxy()}), (Lines{open_udp, "look udp 53"}))
      << "the proxy of IPv6 is not there yet";
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::proxy(), Lab::proxy_of_ipv6()}),
            (Lines{open_udp_ipv6, "look udp 53"}));
  EXPECT_EQ(lab.holders(Protocol::tcp, 53, {Lab::proxy(), Lab::proxy_of_ipv6()}),
            (Lines{open_tcp, open_tcp_ipv6, "look tcp 53"}));
  expect_ipv4_unharmed();
}

TEST_F(PolicyDarwinIpv6, SaysThatItIsServedAndWhoElseIsThere) {
  serve_both();
  expect_ipv4_unharmed();
  EXPECT_EQ(notes(),
            "mDNSResponder (pid 331) also holds 0.0.0.0:53; what is sent to 192.168.200.1 comes to "
            "us\n"
            "who asks fe80::64%bridge100, the link's own IPv6 address, is answered too\n"
            "mDNSResponder (pid 331) also holds [::]:53; what is sent to fe80::64 comes to us\n");
}

TEST_F(PolicyDarwinIpv6, TheGraceEndsForItToo) {
  want(kubenet());
  lab.link_local(5, "fe80::64").change();
  settle({Lab::proxy()});
  EXPECT_EQ(dns_state(), "bound") << "IPv4 does not wait for the proxy of IPv6";
  EXPECT_EQ(lab.advance(milliseconds{1000}),
            (Lines{open_udp_ipv6, open_tcp_ipv6, "look udp 53", "look tcp 53"}));
  settle({Lab::proxy()});
  expect_ipv4_unharmed();
  EXPECT_NE(notes().find("the system's DNS proxy was not there on IPv6 when we began"),
            std::string::npos)
      << notes();
}

TEST_F(PolicyDarwinIpv6, WaitsForTheLinksAddressWithoutAWord) {
  serve();
  EXPECT_EQ(lab.link_local(5, "fe80::64").change(),
            (Lines{"look udp 53", "look tcp 53", "look udp 67"}));
  settle({Lab::proxy(), Lab::proxy_of_ipv6()});
  EXPECT_EQ(lab.open_sockets(),
            "dhcp_tap@5 dhcp_unicast@5 link@5 dns_udp@5 dns_tcp@5 dns_udp_ipv6@5 dns_tcp_ipv6@5");
}

TEST_F(PolicyDarwinIpv6, FollowsTheLinksAddress) {
  serve_both();
  EXPECT_EQ(lab.link_local(5, "fe80::65").change(),
            (Lines{"close dns_udp_ipv6", "close dns_tcp_ipv6", "look udp 53", "look tcp 53",
                   "look udp 67"}));
  EXPECT_EQ(lab.holders(Protocol::udp, 53, {Lab::proxy(), Lab::proxy_of_ipv6()}),
            (Lines{"open dns_udp_ipv6 [fe80::65]:53@5 reuse_address ipv6_only", "look udp 53"}));
  EXPECT_EQ(lab.link_local(5, "").change(), (Lines{"close dns_udp_ipv6"}));
  settle({Lab::proxy(), Lab::proxy_of_ipv6()});
  EXPECT_EQ(notes().find("fe80"), std::string::npos) << notes();
  expect_ipv4_unharmed();
}

TEST_F(PolicyDarwinIpv6, GoesWithOurAddress) {
  serve_both();
  EXPECT_EQ(lab.no_address(5, "192.168.200.1/24").change(),
            (Lines{"close dhcp_tap", "close link", "close dhcp_unicast", "close dns_udp",
                   "close dns_tcp", "close dns_udp_ipv6", "close dns_tcp_ipv6"}));
}

TEST_F(PolicyDarwinIpv6, AFailureIsANoteAndNoMore) {
  for (const OpenError error :
       {OpenError::address_in_use, OpenError::vanished, OpenError::not_permitted}) {
    lab = Lab(darwin_recipes);
    lab.refuse(Role::dns_udp_ipv6, error).refuse(Role::dns_tcp_ipv6, error);
    want(kubenet());
    lab.link_local(5, "fe80::64").change();
    lab.holders(Protocol::udp, 67, {});
    settle({Lab::proxy(), Lab::proxy_of_ipv6()});
    expect_ipv4_unharmed();
    EXPECT_NE(notes().find("the link's own IPv6 address, is not answered by us: "),
              std::string::npos)
        << notes();
    EXPECT_NE(notes().find("is not answered by us over TCP: "), std::string::npos) << notes();
    EXPECT_EQ(lab.privilege_missed, 0) << "that of IPv4 is the one to tell";
  }
}

TEST_F(PolicyDarwinIpv6, AHolderOfTheLinksAddressIsNamedAndTriedAgain) {
  const std::vector<Holder> holders{Lab::proxy(),
                                    Lab::on_ipv6(Lab::dnsmasq("0.0.0.0"), "fe80::64")};
  lab.refuse(Role::dns_udp_ipv6, OpenError::address_in_use);
  want(kubenet());
  lab.link_local(5, "fe80::64").change();
  settle(holders);
  lab.advance(milliseconds{1000});
  settle(holders);
  expect_ipv4_unharmed();
  EXPECT_NE(notes().find("is not answered by us: dnsmasq (pid 812, dnsmasq.service) holds "
                         "[fe80::64]:53: stop it, or give it another address"),
            std::string::npos)
      << notes();
  lab.allow(Role::dns_udp_ipv6);
  EXPECT_EQ(lab.advance(milliseconds{200})[0], open_udp_ipv6);
}

TEST_F(PolicyDarwinIpv6, SocketsOfTheOtherProtocolAreNothingToIt) {
  serve_both();
  settle({Lab::proxy(), Lab::proxy_of_ipv6(), Lab::on_ipv6(Lab::dnsmasq("0.0.0.0"), "::1")});
  EXPECT_EQ(lab.status(Service::dns).notes.size(), 3u) << notes();
  want(kubenet());
  EXPECT_EQ(lab.open_sockets(),
            "dhcp_tap@5 dhcp_unicast@5 link@5 dns_udp@5 dns_tcp@5 dns_udp_ipv6@5 dns_tcp_ipv6@5");
}

// The guard.

TEST_F(PolicyDarwin, TheGuardIsThereBeforeTheLinkAndStays) {
  Wanted wanted = kubenet();
  wanted.guard = true;
  lab.change();
  EXPECT_EQ(lab.want({wanted}), (Lines{"open dhcp_guard 0.0.0.0:67 reuse_address", "look udp 67"}));
  expect_note(lab.status(Service::dhcp), "starts for no network (`coexist.guard`)");
  appear();
  lab.no_link(5).change();
  EXPECT_EQ(lab.open_sockets(), "dhcp_guard");
}

TEST_F(PolicyDarwin, TwoNetworksHaveOneGuard) {
  Wanted first = kubenet();
  Wanted second = kubenet();
  second.link = *net::Ipv4Prefix::parse("192.168.201.1/24");
  first.guard = second.guard = true;
  lab.change();
  EXPECT_EQ(lab.want({first, second}).size(), 2u);
  EXPECT_EQ(lab.want({second}),
            (Lines{"close dhcp_guard", "open dhcp_guard 0.0.0.0:67 reuse_address"}));
}

TEST_F(PolicyDarwin, ServesByTheTapWhenBootpdWasFirst) {
  Wanted wanted = kubenet();
  wanted.guard = true;
  const Holder launchd{1, "launchd", {}, net::Ipv4Address::any(), false};
  lab.refuse(Role::dhcp_guard, OpenError::address_in_use);
  want(wanted);
  lab.holders(Protocol::udp, 67, {launchd});
  appear();
  lab.holders(Protocol::udp, 67, {launchd});
  lab.holders(Protocol::udp, 67, {launchd});
  const Status& dhcp = lab.status(Service::dhcp);
  EXPECT_EQ(to_string(dhcp.state), "conflict");
  EXPECT_TRUE(dhcp.serving);
  EXPECT_EQ(dhcp.path, Path::tap);
  EXPECT_EQ(dhcp.holder, launchd);
}

// Another DHCP server on the link.

TEST_F(PolicyDarwin, CallsItselfByASecondIdBesideAServerThatHasOurs) {
  serve();
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.1");
  EXPECT_EQ(lab.foreign_server("192.168.200.1"), (Lines{"look udp 67"}));
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.254");
  expect_note(lab.status(Service::dhcp), "renewals wait for REBINDING");
  EXPECT_EQ(lab.foreign_server("192.168.200.1"), Lines{}) << "no news";
  lab.no_link(5).change();
  appear();
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.254")
      << "it comes back with the link";
}

TEST_F(PolicyDarwin, TakesItsOwnIdAgainAnHourAfterTheOtherWasSeenLast) {
  using std::chrono::minutes;
  serve();
  lab.foreign_server("192.168.200.1");
  lab.advance(minutes{59});
  lab.foreign_server("192.168.200.1");
  lab.advance(minutes{59});
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.254");
  lab.advance(minutes{1});
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.1");
  EXPECT_EQ(lab.status(Service::dhcp).notes, std::vector<std::string>{});
  lab.foreign_server("192.168.200.1");
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.254");
}

TEST_F(PolicyDarwin, OneWhoForgesOurIdIsReportedOnly) {
  serve();
  lab.foreign_server("192.168.200.1", /*by_host=*/false);
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.1");
  expect_note(lab.status(Service::dhcp), "somebody on bridge100 answers clients as 192.168.200.1");
  lab.advance(std::chrono::hours{1});
  EXPECT_EQ(lab.status(Service::dhcp).notes, std::vector<std::string>{}) << "gone, as far as seen";
}

TEST_F(PolicyDarwin, ServersThatAreMadeUpDoNotHideTheOneOfThisMachine) {
  serve();
  for (int last = 10; last < 60; ++last)
    lab.foreign_server(("10.0.0." + std::to_string(last)).c_str(), /*by_host=*/false);
  lab.foreign_server("192.168.200.1");
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.254");
}

TEST_F(PolicyDarwin, AServerWithAnIdOfItsOwnIsReportedOnly) {
  serve();
  lab.foreign_server("192.168.200.7");
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.1");
  expect_note(lab.status(Service::dhcp),
              "another DHCP server, 192.168.200.7, answers on bridge100");
}

TEST_F(PolicyDarwin, AServerIdThatIsWrittenStays) {
  Wanted wanted = kubenet();
  wanted.server_id = wanted.link.address;
  want(wanted);
  appear();
  lab.foreign_server("192.168.200.1");
  EXPECT_EQ(net::to_string(lab.status(Service::dhcp).server_id), "192.168.200.1");
  expect_note(lab.status(Service::dhcp), "write another `server-id`");
}

TEST_F(PolicyDarwin, ServersThatAreMadeUpAreCountedToFourAndNoFurther) {
  serve();
  for (int last = 10; last < 60; ++last)
    lab.foreign_server(("10.0.0." + std::to_string(last)).c_str());
  EXPECT_EQ(lab.status(Service::dhcp).notes.size(), 4u);
}

// A tap whose link was made anew behind our back.

TEST_F(PolicyDarwin, ADeadTapMeansThatAllOfTheLinkBeginsAgain) {
  serve();
  EXPECT_EQ(lab.lost(Role::dhcp_tap),
            (Lines{"close dhcp_tap", "close link", "close dhcp_unicast", "close dns_udp",
                   "close dns_tcp", open_dhcp[0], open_dhcp[1], open_dhcp[2], "look udp 53",
                   "look tcp 53", "look udp 67"}));
  EXPECT_TRUE(lab.status(Service::dhcp).serving);
  EXPECT_EQ(dns_state(), "grace") << "the proxy is as new as the link";
}

TEST_F(PolicyDarwin, AnOldWordOfALostDescriptorIsHarmless) {
  want(kubenet());
  EXPECT_EQ(lab.lost(Role::dhcp_tap), Lines{});
}

}  // namespace
}  // namespace berth::binder
