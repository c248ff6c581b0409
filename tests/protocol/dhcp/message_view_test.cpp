#include "protocol/dhcp/message_view.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;

TEST(MessageView, ReadsTheFixedFields) {
  const Octets octets = hex(R"(
      02 01 06 03  01 02 03 04  05 06 80 00
      0a 00 00 01  0a 00 00 02  0a 00 00 03  0a 00 00 04
      52 52 52 00 00 01 00*10
      73 65 72 76 65 72 00*58
      62 6f 6f 74 00 78*123
      63 82 53 63  35 01 05 ff)");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message) << name(message.error());
  EXPECT_EQ(message->op(), Op::bootreply);
  EXPECT_EQ(message->htype(), 1);
  EXPECT_EQ(message->hops(), 3);
  EXPECT_EQ(message->xid(), 0x01020304u);
  EXPECT_EQ(message->secs(), 0x0506);
  EXPECT_EQ(message->flags(), 0x8000);
  EXPECT_TRUE(message->wants_broadcast());
  EXPECT_EQ(message->ciaddr(), (net::Ipv4Address{0x0a000001}));
  EXPECT_EQ(message->yiaddr(), (net::Ipv4Address{0x0a000002}));
  EXPECT_EQ(message->siaddr(), (net::Ipv4Address{0x0a000003}));
  EXPECT_EQ(message->giaddr(), (net::Ipv4Address{0x0a000004}));
  EXPECT_TRUE(wire::equal(message->chaddr(), hex("52 52 52 00 00 01")));
  EXPECT_EQ(message->sname(), "server");
  EXPECT_EQ(message->file(), "boot");
  EXPECT_EQ(message->type(), MessageType::ack);
  EXPECT_EQ(message->bytes().data(), octets.data());
}

struct Rejected {
  const char* what;
  std::size_t at;  // in the fixed fields
  const char* octets;
  const char* options;
  ParseError error;
};

constexpr const char* discover = "35 01 01 ff";

const Rejected rejected[] = {
    {"op 0", 0, "00", discover, ParseError::bad_op},
    {"op 3", 0, "03", discover, ParseError::bad_op},
    {"a hardware address of 17 octets", 2, "11", discover, ParseError::bad_hlen},
    {"a hardware address of 255 octets", 2, "ff", discover, ParseError::bad_hlen},
    {"another cookie", 236, "63 82 53 64", discover, ParseError::bad_magic_cookie},
    {"no cookie", 236, "00*4", discover, ParseError::bad_magic_cookie},
    {"an option past the datagram", 0, "01", "35 01 01 0c 05 61", ParseError::truncated_option},
    {"a code and nothing else", 0, "01", "35 01 01 0c", ParseError::truncated_option},
    {"option 52 without octets", 0, "01", "35 01 01 34 00 ff", ParseError::bad_option_overload},
    {"option 52 of two octets", 0, "01", "35 01 01 34 02 01 01 ff",
     ParseError::bad_option_overload},
    {"overload of nothing", 0, "01", "35 01 01 34 01 00 ff", ParseError::bad_option_overload},
    {"overload of something else", 0, "01", "35 01 01 34 01 04 ff",
     ParseError::bad_option_overload},
    {"a truncated option in file", 108, "00*126 0c 05", "35 01 01 34 01 01 ff",
     ParseError::truncated_option},
    {"a truncated option in sname", 44, "00*63 0c", "35 01 01 34 01 02 ff",
     ParseError::truncated_option},
    {"option 52 inside file", 108, "34 01 02 ff", "35 01 01 34 01 01 ff",
     ParseError::bad_option_overload},
    {"option 52 inside sname", 44, "34 01 01 ff", "35 01 01 34 01 03 ff",
     ParseError::bad_option_overload},
    {"option 53 without octets", 0, "01", "35 00 ff", ParseError::bad_message_type},
    {"option 53 of two octets", 0, "01", "35 02 01 01 ff", ParseError::bad_message_type},
    {"option 53 of two octets inside file", 108, "35 02 01 01", "34 01 01 ff",
     ParseError::bad_message_type},
};

TEST(MessageView, RefusesWhatIsNoMessageAndSaysWhy) {
  for (const Rejected& c : rejected) {
    Octets octets = message_with(c.options);
    put(octets, c.at, hex(c.octets));
    const auto message = MessageView::parse(octets);
    ASSERT_FALSE(message) << c.what;
    EXPECT_EQ(name(message.error()), name(c.error)) << c.what;
  }
}

struct Accepted {
  const char* what;
  std::size_t at;
  const char* octets;
  const char* options;
  std::optional<MessageType> type;
};

const Accepted accepted[] = {
    {"no options at all is BOOTP", 0, "01", "", std::nullopt},
    {"BOOTP with options", 0, "01", "01 04 ff ff ff 00 ff", std::nullopt},
    {"no end option, as some clients send it", 0, "01", "35 01 01", MessageType::discover},
    {"anything behind the end option", 0, "01", "35 01 03 ff 0c 05", MessageType::request},
    {"pads between options", 0, "01", "00 00 35 01 01 00 00 ff", MessageType::discover},
    {"a message type of zero is a type", 0, "01", "35 01 00 ff", MessageType{0}},
    {"a message type of 255 is a type", 0, "01", "35 01 ff ff", MessageType{255}},
    {"of two message types the first counts", 0, "01", "35 01 03 35 01 07 ff",
     MessageType::request},
    {"a second message type may even be malformed", 0, "01", "35 01 03 35 00 ff",
     MessageType::request},
    {"no hardware address", 2, "00", discover, MessageType::discover},
    {"a hardware address of 16 octets", 2, "10", discover, MessageType::discover},
    {"a message type in file", 108, "35 01 03 ff", "34 01 01 ff", MessageType::request},
    {"a message type in sname", 44, "35 01 03 ff", "34 01 02 ff", MessageType::request},
    {"the options field counts before file", 108, "35 01 03 ff", "34 01 01 35 01 01 ff",
     MessageType::discover},
    {"file is no option area without option 52", 108, "34 09", discover, MessageType::discover},
    {"of two overloads the first counts", 44, "34 09", "35 01 01 34 01 01 34 01 03 ff",
     MessageType::discover},
};

TEST(MessageView, TakesWhatClientsSend) {
  for (const Accepted& c : accepted) {
    Octets octets = message_with(c.options);
    put(octets, c.at, hex(c.octets));
    const auto message = MessageView::parse(octets);
    ASSERT_TRUE(message) << c.what << ' ' << name(message.error());
    EXPECT_EQ(message->type(), c.type) << c.what;
  }
}

TEST(MessageView, RefusesEveryLengthBelowTheCookiesEnd) {
  const Octets octets = message_with("");
  for (std::size_t size = 0; size < field::options; ++size) {
    const auto message = MessageView::parse(wire::Bytes(octets).first(size));
    ASSERT_FALSE(message) << size;
    EXPECT_EQ(message.error(), ParseError::too_short) << size;
  }
  EXPECT_TRUE(MessageView::parse(octets));
}

TEST(MessageView, FindsTheFirstOptionOfACode) {
  const Octets octets = message_with("35 01 01 0c 01 61 0c 01 62 ff 0f 01 78");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  const auto host_name = message->find(OptionCode::host_name);
  ASSERT_TRUE(host_name);
  EXPECT_EQ(wire::text_of(host_name->value), "a");
  EXPECT_FALSE(message->find(OptionCode::domain_name)) << "stands behind the end option";
  EXPECT_FALSE(message->find(OptionCode::pad));
  EXPECT_FALSE(message->find(OptionCode::end));
}

TEST(MessageView, FindsOptionsInOverloadedFields) {
  Octets octets = message_with("35 01 01 34 01 03 ff");
  put(octets, field::file, hex("0c 01 66 ff"));
  put(octets, field::sname, hex("0f 01 73 ff"));
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  ASSERT_TRUE(message->find(OptionCode::host_name));
  EXPECT_EQ(wire::text_of(message->find(OptionCode::host_name)->value), "f");
  ASSERT_TRUE(message->find(OptionCode::domain_name));
  EXPECT_EQ(wire::text_of(message->find(OptionCode::domain_name)->value), "s");
  EXPECT_EQ(message->file(), "");
  EXPECT_EQ(message->sname(), "");
}

TEST(MessageView, ReadsAnUnterminatedFileNameToTheFieldsEnd) {
  Octets octets = message_with(discover);
  put(octets, field::file, hex("61*128"));
  put(octets, field::sname, hex("62*64"));
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->file(), std::string(128, 'a'));
  EXPECT_EQ(message->sname(), std::string(64, 'b'));
}

struct Collected {
  const char* what;
  const char* options;
  const char* file;
  OptionCode code;
  std::optional<std::string> value;
};

const Collected collected[] = {
    {"an absent option", "35 01 01 ff", "", OptionCode::host_name, std::nullopt},
    {"one piece", "0c 02 61 62 ff", "", OptionCode::host_name, "ab"},
    {"two pieces", "0c 01 61 0c 01 62 ff", "", OptionCode::host_name, "ab"},
    {"pieces with another option between them", "0c 01 61 0f 01 78 0c 01 62 ff", "",
     OptionCode::host_name, "ab"},
    {"an empty first piece", "0c 00 0c 01 62 ff", "", OptionCode::host_name, "b"},
    {"the options field, then file (RFC 3396 section 5)", "34 01 01 0c 01 61 ff", "0c 01 62 ff",
     OptionCode::host_name, "ab"},
    {"an unknown code is joined", "e0 01 61 e0 01 62 ff", "", OptionCode{224}, "ab"},
    {"a list of addresses is joined", "06 01 61 06 01 62 ff", "", OptionCode::domain_name_server,
     "ab"},
    {"a fixed-length format is not joined: the first counts", "36 04 61 62 63 64 36 01 65 ff", "",
     OptionCode::server_identifier, "abcd"},
    {"an option without a value", "50 00 50 00 ff", "", OptionCode::rapid_commit, ""},
};

TEST(MessageView, CollectsThePiecesOfALongOption) {
  for (const Collected& c : collected) {
    Octets octets = message_with(c.options);
    put(octets, field::file, hex(c.file));
    const auto message = MessageView::parse(octets);
    ASSERT_TRUE(message) << c.what;
    std::array<std::byte, 16> scratch;
    const auto value = message->collect(c.code, scratch);
    ASSERT_EQ(value.has_value(), c.value.has_value()) << c.what;
    if (value) {
      EXPECT_EQ(wire::text_of(*value), *c.value) << c.what;
    }
  }
}

TEST(MessageView, CollectsNothingIntoTooLittleScratch) {
  const Octets octets = message_with("0c 02 61 62 0c 02 63 64 ff");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  for (std::size_t size = 0; size <= 4; ++size) {
    Octets scratch(size);
    EXPECT_EQ(message->collect(OptionCode::host_name, scratch).has_value(), size == 4) << size;
  }
}

TEST(MessageView, CollectsOnePieceWithoutScratch) {
  const Octets octets = message_with("0c 02 61 62 ff");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  const auto value = message->collect(OptionCode::host_name, {});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->data(), octets.data() + 242);
}

TEST(MessageView, WalksJumboDatagramsOfPadding) {
  Octets octets = message_with("35 01 01");
  octets.resize(16384);
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type(), MessageType::discover);
}

TEST(ParseError, HasANameForEach) {
  for (std::size_t i = 0; i < parse_error_count; ++i)
    EXPECT_NE(name(ParseError{static_cast<std::uint8_t>(i)}), "unknown") << i;
}

TEST(MessageType, HasANameForEach) {
  EXPECT_EQ(name(MessageType::discover), "DHCPDISCOVER");
  EXPECT_EQ(name(MessageType::nak), "DHCPNAK");
  EXPECT_EQ(name(MessageType::lease_active), "DHCPLEASEACTIVE");
  EXPECT_EQ(name(MessageType::bulk_lease_query), "DHCPBULKLEASEQUERY");
  EXPECT_EQ(name(MessageType{15}), "DHCPLEASEQUERYDONE");
  EXPECT_EQ(name(MessageType{16}), "DHCPACTIVELEASEQUERY");
  EXPECT_EQ(name(MessageType{17}), "DHCPLEASEQUERYSTATUS");
  EXPECT_EQ(name(MessageType::tls), "DHCPTLS");
  EXPECT_EQ(name(MessageType{0}), "DHCP message");
  EXPECT_EQ(name(MessageType{19}), "DHCP message");
}

}  // namespace
}  // namespace berth::dhcp
