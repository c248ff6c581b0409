#include "protocol/dhcp/reply_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "protocol/dhcp/option_writer.hpp"
#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;

constexpr net::Ipv4Address server{0xc0a8c801};
constexpr net::Ipv4Address client{0xc0a8c804};

// A relayed DHCPREQUEST with every fixed field in use.
Octets request_octets() {
  Octets request = message_with("35 01 03 ff");
  put(request, field::hops, hex("02"));
  put(request, field::secs, hex("00 09  80 00"));
  put(request, field::ciaddr, hex("0a 00 00 01  0a 00 00 02  0a 00 00 03  0a 00 00 04"));
  put(request, field::sname, hex("61*64"));
  put(request, field::file, hex("62*128"));
  return request;
}

class ReplyBuilderTest : public testing::Test {
 protected:
  ReplyBuilderTest() { out_.fill(std::byte{0xa5}); }

  ReplyBuilder reply(std::optional<MessageType> type, std::size_t limit = 548,
                     wire::Bytes relay = {}) {
    return {out_, request(), type, limit, relay};
  }
  const MessageView& request() const { return *request_; }

  // What the finished message says; valid until the next.
  MessageView finished(ReplyBuilder& builder) {
    const auto octets = builder.finish();
    EXPECT_TRUE(octets);
    finished_ = octets ? *octets : wire::Bytes();
    const auto message = MessageView::parse(finished_);
    EXPECT_TRUE(message) << name(message.error());
    return *message;
  }

  Octets request_octets_ = request_octets();
  expected<MessageView, ParseError> request_ = MessageView::parse(request_octets_);
  std::array<std::byte, 2000> out_;
  wire::Bytes finished_;
};

std::string codes_of(const MessageView& message) {
  std::string codes;
  for (const OptionView& option : message.options())
    codes += std::to_string(static_cast<unsigned>(option.code)) + " ";
  return codes;
}

struct Copied {
  const char* what;
  std::optional<MessageType> type;
  std::uint32_t ciaddr;
};

// RFC 2131 table 3.
const Copied copied[] = {
    {"DHCPOFFER", MessageType::offer, 0},
    {"DHCPACK", MessageType::ack, 0x0a000001},
    {"DHCPNAK", MessageType::nak, 0},
    {"BOOTP, which keeps what the client said (RFC 951)", std::nullopt, 0x0a000001},
};

TEST_F(ReplyBuilderTest, CopiesFromTheRequestWhatTable3Copies) {
  for (const Copied& c : copied) {
    out_.fill(std::byte{0xa5});
    ReplyBuilder builder = reply(c.type);
    const MessageView message = finished(builder);
    EXPECT_EQ(message.op(), Op::bootreply) << c.what;
    EXPECT_EQ(message.htype(), 1) << c.what;
    EXPECT_EQ(message.hops(), 0) << c.what;
    EXPECT_EQ(message.xid(), request().xid()) << c.what;
    EXPECT_EQ(message.secs(), 0) << c.what;
    EXPECT_EQ(message.flags(), 0x8000) << c.what;
    EXPECT_EQ(message.ciaddr().value, c.ciaddr) << c.what;
    EXPECT_TRUE(message.yiaddr().is_unspecified()) << c.what;
    EXPECT_TRUE(message.siaddr().is_unspecified()) << c.what;
    EXPECT_EQ(message.giaddr(), request().giaddr()) << c.what;
    EXPECT_TRUE(wire::equal(message.chaddr(), request().chaddr())) << c.what;
    EXPECT_EQ(message.sname(), "") << c.what;
    EXPECT_EQ(message.file(), "") << c.what;
    EXPECT_EQ(message.type(), c.type) << c.what;
  }
}

TEST_F(ReplyBuilderTest, WritesAnOfferOctetForOctet) {
  ReplyBuilder builder = reply(MessageType::offer);
  builder.yiaddr(client)
      .siaddr(server)
      .option(OptionCode::server_identifier, server)
      .option(OptionCode::ip_address_lease_time, std::uint32_t{43200})
      .option(OptionCode::interface_mtu, std::uint16_t{1500})
      .option(OptionCode::domain_name, wire::bytes_of("kubenet"));
  const auto octets = builder.finish();
  ASSERT_TRUE(octets);
  EXPECT_EQ(Octets(octets->begin(), octets->end()), hex(R"(
      02 01 06 00  39 03 f3 26  00 00 80 00
      00*4  c0 a8 c8 04  c0 a8 c8 01  0a 00 00 04
      52 52 52 00 00 01 00*10  00*192
      63 82 53 63
      35 01 02
      36 04 c0 a8 c8 01
      33 04 00 00 a8 c0
      1a 02 05 dc
      0f 07 6b 75 62 65 6e 65 74
      ff 00*31)"));
  EXPECT_EQ(out_[300], std::byte{0xa5}) << "nothing is written behind the message";
}

TEST_F(ReplyBuilderTest, SetsFieldsThatDifferFromTheRequests) {
  ReplyBuilder builder = reply(MessageType::offer);
  builder.ciaddr(client).file("pxelinux.0").sname("server").broadcast();
  const MessageView message = finished(builder);
  EXPECT_EQ(message.ciaddr(), client);
  EXPECT_EQ(message.file(), "pxelinux.0");
  EXPECT_EQ(message.sname(), "server");
  EXPECT_TRUE(message.wants_broadcast());
}

TEST_F(ReplyBuilderTest, SetsTheBroadcastFlagAndNoOther) {
  put(request_octets_, field::flags, hex("00 01"));
  ReplyBuilder builder = reply(MessageType::nak);
  builder.broadcast();
  EXPECT_EQ(finished(builder).flags(), 0x8001);
}

TEST_F(ReplyBuilderTest, LeavesFileAndSnameOfANakAlone) {
  ReplyBuilder builder = reply(MessageType::nak);
  builder.file("pxelinux.0").sname("server");
  const MessageView message = finished(builder);
  EXPECT_EQ(message.file(), "");
  EXPECT_EQ(message.sname(), "");
}

TEST_F(ReplyBuilderTest, TakesAFileNameThatLeavesRoomForItsZero) {
  for (const std::size_t size : {0u, 1u, 126u, 127u, 128u, 200u}) {
    ReplyBuilder builder = reply(MessageType::offer);
    builder.file(std::string(size, 'f'));
    EXPECT_EQ(builder.finish().has_value(), size <= 127) << size;
  }
  for (const std::size_t size : {63u, 64u}) {
    ReplyBuilder builder = reply(MessageType::offer);
    builder.sname(std::string(size, 's'));
    EXPECT_EQ(builder.finish().has_value(), size <= 63) << size;
  }
}

TEST_F(ReplyBuilderTest, PadsTo300Octets) {
  ReplyBuilder builder = reply(MessageType::offer);
  const MessageView message = finished(builder);
  EXPECT_EQ(message.bytes().size(), 300u);
  EXPECT_TRUE(std::all_of(message.bytes().begin() + 244, message.bytes().end(),
                          [](std::byte octet) { return octet == std::byte{0}; }));
}

// RFC 3046 2.2: option 82 comes last, and is echoed as it was.
TEST_F(ReplyBuilderTest, EchoesOption82Last) {
  const Octets relay = hex("01 04 66 61 72 30");
  ReplyBuilder builder = reply(MessageType::offer, 548, relay);
  builder.option(OptionCode::server_identifier, server);
  builder.option_if_room(OptionCode::domain_name, wire::bytes_of("kubenet"));
  const MessageView message = finished(builder);
  EXPECT_EQ(codes_of(message), "53 54 15 82 ");
  EXPECT_TRUE(wire::equal(message.find(OptionCode::relay_agent_information)->value, relay));
}

TEST_F(ReplyBuilderTest, EchoesOption82InPiecesWhenItIsLong) {
  const Octets relay(300, std::byte{1});
  ReplyBuilder builder = reply(MessageType::offer, 1472, relay);
  const MessageView message = finished(builder);
  EXPECT_EQ(codes_of(message), "53 82 82 ");
  Octets scratch(400);
  EXPECT_TRUE(wire::equal(*message.collect(OptionCode::relay_agent_information, scratch), relay));
}

TEST_F(ReplyBuilderTest, SplitsLongValues) {
  for (const std::size_t size : {254u, 255u, 256u, 510u, 511u}) {
    const Octets value(size, std::byte{0x61});
    ReplyBuilder builder = reply(MessageType::ack, 1472);
    builder.option(OptionCode::domain_search, value);
    const MessageView message = finished(builder);
    Octets scratch(600);
    const auto joined = message.collect(OptionCode::domain_search, scratch);
    ASSERT_TRUE(joined) << size;
    EXPECT_TRUE(wire::equal(*joined, value)) << size;
  }
}

// What is left of 548 octets for options, with option 53 written, room for 52 and end kept.
constexpr std::size_t options_room = 548 - 240 - 3 - 3 - 1;

TEST_F(ReplyBuilderTest, FillsTheOptionsFieldToTheLimit) {
  const Octets value(options_room - 2 - 2, std::byte{0x61});  // in two pieces
  ReplyBuilder builder = reply(MessageType::offer);
  builder.option(OptionCode{224}, value);
  const MessageView message = finished(builder);
  EXPECT_EQ(codes_of(message), "53 224 224 ");
  EXPECT_EQ(message.bytes().size(), 548u - 3);
}

TEST_F(ReplyBuilderTest, GoesOnInFileAndThenInSname) {
  ReplyBuilder builder = reply(MessageType::offer);
  builder.option(OptionCode{224}, Octets(options_room - 4, std::byte{0x61}));
  builder.option(OptionCode{225}, Octets(100, std::byte{0x62}));
  builder.option(OptionCode{226}, Octets(25, std::byte{0x63}));  // does not fit behind 225 in file
  builder.option(OptionCode{227}, Octets(20, std::byte{0x64}));  // does
  const MessageView message = finished(builder);
  EXPECT_EQ(codes_of(message), "53 224 224 52 225 227 226 ");
  EXPECT_EQ(message.find(OptionCode::option_overload)->u8(), 3);
  EXPECT_EQ(message.bytes().size(), 548u);
  EXPECT_EQ(message.bytes()[field::file + 124], std::byte{255}) << "file ends with `end`";
  EXPECT_EQ(message.bytes()[field::sname + 27], std::byte{255}) << "and so does sname";
}

struct Overload {
  const char* what;
  std::optional<MessageType> type;
  bool uses_file;
  bool uses_sname;
  std::size_t value_size;  // of an option for which the options field has no room
  std::optional<unsigned> overload;
};

const Overload overloads[] = {
    {"file", MessageType::offer, false, false, 125, 1u},
    {"too long for file", MessageType::offer, false, false, 126, std::nullopt},
    {"file is taken", MessageType::offer, true, false, 61, 2u},
    {"file is taken, and too long for sname", MessageType::offer, true, false, 62, std::nullopt},
    {"sname is taken", MessageType::ack, false, true, 125, 1u},
    {"both are taken", MessageType::ack, true, true, 4, std::nullopt},
    {"a BOOTP client may not know option 52", std::nullopt, false, false, 4, std::nullopt},
    {"a DHCPNAK has no file and sname", MessageType::nak, false, false, 4, std::nullopt},
};

TEST_F(ReplyBuilderTest, OverloadsTheFieldsThatAreFree) {
  for (const Overload& c : overloads) {
    ReplyBuilder builder = reply(c.type);
    if (c.uses_file) builder.file("pxelinux.0");
    if (c.uses_sname) builder.sname("server");
    while (builder.option_if_room(OptionCode{224}, {})) {
      if (!builder.option_if_room(OptionCode{225}, Octets(200))) break;
    }
    Octets filler(40);
    while (builder.encoded_options_if_room(filler)) {
    }
    while (builder.encoded_options_if_room(wire::Bytes(filler).first(1))) {
    }
    EXPECT_EQ(builder.option_if_room(OptionCode{226}, Octets(c.value_size)), c.overload.has_value())
        << c.what;
    const MessageView message = finished(builder);
    const auto overload = message.find(OptionCode::option_overload);
    EXPECT_EQ(overload.has_value(), c.overload.has_value()) << c.what;
    if (overload) {
      EXPECT_EQ(overload->u8(), *c.overload) << c.what;
    }
    EXPECT_EQ(message.file(), c.uses_file ? "pxelinux.0" : "") << c.what;
    EXPECT_EQ(message.sname(), c.uses_sname ? "server" : "") << c.what;
    EXPECT_LE(message.bytes().size(), 548u) << c.what;
  }
}

TEST_F(ReplyBuilderTest, UsesTheRoomOfOption52WhenNothingCanBeOverloaded) {
  ReplyBuilder builder = reply(MessageType::offer);
  builder.file("pxelinux.0").sname("server");
  EXPECT_TRUE(builder.encoded_options_if_room(Octets(options_room + 3)));
  EXPECT_FALSE(builder.encoded_options_if_room(Octets(1)));
  EXPECT_EQ(finished(builder).bytes().size(), 548u);
}

TEST_F(ReplyBuilderTest, KeepsEncodedOptionsOutOfFileAndSname) {
  ReplyBuilder builder = reply(MessageType::offer);
  EXPECT_TRUE(builder.encoded_options_if_room(hex("0c 01 61  0f 01 62")));
  EXPECT_FALSE(builder.encoded_options_if_room(Octets(options_room - 5)));
  const MessageView message = finished(builder);
  EXPECT_EQ(codes_of(message), "53 12 15 ");
}

TEST_F(ReplyBuilderTest, IsPoisonedByAnOptionThatMustFitAndDoesNot) {
  ReplyBuilder builder = reply(MessageType::offer);
  builder.option(OptionCode{224}, Octets(options_room));
  builder.option(OptionCode::server_identifier, server);
  const auto octets = builder.finish();
  ASSERT_FALSE(octets);
  EXPECT_EQ(octets.error(), BuildError::no_room);
}

TEST_F(ReplyBuilderTest, LeavesOutAWishThatDoesNotFit) {
  ReplyBuilder builder = reply(MessageType::offer);
  EXPECT_FALSE(builder.option_if_room(OptionCode{224}, Octets(options_room)));
  builder.option(OptionCode::server_identifier, server);
  EXPECT_EQ(codes_of(finished(builder)), "53 54 ");
}

// Buffer and limit are both bounds; the smaller one counts, and nothing behind it is touched.
TEST_F(ReplyBuilderTest, StaysWithinEveryBufferAndEveryLimit) {  // D8
  const Octets relay = hex("01 04 66 61 72 30");
  constexpr std::size_t beyond = 700;
  for (std::size_t size = 0; size <= beyond; ++size) {
    for (const bool by_limit : {false, true}) {
      out_.fill(std::byte{0xa5});
      const auto buffer = wire::MutableBytes(out_).first(by_limit ? out_.size() : size);
      ReplyBuilder builder(buffer, request(), MessageType::offer, by_limit ? size : 5000, relay);
      builder.yiaddr(client).siaddr(server).broadcast();
      builder.option(OptionCode::server_identifier, server);
      builder.option_if_room(OptionCode{224}, Octets(280, std::byte{0x61}));
      builder.option_if_room(OptionCode{225}, Octets(60, std::byte{0x62}));
      const auto octets = builder.finish();
      ASSERT_EQ(octets.has_value(), size >= bootp_message_size) << size;
      ASSERT_TRUE(std::all_of(out_.begin() + static_cast<std::ptrdiff_t>(size), out_.end(),
                              [](std::byte octet) { return octet == std::byte{0xa5}; }))
          << size;
      if (!octets) continue;
      ASSERT_LE(octets->size(), size);
      const auto message = MessageView::parse(*octets);
      ASSERT_TRUE(message) << size;
      std::optional<OptionCode> last_of_the_options_field;
      wire::Bytes area = octets->subspan(field::options);
      for (auto step = next_option(area); step.kind == OptionStep::Kind::option;
           step = next_option(step.rest))
        last_of_the_options_field = step.option.code;
      EXPECT_EQ(last_of_the_options_field, OptionCode::relay_agent_information) << size;
      EXPECT_TRUE(message->find(OptionCode{225})) << "there is always room in file or sname";
      EXPECT_EQ(message->find(OptionCode{224}).has_value(), size >= 545) << size;
    }
  }
}

// The message type stays in the options field: it is not what option 52 is for.
TEST_F(ReplyBuilderTest, RefusesARelayOptionThatLeavesNoRoomForTheMessageType) {
  constexpr std::size_t room = 548 - 240 - 3 - 3 - 1 - 2 * 2;  // in two pieces
  for (const std::size_t size : {room, room + 1, room + 3, room + 4, room + 300}) {
    const Octets relay(size, std::byte{1});
    ReplyBuilder builder = reply(MessageType::offer, 548, relay);
    builder.file("pxelinux.0");
    const auto octets = builder.finish();
    ASSERT_EQ(octets.has_value(), size == room) << size;
    if (octets) {
      EXPECT_EQ(codes_of(*MessageView::parse(*octets)), "53 82 82 ") << size;
    }
  }
}

struct Limit {
  const char* what;
  const char* options;
  std::size_t size;  // of the request
  std::size_t limit;
};

const Limit limits[] = {
    {"without option 57", "35 01 01 ff", 0, 548},
    {"the least a client may say", "35 01 01 39 02 02 40 ff", 0, 548},
    {"less than it may say", "35 01 01 39 02 00 00 ff", 0, 548},
    {"300 octets", "35 01 01 39 02 01 2c ff", 0, 548},
    {"Ethernet's MTU", "35 01 01 39 02 05 dc ff", 0, 1472},
    {"as much as there is", "35 01 01 39 02 ff ff ff", 0, 65507},
    {"option 57 of another length", "35 01 01 39 01 ff ff", 0, 548},
    {"BOOTP, a short request", "ff", 0, 300},
    {"BOOTP, a longer request", "ff", 400, 400},
    {"BOOTP with option 57", "39 02 05 dc ff", 0, 1472},
};

TEST(ReplyLimit, IsOption57LessTheHeadersAndNeverBelow548) {
  for (const Limit& c : limits) {
    Octets octets = message_with(c.options);
    octets.resize(std::max(octets.size(), c.size));
    const auto request = MessageView::parse(octets);
    ASSERT_TRUE(request) << c.what;
    EXPECT_EQ(reply_limit(*request), c.limit) << c.what;
  }
}

TEST(WriteOption, TakesTheRoomThatEncodedOptionSizeSays) {
  for (std::size_t size = 0; size <= 1100; ++size) {
    Octets out(encoded_option_size(size));
    wire::Writer writer{wire::MutableBytes(out)};
    write_option(writer, OptionCode::domain_search, Octets(size));
    EXPECT_TRUE(writer.ok()) << size;
    EXPECT_EQ(writer.size(), out.size()) << size;
  }
}

}  // namespace
}  // namespace berth::dhcp
