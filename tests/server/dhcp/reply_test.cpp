// What stands in replies: the fields of RFC 2131 table 3, which options, in which order, and what
// gives way when there is little room.
#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

constexpr std::uint16_t big = 0xffff;

Octets u16(std::uint16_t number) {
  Octets octets(2);
  wire::store_u16(octets, 0, number);
  return octets;
}

config::Option option(std::uint8_t code, Octets value) {
  return {OptionCode{code}, false, std::move(value)};
}

Octets filled(std::size_t size, std::uint8_t octet) { return Octets(size, std::byte{octet}); }

TEST(ReplyFields, AreTheRequestsOrTheServersAsTable3Says) {
  struct Row {
    const char* name;
    Ask ask;
    const char* yiaddr;
    const char* ciaddr;
    const char* giaddr;
    std::uint16_t flags;
  };
  const Ask renewing{.type = request, .ciaddr = control0_address, .source = control0_address};
  const Ask informing{.type = inform, .ciaddr = control0_address, .source = control0_address};
  const Ask relayed{.client = remote0, .giaddr = ip(10, 9, 0, 2), .hops = 3};
  const Row rows[] = {
      {"offer", {}, "192.168.200.4", "0.0.0.0", "0.0.0.0", 0},
      {"offer by broadcast", {.flags = 0x8000}, "192.168.200.4", "0.0.0.0", "0.0.0.0", 0x8000},
      {"offer to one that fills in ciaddr",
       {.ciaddr = control0_address},
       "192.168.200.4",
       "0.0.0.0",
       "0.0.0.0",
       0},
      {"ack",
       {.type = request, .requested = control0_address, .server = us},
       "192.168.200.4",
       "0.0.0.0",
       "0.0.0.0",
       0},
      {"ack of a renewal", renewing, "192.168.200.4", "192.168.200.4", "0.0.0.0", 0},
      {"ack of an inform", informing, "0.0.0.0", "192.168.200.4", "0.0.0.0", 0},
      {"nak", {.type = request, .requested = us}, "0.0.0.0", "0.0.0.0", "0.0.0.0", 0},
      {"bootp", {.type = {}}, "192.168.200.4", "0.0.0.0", "0.0.0.0", 0},
      {"relayed offer", relayed, "10.9.0.20", "0.0.0.0", "10.9.0.2", 0},
      {"relayed nak",
       {.type = request, .client = remote0, .requested = us, .giaddr = ip(10, 9, 0, 2)},
       "0.0.0.0",
       "0.0.0.0",
       "10.9.0.2",
       0x8000},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    const MessageView reply = server.reply_to(row.ask);
    EXPECT_EQ(reply.op(), Op::bootreply);
    EXPECT_EQ(reply.htype(), 1);
    EXPECT_EQ(to_hex(reply.chaddr()), to_hex(row.ask.client.octets));
    EXPECT_EQ(reply.hops(), 0);
    EXPECT_EQ(reply.xid(), xid);
    EXPECT_EQ(reply.secs(), 0);
    EXPECT_EQ(reply.flags(), row.flags);
    EXPECT_EQ(net::to_string(reply.yiaddr()), row.yiaddr);
    EXPECT_EQ(net::to_string(reply.ciaddr()), row.ciaddr);
    EXPECT_EQ(net::to_string(reply.giaddr()), row.giaddr);
    EXPECT_TRUE(reply.siaddr().is_unspecified());
    EXPECT_EQ(reply.sname(), "");
    EXPECT_EQ(reply.file(), "");
    EXPECT_GE(reply.bytes().size(), bootp_message_size);
  }
}

TEST(ReplyOptions, ComeInTheOrderThatTheRfcsDemand) {
  struct Row {
    const char* name;
    Ask ask;
    const char* codes;
  };
  const Row rows[] = {
      {"everything, by code, without a list", {}, "53 54 51 58 59 1 3 6 12 15 28 119"},
      {"the client's order",
       {.parameters = hex("1c060c01030f")},
       "53 54 51 58 59 28 6 12 1 3 15 119"},
      {"the mask before the routers", {.parameters = hex("060301")}, "53 54 51 58 59 6 1 3 15 119"},
      {"each once", {.parameters = hex("0606010606")}, "53 54 51 58 59 6 1 15 119"},
      {"mask, domain and search list in any case",
       {.parameters = hex("06")},
       "53 54 51 58 59 6 1 15 119"},
      {"nothing that does not exist", {.parameters = hex("2a04fe79")}, "53 54 51 58 59 1 15 119"},
      {"nothing that is not the plan's to say",
       {.parameters = hex("333536373a3b3d5206")},
       "53 54 51 58 59 6 1 15 119"},
      {"what is echoed, behind",
       {.parameters = hex("06"), .options = {{97, Octets(17)}, {61, hex("01525252000001")}}},
       "53 54 51 58 59 6 1 15 119 61 97"},
      {"the name, in reply to a name only",
       {.parameters = hex("06"), .options = {{81, hex("040000")}, {61, hex("ff01")}}},
       "53 54 51 58 59 6 1 15 119 61 81"},
      {"the relay's last",
       {.client = remote0,
        .parameters = hex("06"),
        .options = {{61, hex("ff01")}},
        .relay_agent = hex("0103616263"),
        .giaddr = ip(10, 9, 0, 2)},
       "53 54 51 58 59 6 1 15 119 61 82"},
      {"ack",
       {.type = request, .requested = control0_address, .parameters = hex("06")},
       "53 54 51 58 59 6 1 15 119"},
      {"inform: no lease times",
       {.type = inform,
        .ciaddr = control0_address,
        .parameters = hex("333a3b060c"),
        .source = control0_address},
       "53 54 6 12 1 15 119"},
      {"nak: nothing of the plan",
       {.type = request,
        .requested = us,
        .parameters = hex("01060f"),
        .options = {{61, hex("ff01")}, {81, hex("040000")}, {97, Octets(17)}}},
       "53 54 56 61"},
      {"nak through a relay",
       {.type = request,
        .client = remote0,
        .requested = us,
        .options = {{61, hex("ff01")}},
        .relay_agent = hex("0103616263"),
        .giaddr = ip(10, 9, 0, 2)},
       "53 54 56 61 82"},
      {"bootp: no option of DHCP", {.type = {}}, "1 3 6 12 15 28 119"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    EXPECT_EQ(codes(server.reply_to(row.ask)), row.codes);
  }
}

TEST(ReplyOptions, SayWhatThePlanSays) {
  Server server;
  const MessageView offer = server.reply_to({});
  EXPECT_EQ(value(offer, 53), "02");
  EXPECT_EQ(value(offer, 54), "c0a8c801");
  EXPECT_EQ(value(offer, 51), "0000a8c0");  // 12 h
  EXPECT_EQ(value(offer, 58), "00005460");  // 6 h
  EXPECT_EQ(value(offer, 59), "000093a8");  // 10.5 h
  EXPECT_EQ(value(offer, 1), "ffffff00");
  EXPECT_EQ(value(offer, 3), "c0a8c801");
  EXPECT_EQ(value(offer, 6), "c0a8c801");
  EXPECT_EQ(value(offer, 12), to_hex(text("control0")));
  EXPECT_EQ(value(offer, 15), to_hex(text("kubenet")));
  EXPECT_EQ(value(offer, 28), "c0a8c8ff");
  EXPECT_EQ(value(offer, 119), "07" + to_hex(text("kubenet")) + "00");
}

TEST(ReplyOptions, OfAHostPrevailOverItsNetworksAndThoseOverTheComputed) {
  config::Config config = configuration();
  config::Network& network = config.networks[kubenet];
  network.options = {option(6, hex("08080808")),
                     {OptionCode{28}, true, {}},
                     option(42, hex("c0a8c801")),
                     option(119, hex("0161016200"))};
  network.hosts[1].options = {
      option(12, text("elsewhere")), option(42, hex("c0a8c802")), {OptionCode{119}, true, {}}};
  Server server(config);

  const MessageView of_host = server.reply_to({});
  EXPECT_EQ(codes(of_host), "53 54 51 58 59 1 3 6 12 15 42");
  EXPECT_EQ(value(of_host, 6), "08080808");
  EXPECT_EQ(value(of_host, 12), to_hex(text("elsewhere")));
  EXPECT_EQ(value(of_host, 42), "c0a8c802");

  const MessageView of_network = server.reply_to({.client = control1});
  EXPECT_EQ(codes(of_network), "53 54 51 58 59 1 3 6 12 15 42 119");
  EXPECT_EQ(value(of_network, 12), to_hex(text("control1")));
  EXPECT_EQ(value(of_network, 42), "c0a8c801");
  EXPECT_EQ(value(of_network, 119), "0161016200");
}

TEST(ReplyOptions, ComeOnceEachHoweverManyThereAre) {
  config::Config config = configuration();
  for (std::uint8_t code = 120; code < 250; ++code)
    config.networks[kubenet].options.push_back(option(code, filled(1, code)));
  Server server(config);
  EXPECT_EQ(codes(server.reply_to({.parameters = hex("f97878f9f906f906")})),
            "53 54 51 58 59 249 120 6 1 15 119");
}

TEST(ReplyOptions, ComeInPiecesWhenTheyAreLong) {
  config::Config config = configuration();
  config.networks[kubenet].options = {option(224, filled(300, 7))};
  Server server(config);
  const MessageView reply =
      server.reply_to({.parameters = hex("e006"), .options = {{57, u16(1500)}}});
  EXPECT_EQ(codes(reply), "53 54 51 58 59 224 224 6 1 15 119");
  EXPECT_EQ(value(reply, 224), to_hex(filled(300, 7)));
}

TEST(ReplyOptions, LeaveOutASuppressedHostName) {
  config::Config config = configuration();
  config.networks[kubenet].options = {{OptionCode{12}, true, {}}};
  Server server(config);
  EXPECT_EQ(value(server.reply_to({.parameters = hex("0c")}), 12), "-");
}

TEST(ReplyOptions, NameTheHostAlsoWhenNoOptionFollowsIt) {
  config::Config config = configuration();
  for (const auto code : std::to_array<std::uint8_t>({15, 28, 119}))
    config.networks[kubenet].options.push_back({OptionCode{code}, true, {}});
  Server server(config);
  EXPECT_EQ(codes(server.reply_to({})), "53 54 51 58 59 1 3 6 12");
}

TEST(ReplyOptions, PreferIpv6OnlyForThoseWhoAsk) {
  config::Config config = configuration();
  config.networks[kubenet].options = {option(108, hex("00000708"))};
  Server server(config);
  EXPECT_EQ(value(server.reply_to({.parameters = hex("016c")}), 108), "00000708");
  EXPECT_EQ(value(server.reply_to({.parameters = hex("01")}), 108), "-");
  EXPECT_EQ(value(server.reply_to({}), 108), "-");
}

TEST(ReplyOptions, GiveLeaseTimes) {
  struct Row {
    std::uint32_t lease;
    const char* codes;
    const char* t1;
    const char* t2;
  };
  for (const Row& row : {Row{3600, "53 54 51 58 59 6 1 15 119", "00000708", "00000c4e"},
                         Row{0xfffffffe, "53 54 51 58 59 6 1 15 119", "7fffffff", "dffffffe"},
                         Row{0xffffffff, "53 54 51 6 1 15 119", "-", "-"}}) {
    SCOPED_TRACE(row.lease);
    config::Config config = configuration();
    config.networks[kubenet].hosts[1].lease = config::Seconds(row.lease);
    Server server(config);
    const MessageView offer = server.reply_to({.parameters = hex("06")});
    EXPECT_EQ(codes(offer), row.codes);
    EXPECT_EQ(value(offer, 58), row.t1);
    EXPECT_EQ(value(offer, 59), row.t2);
  }
}

TEST(ReplyOptions, AnswerTheClientsNameWithThePlans) {
  struct Row {
    const char* name;
    const char* asked;
    std::string answer;
  };
  const std::string wire_name =
      "08" + to_hex(text("control0")) + "07" + to_hex(text("kubenet")) + "00";
  const Row rows[] = {
      {"S=1 is granted", "0500000161", "05ffff" + wire_name},
      {"S=0 is overridden", "0400000161", "07ffff" + wire_name},
      {"N=1 is overridden", "0c0000", "07ffff" + wire_name},
      {"the deprecated encoding is answered in kind", "01000061",
       "01ffff" + to_hex(text("control0.kubenet"))},
      {"too short", "0400", "-"},
      {"a truncated label", "0500000561", "-"},
      {"a pointer", "050000c000", "-"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server;
    std::string answer = value(server.reply_to({.options = {{81, hex(row.asked)}}}), 81);
    if (answer.starts_with("01")) answer = answer.substr(0, row.answer.size());
    EXPECT_EQ(answer, row.answer);
  }
}

TEST(ReplyBoot, NamesServerAndFileInFieldsAndOptions) {
  config::Config config = configuration();
  config.networks[kubenet].hosts[1].boot = {ip(192, 168, 200, 9), "undionly.kpxe"};
  Server server(config);
  for (const auto& type : {std::optional(discover), std::optional<MessageType>()}) {
    const MessageView reply = server.reply_to({.type = type});
    EXPECT_EQ(net::to_string(reply.siaddr()), "192.168.200.9");
    EXPECT_EQ(reply.file(), "undionly.kpxe");
    EXPECT_EQ(value(reply, 66), to_hex(text("192.168.200.9")));
    // The 60 octets that BOOTP has for options are full by then.
    EXPECT_EQ(value(reply, 67), type ? to_hex(text("undionly.kpxe")) : "-");
  }
  EXPECT_EQ(value(server.reply_to({.parameters = hex("43")}), 67), to_hex(text("undionly.kpxe")));
  EXPECT_EQ(value(server.reply_to({.parameters = hex("01")}), 67), "-");
  const MessageView nak = server.reply_to({.type = request, .requested = us});
  EXPECT_TRUE(nak.siaddr().is_unspecified());
  EXPECT_EQ(nak.file(), "");
  EXPECT_EQ(server.reply_to({.client = control1}).file(), "");
}

TEST(ReplyBoot, PutsALongFileNameIntoTheOptionOnly) {
  for (const std::size_t size : {127u, 128u, 200u}) {
    SCOPED_TRACE(size);
    const std::string name(size, 'f');
    config::Config config = configuration();
    config.networks[kubenet].hosts[1].boot = {std::nullopt, name};
    Server server(config);
    const MessageView reply = server.reply_to({.parameters = hex("4342")});
    EXPECT_EQ(reply.file(), size < 128 ? name : "");
    EXPECT_EQ(value(reply, 67), to_hex(text(name)));
    EXPECT_EQ(value(reply, 66), "-");
    EXPECT_TRUE(reply.siaddr().is_unspecified());
  }
}

// A plan with far more options than any message holds.
config::Config crowded() {
  config::Config config = configuration();
  for (std::uint8_t code = 224; code < 248; ++code)
    config.networks[kubenet].options.push_back(option(code, filled(60, code)));
  return config;
}

TEST(ReplyRoom, IsWhatTheClientAccepts) {
  struct Row {
    const char* name;
    std::vector<RawOption> options;
    std::size_t limit;
    std::size_t at_least;
  };
  const Row rows[] = {
      {"no option 57", {}, 548, 480},
      {"57 = 0", {{57, u16(0)}}, 548, 480},
      {"57 = 300", {{57, u16(300)}}, 548, 480},
      {"57 = 576", {{57, u16(576)}}, 548, 480},
      {"57 = 1000", {{57, u16(1000)}}, 972, 900},
      {"57 = 65535", {{57, u16(big)}}, 1500, 1400},
      {"57 of a wrong length", {{57, hex("05")}}, 548, 480},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Server server(crowded());
    const MessageView reply = server.reply_to({.options = row.options});
    EXPECT_LE(reply.bytes().size(), row.limit);
    EXPECT_GE(reply.bytes().size(), row.at_least);
    EXPECT_EQ(value(reply, 51), "0000a8c0");
  }
}

TEST(ReplyRoom, IsExtendedByOverload) {
  Server server(crowded());
  const MessageView reply = server.reply_to({});
  EXPECT_EQ(value(reply, 52), "03");
  EXPECT_EQ(value(reply, 224), to_hex(filled(60, 224)));
}

TEST(ReplyRoom, IsNotExtendedForBootp) {
  Server server(crowded());
  const MessageView reply = server.reply_to({.type = {}});
  EXPECT_EQ(reply.bytes().size(), bootp_message_size);
  EXPECT_EQ(value(reply, 52), "-");
  EXPECT_EQ(reply.file(), "");
}

TEST(ReplyRoom, GoesFirstToWhatMustBeThere) {
  // 61 is echoed behind everything else, as long as there is room for everything else.
  Server server(crowded());
  const MessageView reply = server.reply_to({.options = {{61, filled(200, 7)}}});
  EXPECT_EQ(value(reply, 61), to_hex(filled(200, 7)));
  EXPECT_EQ(value(reply, 1), "ffffff00");
  EXPECT_LE(reply.bytes().size(), 548u);
}

TEST(ReplyRoom, MayBeTooLittle) {
  Server server;
  Octets relay_agent = hex("01fa");
  relay_agent.resize(252, std::byte{3});
  const Ask ask{.client = remote0,
                .options = {{61, filled(250, 1)}, {61, filled(250, 1)}},
                .relay_agent = relay_agent,
                .giaddr = ip(10, 9, 0, 2)};
  EXPECT_EQ(describe(server.send(ask)), "reply_too_big");
}

TEST(ReplyRoom, IsTheBuffersWhenThatIsShorter) {
  for (std::size_t room = 0; room <= 600; ++room) {
    SCOPED_TRACE(room);
    Server server(crowded());
    server.room = room;
    const Outcome outcome = server.send({.options = {{57, u16(1500)}}});
    const auto* reply = std::get_if<Reply>(&outcome);
    EXPECT_EQ(reply != nullptr, room >= bootp_message_size);
    if (reply == nullptr) {
      EXPECT_EQ(describe(outcome), "reply_too_big");
      continue;
    }
    EXPECT_LE(reply->payload.size(), room);
    EXPECT_TRUE(MessageView::parse(reply->payload));
  }
}

}  // namespace
}  // namespace berth::dhcp::lab
