// Which network a message is about: RFC 2131 4.3.1, RFC 3011, RFC 3527, RFC 5107, and which relay
// agents are believed.
#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

constexpr net::Ipv4Address neighbour = ip(192, 168, 200, 240);  // a relay on kubenet's link
constexpr net::Ipv4Address listed = ip(172, 16, 0, 1);          // listed by rack
constexpr net::Ipv4Address far_relay = ip(10, 9, 0, 2);         // listed by far

std::string link_selection(net::Ipv4Address address) {
  std::array<std::byte, 4> octets{};
  wire::store_u32(octets, 0, address.value);
  return "0504" + to_hex(octets);
}

TEST(Relay, IsBelievedWhenItIsANeighbourOrListed) {
  struct Row {
    const char* name;
    Ask ask;
    const char* outcome;
  };
  const Row rows[] = {
      {"on the link it came by",
       {.giaddr = neighbour},
       "DHCPOFFER 192.168.200.4 by relay to 192.168.200.240:67"},
      {"the same, but it came by another link",
       {.giaddr = neighbour, .link = rack},
       "relay_not_allowed"},
      {"the same, but from elsewhere",
       {.giaddr = neighbour, .link = no_index},
       "relay_not_allowed"},
      {"listed, in the network's subnet",
       {.client = remote0, .giaddr = far_relay},
       "DHCPOFFER 10.9.0.20 by relay to 10.9.0.2:67"},
      {"listed, whatever way it came",
       {.client = remote0, .giaddr = far_relay, .link = no_index},
       "DHCPOFFER 10.9.0.20 by relay to 10.9.0.2:67"},
      {"not listed, in a subnet that has no link of ours",
       {.client = remote0, .giaddr = ip(10, 9, 0, 3)},
       "relay_not_allowed"},
      {"listed, outside every subnet",
       {.client = node0, .giaddr = listed},
       "DHCPOFFER 10.0.0.10 by relay to 172.16.0.1:67"},
      {"on its link, but not by the network that the client selects (RFC 3011)",
       {.options = {{118, hex("0a000000")}}, .giaddr = neighbour},
       "relay_not_allowed"},
      {"unknown", {.client = node0, .giaddr = ip(172, 16, 0, 2)}, "relay_not_allowed"},
      {"a stranger behind it", {.client = stranger, .giaddr = neighbour}, "unknown_client"},
      {"a refusal goes the same way",
       {.type = request, .requested = us, .giaddr = neighbour},
       "DHCPNAK by relay to 192.168.200.240:67"},
      {"16 hops",
       {.giaddr = neighbour, .hops = 16},
       "DHCPOFFER 192.168.200.4 by relay to 192.168.200.240:67"},
      {"17 hops", {.giaddr = neighbour, .hops = 17}, "too_many_hops"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    EXPECT_EQ(describe(server.send(row.ask)), row.outcome);
  }
}

TEST(Relay, SelectsTheLink) {
  struct Row {
    const char* name;
    Ask ask;
    const char* outcome;
  };
  const std::string rack_link = link_selection(ip(10, 0, 0, 0));
  const Row rows[] = {
      {"of a network that lists it",
       {.client = node0, .relay_agent = hex(rack_link), .giaddr = listed},
       "DHCPOFFER 10.0.0.10 by relay to 172.16.0.1:67"},
      {"of a network that does not list it",
       {.client = node0, .relay_agent = hex(rack_link), .giaddr = neighbour},
       "relay_not_allowed"},
      {"that nobody serves",
       {.relay_agent = hex(link_selection(ip(172, 30, 0, 0))), .giaddr = neighbour},
       "no_network"},
      {"in preference to the subnet that the client selects",
       {.client = node0,
        .options = {{118, hex("0a090000")}},
        .relay_agent = hex(rack_link),
        .giaddr = listed},
       "DHCPOFFER 10.0.0.10 by relay to 172.16.0.1:67"},
      {"in malformed information, which is ignored",
       {.relay_agent = hex(rack_link + "05"), .giaddr = neighbour},
       "DHCPOFFER 192.168.200.4 by relay to 192.168.200.240:67"},
      {"without being a relay",
       {.relay_agent = hex(rack_link)},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    EXPECT_EQ(describe(server.send(row.ask)), row.outcome);
  }
}

TEST(Relay, LetsTheClientSelectASubnet) {
  struct Row {
    const char* name;
    Ask ask;
    const char* outcome;
    const char* echo;
  };
  const Row rows[] = {
      {"of a network that lists the relay",
       {.client = node0, .options = {{118, hex("0a000000")}}, .giaddr = listed},
       "DHCPOFFER 10.0.0.10 by relay to 172.16.0.1:67",
       "0a000000"},
      {"of its own network",
       {.options = {{118, hex("c0a8c800")}}},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68",
       "c0a8c800"},
      {"of another network, without a relay: not followed, so not echoed",
       {.options = {{118, hex("0a000000")}}},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68",
       "-"},
      {"that nobody serves",
       {.options = {{118, hex("ac1e0000")}}, .giaddr = neighbour},
       "DHCPOFFER 192.168.200.4 by relay to 192.168.200.240:67",
       "-"},
      {"of a wrong length",
       {.options = {{118, hex("0a0000")}}},
       "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68",
       "-"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    EXPECT_EQ(describe(server.send(row.ask)), row.outcome);
    EXPECT_EQ(value(server.reply_to(row.ask), 118), row.echo);
  }
}

TEST(Relay, MayStandInForTheServer) {
  // RFC 5107: option 54 is the relay's, and a REQUEST that names it is ours.
  const net::Ipv4Address stand_in = ip(192, 168, 200, 241);
  const Octets information = hex("0b04c0a8c8f1");
  Server server;
  EXPECT_EQ(value(server.reply_to({.relay_agent = information, .giaddr = neighbour}), 54),
            "c0a8c8f1");
  const Ask selecting{.type = request,
                      .requested = control0_address,
                      .server = stand_in,
                      .relay_agent = information,
                      .giaddr = neighbour};
  EXPECT_EQ(describe(server.send(selecting)),
            "DHCPACK 192.168.200.4 by relay to 192.168.200.240:67");
  Ask without = selecting;
  without.relay_agent = {};
  EXPECT_EQ(describe(server.send(without)), "other_server_selected");
}

TEST(Relay, GetsItsInformationBack) {
  struct Row {
    const char* name;
    Ask ask;
    std::string echo;
  };
  const Row rows[] = {
      {"verbatim",
       {.relay_agent = hex("0103616263020164"), .giaddr = neighbour},
       "0103616263020164"},
      {"not when it is malformed", {.relay_agent = hex("01036162"), .giaddr = neighbour}, "-"},
      {"not when a client made it up", {.relay_agent = hex("0103616263")}, "-"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    const MessageView reply = server.reply_to(row.ask);
    EXPECT_EQ(value(reply, 82), row.echo);
    EXPECT_EQ(codes(reply).ends_with(" 82"), row.echo != "-");
  }
}

TEST(Relay, GetsLongInformationBackInPieces) {
  Octets piece = hex("01fd");
  piece.resize(255, std::byte{7});
  Octets rest = hex("0203414243");
  Server server;
  const MessageView reply = server.reply_to(
      {.options = {{82, piece}, {57, hex("05dc")}}, .relay_agent = rest, .giaddr = neighbour});
  EXPECT_EQ(value(reply, 82), to_hex(piece) + to_hex(rest));
  EXPECT_TRUE(codes(reply).ends_with(" 82 82"));
}

TEST(Networks, AreKeptApart) {
  Server server;
  EXPECT_EQ(describe(server.send({.client = node0})), "unknown_client");
  EXPECT_EQ(describe(server.send({.client = node0, .link = rack})),
            "DHCPOFFER 10.0.0.10 by link to 10.0.0.10:68");
  EXPECT_EQ(value(server.reply_to({.client = node0, .link = rack}), 54), "0a000001");
  EXPECT_EQ(describe(server.send({.link = rack})), "unknown_client");
}

}  // namespace
}  // namespace berth::dhcp::lab
