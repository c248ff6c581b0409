// What becomes of each message in each state of RFC 2131 sections 4.3.1 to 4.3.5.
#include "server/dhcp/responder.hpp"

#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

struct Row {
  const char* name;
  Ask ask;
  const char* outcome;
};

void expect_each(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    EXPECT_EQ(describe(server.send(row.ask)), row.outcome);
  }
}

constexpr net::Ipv4Address wrong = ip(192, 168, 200, 77);
constexpr net::Ipv4Address foreign = ip(172, 20, 0, 9);
constexpr std::uint16_t asks_broadcast = broadcast_flag;

TEST(Responder, AnswersDiscover) {
  expect_each({
      {"a host gets its address at once",
       {},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68"},
      {"whatever address it would like",
       {.requested = wrong},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68"},
      {"by broadcast if it cannot take a unicast frame",
       {.flags = asks_broadcast},
       "DHCPOFFER 192.168.200.4 by broadcast to 255.255.255.255:68"},
      {"a host with two MACs gets its address by the first",
       {.client = worker0},
       "DHCPOFFER 192.168.200.7 by link to 192.168.200.7:68"},
      {"and by the second",
       {.client = worker0_second},
       "DHCPOFFER 192.168.200.7 by link to 192.168.200.7:68"},
      {"a stranger hears nothing", {.client = stranger}, "unknown_client"},
      {"nor does a host that the plan ignores", {.client = printer}, "ignored_client"},
      {"nor one without an address", {.client = drifter}, "no_address"},
      {"on a link that we do not serve", {.link = no_index}, "no_network"},
      {"on a network without DHCP", {.link = mute}, "dhcp_off"},
      {"the same MAC has another address on another network",
       {.link = quiet},
       "DHCPOFFER 10.3.0.4 by link to 10.3.0.4:68"},
  });
}

TEST(Responder, AnswersRequestInSelecting) {
  expect_each({
      {"our offer taken",
       {.type = request, .requested = control0_address, .server = us},
       "DHCPACK 192.168.200.4 by link to 192.168.200.4:68"},
      {"our offer taken with another address",
       {.type = request, .requested = wrong, .server = us},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"our offer taken without an address",
       {.type = request, .server = us},
       "missing_requested_address"},
      {"another server's offer taken",
       {.type = request, .requested = wrong, .server = other_server},
       "other_server_selected"},
      {"a stranger names us",
       {.type = request, .client = stranger, .requested = wrong, .server = us},
       "unknown_client"},
      {"a stranger names another",
       {.type = request, .client = stranger, .requested = wrong, .server = other_server},
       "other_server_selected"},
      {"a stranger names us where nobody else serves",
       {.type = request,
        .client = stranger,
        .requested = ip(10, 0, 0, 9),
        .server = ip(10, 0, 0, 1),
        .link = rack},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"a wrong address where we never refuse",
       {.type = request, .requested = wrong, .server = ip(10, 3, 0, 1), .link = quiet},
       "not_authoritative"},
      {"an ignored host", {.type = request, .client = printer, .server = us}, "ignored_client"},
      {"a host without an address",
       {.type = request, .client = drifter, .requested = wrong, .server = us},
       "no_address"},
  });
}

TEST(Responder, AnswersRequestInInitReboot) {
  expect_each({
      {"the right address",
       {.type = request, .requested = control0_address},
       "DHCPACK 192.168.200.4 by link to 192.168.200.4:68"},
      {"a wrong address of the network",
       {.type = request, .requested = wrong},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"an address of another network",
       {.type = request, .requested = foreign},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"a wrong address where we never refuse",
       {.type = request, .requested = wrong, .link = quiet},
       "not_authoritative"},
      {"a stranger", {.type = request, .client = stranger, .requested = wrong}, "unknown_client"},
      {"a stranger where we refuse all",
       {.type = request, .client = stranger, .requested = wrong, .link = rack},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"no address at all", {.type = request}, "missing_requested_address"},
  });
}

TEST(Responder, AnswersRequestInRenewing) {
  expect_each({
      {"its own address",
       {.type = request, .ciaddr = control0_address, .source = control0_address, .destination = us},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"another's address",
       {.type = request, .ciaddr = control1_address, .source = control1_address, .destination = us},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"a client that names us though it must not",
       {.type = request,
        .ciaddr = control0_address,
        .server = us,
        .source = control0_address,
        .destination = us},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"ciaddr counts, not option 50",
       {.type = request,
        .ciaddr = control0_address,
        .requested = wrong,
        .source = control0_address,
        .destination = us},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"a host of a network behind a router",
       {.type = request,
        .client = remote0,
        .ciaddr = remote0_address,
        .link = kubenet,
        .source = remote0_address,
        .destination = us},
       "DHCPACK 10.9.0.20 by unicast to 10.9.0.20:68"},
      {"a wrong address behind a router, where no broadcast reaches",
       {.type = request,
        .client = remote0,
        .ciaddr = ip(10, 9, 0, 21),
        .link = kubenet,
        .source = ip(10, 9, 0, 21),
        .destination = us},
       "off_link"},
      {"a stranger",
       {.type = request, .client = stranger, .ciaddr = wrong, .source = wrong, .destination = us},
       "unknown_client"},
  });
}

TEST(Responder, AnswersRequestInRebinding) {
  expect_each({
      {"its own address",
       {.type = request, .ciaddr = control0_address, .source = control0_address},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"another's address",
       {.type = request, .ciaddr = control1_address, .source = control1_address},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"an address of the network it comes from",
       {.type = request, .ciaddr = foreign, .source = foreign},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"by the subnet's broadcast address",
       {.type = request,
        .ciaddr = foreign,
        .source = foreign,
        .destination = ip(192, 168, 200, 255)},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"a stranger where we refuse all",
       {.type = request, .client = stranger, .ciaddr = ip(10, 0, 0, 9), .link = rack},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"where we never refuse",
       {.type = request, .ciaddr = wrong, .link = quiet},
       "not_authoritative"},
  });
}

TEST(Responder, AnswersDecline) {
  expect_each({
      {"from its holder",
       {.type = decline, .requested = control0_address, .server = us},
       "probe 192.168.200.4"},
      {"of another's address",
       {.type = decline, .requested = control1_address, .server = us},
       "not_the_holder"},
      {"meant for another server",
       {.type = decline, .requested = control0_address, .server = other_server},
       "not_the_holder"},
      {"meant for nobody", {.type = decline, .requested = control0_address}, "not_the_holder"},
      {"without an address", {.type = decline, .server = us}, "not_the_holder"},
      {"from a stranger",
       {.type = decline, .client = stranger, .requested = control0_address, .server = us},
       "not_the_holder"},
      {"from behind a relay, where ARP does not reach",
       {.type = decline,
        .client = remote0,
        .requested = remote0_address,
        .server = ip(10, 9, 0, 1),
        .giaddr = ip(10, 9, 0, 2)},
       "declined"},
  });
}

TEST(Responder, AnswersRelease) {
  expect_each({
      {"from its holder",
       {.type = release,
        .ciaddr = control0_address,
        .server = us,
        .source = control0_address,
        .destination = us},
       "released"},
      {"of another's address",
       {.type = release, .ciaddr = control1_address, .server = us, .destination = us},
       "not_the_holder"},
      {"meant for another server",
       {.type = release, .ciaddr = control0_address, .server = other_server, .destination = us},
       "not_the_holder"},
      {"as systemd-networkd sends it: to our address, and without our identifier",
       {.type = release, .ciaddr = control0_address, .destination = us},
       "released"},
      {"meant for nobody", {.type = release, .ciaddr = control0_address}, "not_the_holder"},
      {"from a stranger",
       {.type = release,
        .client = stranger,
        .ciaddr = control0_address,
        .server = us,
        .destination = us},
       "not_the_holder"},
      {"from behind a router",
       {.type = release,
        .client = remote0,
        .ciaddr = remote0_address,
        .server = ip(10, 9, 0, 1),
        .link = no_index,
        .source = remote0_address,
        .destination = us},
       "released"},
  });
}

TEST(Responder, AnswersInform) {
  expect_each({
      {"from a host",
       {.type = inform, .ciaddr = control0_address, .source = control0_address},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"from a stranger",
       {.type = inform, .client = stranger, .ciaddr = wrong, .source = wrong},
       "unknown_client"},
      {"from a host with an address of its own choice",
       {.type = inform, .ciaddr = wrong, .source = wrong},
       "DHCPACK 192.168.200.77 by unicast to 192.168.200.77:68"},
      {"for an address off the link",
       {.type = inform, .ciaddr = foreign, .source = control0_address},
       "off_link"},
      {"from an address off the link",
       {.type = inform, .ciaddr = control0_address, .source = foreign},
       "off_link"},
      {"for an address on another link of ours",
       {.type = inform, .ciaddr = node0_address, .source = node0_address, .destination = us},
       "off_link"},
      {"for a neighbour",
       {.type = inform, .ciaddr = wrong, .source = control0_address},
       "off_link"},
      {"for our own address", {.type = inform, .ciaddr = us, .source = us}, "off_link"},
      {"for everybody",
       {.type = inform, .ciaddr = ip(192, 168, 200, 255), .source = ip(192, 168, 200, 255)},
       "off_link"},
      {"for the network's address",
       {.type = inform, .ciaddr = ip(192, 168, 200, 0), .source = ip(192, 168, 200, 0)},
       "off_link"},
      {"for nobody", {.type = inform, .source = wrong}, "off_link"},
      {"relayed, to the client all the same",
       {.type = inform,
        .client = remote0,
        .ciaddr = remote0_address,
        .giaddr = ip(10, 9, 0, 2),
        .source = ip(10, 9, 0, 2)},
       "DHCPACK 10.9.0.20 by unicast to 10.9.0.20:68"},
      {"relayed, for another than its own address",
       {.type = inform, .client = remote0, .ciaddr = ip(10, 9, 0, 21), .giaddr = ip(10, 9, 0, 2)},
       "off_link"},
      {"relayed, for an address elsewhere",
       {.type = inform, .client = remote0, .ciaddr = foreign, .giaddr = ip(10, 9, 0, 2)},
       "off_link"},
      {"from an ignored host",
       {.type = inform, .client = printer, .ciaddr = wrong, .source = wrong},
       "ignored_client"},
  });
}

TEST(Responder, AnswersBootp) {
  expect_each({
      {"from a host", {.type = {}}, "BOOTP 192.168.200.4 by link to 192.168.200.4:68"},
      {"by broadcast",
       {.type = {}, .flags = asks_broadcast},
       "BOOTP 192.168.200.4 by broadcast to 255.255.255.255:68"},
      {"to a client that knows its address",
       {.type = {}, .ciaddr = control0_address, .source = control0_address},
       "BOOTP 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"relayed",
       {.type = {}, .client = remote0, .giaddr = ip(10, 9, 0, 2)},
       "BOOTP 10.9.0.20 by relay to 10.9.0.2:67"},
      {"from a stranger", {.type = {}, .client = stranger}, "unknown_client"},
      {"from a host without an address", {.type = {}, .client = drifter}, "no_address"},
  });
}

TEST(Responder, KnowsItselfByEachOfItsIdentifiers) {
  config::Config config = configuration();
  config.networks[kubenet].server_id = ip(192, 168, 200, 254);
  Server server(config);
  for (const net::Ipv4Address id : {us, ip(192, 168, 200, 254)}) {
    SCOPED_TRACE(net::to_string(id));
    EXPECT_EQ(describe(server.send({.type = request, .requested = control0_address, .server = id})),
              "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
  }
  EXPECT_EQ(value(server.reply_to({}), 54), "c0a8c8fe");
}

TEST(Responder, CallsItselfByTheIdOfTheMomentAndKnowsTheAddress) {
  const net::Ipv4Address second = ip(192, 168, 200, 254);
  Server server;
  EXPECT_EQ(value(server.reply_to({}), 54), "c0a8c801");
  EXPECT_EQ(value(server.reply_to({.we_are = second}), 54), "c0a8c8fe");
  for (const net::Ipv4Address now : {us, second})
    for (const net::Ipv4Address named : {us, second}) {
      SCOPED_TRACE(net::to_string(now) + ", and the client says " + net::to_string(named));
      Ask ask{.type = request, .requested = control0_address, .server = named, .we_are = now};
      if (named == second && now == us) {  // somebody else's, for all we know
        EXPECT_EQ(describe(server.send(ask)), "other_server_selected");
        ask.we_are = {};
        EXPECT_EQ(describe(server.send(ask)), "other_server_selected");
        continue;
      }
      EXPECT_EQ(value(server.reply_to(ask), 54), now == us ? "c0a8c801" : "c0a8c8fe");
      ask.requested = control1_address;
      EXPECT_EQ(value(server.reply_to(ask), 54), now == us ? "c0a8c801" : "c0a8c8fe") << "a NAK";
      ask.server = ip(192, 168, 200, 253);
      EXPECT_EQ(describe(server.send(ask)), "other_server_selected");
    }
}

TEST(Responder, TheIdOfTheMomentIsThatOfTheLinkOnly) {
  Server server;
  const Ask by_a_relay{.client = node0,
                       .giaddr = ip(172, 16, 0, 1),
                       .link = kubenet,
                       .we_are = ip(192, 168, 200, 254)};
  EXPECT_EQ(value(server.reply_to(by_a_relay), 54), "0a000001");
}

TEST(Responder, RefusesNobodyWhomItCannotReach) {
  // Neither a frame nor a broadcast gets behind the router that these came through.
  const Ask selecting{.type = request,
                      .client = remote0,
                      .ciaddr = ip(10, 9, 0, 21),
                      .requested = remote0_address,
                      .server = ip(10, 9, 0, 1),
                      .source = ip(10, 9, 0, 21),
                      .destination = us};
  Ask renewing = selecting;
  renewing.server = {};
  Server server;
  EXPECT_EQ(describe(server.send(selecting)), "off_link");
  EXPECT_EQ(describe(server.send(renewing)), "off_link");
  EXPECT_TRUE(server.notices().empty());
}

}  // namespace
}  // namespace berth::dhcp::lab
