// Attack shapes from the histories of other servers, each with the answer that is right. The
// letters name what was attacked.
#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

constexpr const char* offered = "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68";
constexpr net::Ipv4Address victim = ip(203, 0, 113, 9);
constexpr net::Ipv4Address neighbour = ip(192, 168, 200, 240);

Octets filled(std::size_t size, std::uint8_t octet = 0x41) {
  return Octets(size, std::byte{octet});
}

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

TEST(Hostile, ClientIdentifierOfAnyLength) {  // D1, D2
  for (const std::size_t size : {0u, 1u, 2u, 32u, 128u, 254u, 255u}) {
    SCOPED_TRACE(size);
    Server server;
    const Ask ask{.options = {{61, filled(size)}}};
    EXPECT_EQ(describe(server.send(ask)), offered);
    EXPECT_EQ(value(server.reply_to(ask), 61), size < 2 ? "-" : to_hex(filled(size)));
  }
}

TEST(Hostile, ClientIdentifiersThatBeginAlikeAreDifferent) {  // D1
  Octets one = filled(255);
  Octets other = one;
  other.back() = std::byte{0x42};
  Server server;
  server.send({.options = {{61, one}}});
  server.send({.client = control1, .options = {{61, other}}});
  server.send({.client = vm(3), .options = {{61, filled(254)}}});
  EXPECT_TRUE(server.notices().empty());
}

TEST(Hostile, NamesNeverReachTheReply) {  // D3, D11
  for (const char* const name :
       {"", "-", "..", "$(reboot)", "a;b", "a\nb", "wpad", "localhost", "control1", "\xff\xfe"}) {
    SCOPED_TRACE(name);
    Server server;
    const Ask ask{.options = {{12, text(name)}, {55, hex("0c")}}};
    EXPECT_EQ(value(server.reply_to(ask), 12), to_hex(text("control0")));
  }
}

TEST(Hostile, MalformedFqdnIsIgnored) {  // D4
  for (const char* const fqdn : {"", "04", "0400", "040000ff", "0400004061", "040000c00c",
                                 "04000003616263", "00000000", "010000002e2e", "0400000161c0"}) {
    SCOPED_TRACE(fqdn);
    Server server;
    EXPECT_EQ(describe(server.send({.options = {{81, hex(fqdn)}}})), offered);
  }
}

TEST(Hostile, FixedOptionsOfOtherLengthsAreAbsent) {  // D6
  for (const std::size_t size : {0u, 1u, 3u, 5u, 255u}) {
    SCOPED_TRACE(size);
    Server server;
    EXPECT_EQ(describe(server.send({.options = {{50, filled(size)}, {51, filled(size)}}})),
              offered);
    EXPECT_EQ(describe(server.send({.type = request, .options = {{50, filled(size)}}})),
              "missing_requested_address");
    EXPECT_EQ(
        describe(server.send(
            {.type = request, .requested = control0_address, .options = {{54, filled(size)}}})),
        "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
  }
}

TEST(Hostile, TheFirstOfSeveralFixedOptionsCounts) {  // D6
  Server server;
  EXPECT_EQ(describe(server.send({.type = request,
                                  .requested = control0_address,
                                  .server = us,
                                  .options = {{50, hex("0a0a0a0a")}, {54, hex("0a0a0a0a")}}})),
            "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
}

TEST(Hostile, HardwareThatIsNotEthernet) {  // D7
  expect_each({
      {"hlen 0", {.hlen = 0}, "unsupported_hardware"},
      {"hlen 5", {.hlen = 5}, "unsupported_hardware"},
      {"hlen 16", {.hlen = 16}, "unsupported_hardware"},
      {"htype 0", {.htype = 0}, "unsupported_hardware"},
      {"htype 32, InfiniBand", {.htype = 32}, "unsupported_hardware"},
      {"no chaddr", {.client = {}}, "invalid_chaddr"},
      {"a multicast chaddr",
       {.client = net::MacAddress::from_octets(1, 0, 0x5e, 0, 0, 1)},
       "invalid_chaddr"},
      {"the broadcast chaddr", {.client = net::MacAddress::broadcast()}, "invalid_chaddr"},
  });
}

TEST(Hostile, MessagesThatNoClientSends) {  // D5, D20, D21
  expect_each({
      {"a reply", {.op = 2}, "not_a_request"},
      {"OFFER", {.type = offer}, "unexpected_message_type"},
      {"ACK", {.type = ack}, "unexpected_message_type"},
      {"NAK", {.type = nak}, "unexpected_message_type"},
      {"FORCERENEW", {.type = force_renew}, "unexpected_message_type"},
      {"LEASEQUERY", {.type = lease_query}, "unexpected_message_type"},
      {"type 0", {.type = MessageType{0}}, "unexpected_message_type"},
      {"type 255", {.type = MessageType{255}}, "unexpected_message_type"},
  });
}

TEST(Hostile, OverloadedRequestsAreReadWhole) {  // D8
  Server server;
  const Ask ask{.type = request, .requested = control0_address, .options = {{52, hex("03")}}};
  Octets datagram = encode(ask);
  const Octets in_file = hex("3604c0a8c802ff");  // names another server
  std::ranges::copy(in_file, datagram.begin() + field::file);
  EXPECT_EQ(describe(server.send(ask, datagram)), "other_server_selected");
}

TEST(Hostile, RelayInformationIsEchoedOnlyWhenARelaySentItWell) {  // D9
  for (const char* const information : {"01ff6162", "01", "0100ff", "ff", "0103616263ff"}) {
    SCOPED_TRACE(information);
    Server server;
    EXPECT_EQ(value(server.reply_to({.relay_agent = hex(information), .giaddr = neighbour}), 82),
              "-");
  }
}

TEST(Hostile, UnicastFromNowhereIsIgnored) {  // D13
  expect_each({
      {"renewal of a foreign address",
       {.type = request, .ciaddr = victim, .source = victim, .destination = us},
       "off_link"},
      {"renewal of our address from a foreign source",
       {.type = request, .ciaddr = control0_address, .source = victim, .destination = us},
       "off_link"},
      {"renewal of a foreign address from a source of ours",
       {.type = request, .ciaddr = victim, .source = control0_address, .destination = us},
       "off_link"},
      {"reboot from a foreign source",
       {.type = request, .requested = control0_address, .source = victim, .destination = us},
       "off_link"},
      {"renewal of an address of another link",
       {.type = request,
        .ciaddr = control0_address,
        .link = rack,
        .source = control0_address,
        .destination = us},
       "off_link"},
      {"renewal of an address of another link, by the uplink",
       {.type = request,
        .ciaddr = control0_address,
        .link = no_index,
        .source = control0_address,
        .destination = us},
       "off_link"},
      {"release of an address of another link",
       {.type = release,
        .ciaddr = control0_address,
        .server = us,
        .link = rack,
        .source = control0_address,
        .destination = us},
       "off_link"},
      {"inform from nowhere",
       {.type = inform, .ciaddr = victim, .source = victim, .destination = us},
       "off_link"},
      {"on no link of ours",
       {.type = request, .ciaddr = victim, .link = no_index, .source = victim, .destination = us},
       "no_network"},
  });
}

TEST(Hostile, StrangersCannotCrowdOutTheHosts) {  // D14
  Server server;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const auto client = net::MacAddress::from_octets(2, 0, 0, static_cast<std::uint8_t>(i >> 16),
                                                     static_cast<std::uint8_t>(i >> 8),
                                                     static_cast<std::uint8_t>(i));
    ASSERT_EQ(describe(server.send({.client = client})), "unknown_client");
  }
  EXPECT_EQ(describe(server.send({})), offered);
  EXPECT_EQ(server.notices().size(), Strangers::capacity);
  server.send({.type = request, .requested = control0_address, .server = us});
  EXPECT_EQ(server.notices(),
            std::vector<std::string>{"first_lease 52:52:52:00:00:01 192.168.200.4"});
}

TEST(Hostile, DeclinesOfOthersAddressesAreIgnored) {  // D15
  Server server;
  for (std::uint8_t last = 0; last < 255; ++last) {
    const net::Ipv4Address address = ip(192, 168, 200, last);
    if (address == control0_address) continue;
    ASSERT_EQ(describe(server.send({.type = decline, .requested = address, .server = us})),
              "not_the_holder");
  }
  EXPECT_TRUE(server.notices().empty());
}

TEST(Hostile, DeclinesOfTheOwnAddressDoNotLoseIt) {  // D15
  Server server;
  for (int i = 0; i < 1000; ++i)
    server.send({.type = decline, .requested = control0_address, .server = us});
  EXPECT_EQ(describe(server.send({})), offered);
}

TEST(Hostile, ReleasesByOthersAreIgnored) {  // D16
  Server server;
  server.send({.type = request, .requested = control0_address, .server = us});
  expect_each({
      {"wrong chaddr",
       {.type = release, .client = control1, .ciaddr = control0_address, .server = us},
       "not_the_holder"},
      {"wrong server",
       {.type = release, .ciaddr = control0_address, .server = victim},
       "not_the_holder"},
  });
  EXPECT_EQ(server.responder.binding(kubenet, 1).state, Binding::State::bound);
}

TEST(Hostile, InformReflectsNothing) {  // D18
  expect_each({
      {"to a victim", {.type = inform, .ciaddr = victim, .source = control0_address}, "off_link"},
      {"to a neighbour",
       {.type = inform, .ciaddr = control1_address, .source = control0_address},
       "off_link"},
      {"to a neighbour, as if relayed",
       {.type = inform,
        .ciaddr = control1_address,
        .giaddr = ip(192, 168, 200, 66),
        .source = ip(192, 168, 200, 66)},
       "off_link"},
      {"to a victim through giaddr",
       {.type = inform, .ciaddr = control0_address, .giaddr = victim, .source = control0_address},
       "relay_not_allowed"},
  });
}

TEST(Hostile, ForeignCiaddrIsNotWhereRepliesGo) {  // D18
  expect_each({
      {"in DISCOVER", {.ciaddr = victim}, offered},
      {"in SELECTING",
       {.type = request, .ciaddr = victim, .requested = control0_address, .server = us},
       "DHCPACK 192.168.200.4 by link to 192.168.200.4:68"},
      {"in BOOTP",
       {.type = {}, .ciaddr = victim},
       "BOOTP 192.168.200.4 by link to 192.168.200.4:68"},
  });
}

TEST(Hostile, RelayAddressesThatNoRelayHas) {  // D19
  const std::vector<net::Ipv4Address> impossible = {
      us,
      ip(192, 168, 200, 0),
      ip(192, 168, 200, 255),
      ip(10, 0, 0, 1),  // ours on another
                        // link
      broadcast,
      ip(127, 0, 0, 1),
      ip(224, 0, 0, 1),
      ip(240, 0, 0, 1),
      ip(0, 0, 0, 7),
      victim,
  };
  // Even where the configuration would take any.
  config::Config config = configuration();
  for (const bool any : {false, true}) {
    if (any) config.networks[kubenet].relays = {{ip(0, 0, 0, 0), 0}};
    for (const net::Ipv4Address giaddr : impossible) {
      SCOPED_TRACE(net::to_string(giaddr));
      Server server(config);
      const std::string outcome = describe(server.send({.giaddr = giaddr}));
      if (any && giaddr == victim) {
        EXPECT_EQ(outcome, "DHCPOFFER 192.168.200.4 by relay to 203.0.113.9:67");
      } else {
        EXPECT_EQ(outcome, "relay_not_allowed");
      }
    }
  }
  for (const std::uint8_t hops : {std::uint8_t{17}, std::uint8_t{255}})
    expect_each({{"hops", {.giaddr = neighbour, .hops = hops}, "too_many_hops"}});
}

TEST(Hostile, OddStatesFollowTheTable) {  // D22
  expect_each({
      {"both ciaddr and option 50, no server: renewing",
       {.type = request, .ciaddr = control0_address, .requested = victim},
       "DHCPACK 192.168.200.4 by unicast to 192.168.200.4:68"},
      {"both, and a server: selecting",
       {.type = request, .ciaddr = control0_address, .requested = victim, .server = us},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
      {"neither", {.type = request}, "missing_requested_address"},
      {"neither, and another server", {.type = request, .server = victim}, "other_server_selected"},
      {"reboot with an address of another network of ours",
       {.type = request, .requested = node0_address},
       "DHCPNAK by broadcast to 255.255.255.255:68"},
  });
}

TEST(Hostile, InterleavedDiscoversAreIndependent) {  // D22
  Server server;
  EXPECT_EQ(describe(server.send({})), offered);
  EXPECT_EQ(describe(server.send({.client = control1})),
            "DHCPOFFER 192.168.200.5 by link to 192.168.200.5:68");
  EXPECT_EQ(describe(server.send({.type = request, .requested = control0_address, .server = us})),
            "DHCPACK 192.168.200.4 by link to 192.168.200.4:68");
  EXPECT_EQ(
      describe(server.send(
          {.type = request, .client = control1, .requested = control1_address, .server = us})),
      "DHCPACK 192.168.200.5 by link to 192.168.200.5:68");
}

TEST(Hostile, EveryFlippedOctetGetsAReplyOrAReason) {
  const Ask ask{
      .type = request,
      .requested = control0_address,
      .server = us,
      .parameters = hex("0103060f"),
      .options = {{61, hex("01525252000001")}, {81, hex("0400000161")}, {57, hex("0240")}},
      .relay_agent = hex("0103616263")};
  const Octets golden = encode(ask);
  Server server;
  for (std::size_t at = 0; at < golden.size(); ++at) {
    for (const auto flip : std::to_array<std::uint8_t>({0x01, 0x80, 0xff})) {
      Octets datagram = golden;
      datagram[at] ^= std::byte{flip};
      if (!MessageView::parse(datagram)) continue;
      const Outcome outcome = server.send(ask, datagram);
      const auto* reply = std::get_if<Reply>(&outcome);
      if (reply == nullptr) continue;
      const auto answer = MessageView::parse(reply->payload);
      ASSERT_TRUE(answer) << at;
      EXPECT_TRUE(answer->yiaddr().is_unspecified() || answer->yiaddr() == reply->address) << at;
    }
  }
}

TEST(Hostile, EveryTruncationGetsAReplyOrAReason) {
  const Ask ask{.parameters = hex("0103060f"), .options = {{61, hex("01525252000001")}}};
  const Octets golden = encode(ask);
  Server server;
  for (std::size_t size = 0; size < golden.size(); ++size) {
    const Octets datagram(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(size));
    if (!MessageView::parse(datagram)) continue;
    const std::string outcome = describe(server.send(ask, datagram));
    EXPECT_TRUE(outcome == offered || outcome.starts_with("BOOTP")) << size << ": " << outcome;
  }
}

}  // namespace
}  // namespace berth::dhcp::lab
