#include "protocol/dns/message_view.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/dns/text.hpp"
#include "tests/protocol/dns/rebuild.hpp"
#include "tests/support/hex.hpp"

namespace berth::dns {
namespace {

const std::string golden_messages[] = {"answer_cname", "every_type",  "nxdomain",
                                       "query_edns",   "query_plain", "update"};

std::vector<std::byte> golden(const std::string& name) {
  return test::read_hex_file(BERTH_GOLDEN_DNS "/" + name + ".hex");
}

class GoldenMessage : public testing::TestWithParam<std::string> {
 protected:
  std::vector<std::byte> octets_ = golden(GetParam());
  std::vector<std::byte> out_ = std::vector<std::byte>(4096, std::byte{0xa5});
};

TEST_P(GoldenMessage, PrintsAsRecorded) {
  const auto message = MessageView::parse(octets_);
  ASSERT_TRUE(message) << name(message.error());
  EXPECT_EQ(to_text(*message), test::read_text_file(BERTH_GOLDEN_DNS "/" + GetParam() + ".txt"));
}

TEST_P(GoldenMessage, SurvivesTheRoundTrip) {
  const auto message = MessageView::parse(octets_);
  ASSERT_TRUE(message);
  const auto built = test::rebuild(*message, out_);
  ASSERT_TRUE(built);
  const auto again = MessageView::parse(*built);
  ASSERT_TRUE(again) << name(again.error());
  EXPECT_TRUE(test::same(*message, *again)) << to_text(*again);
  EXPECT_LE(built->size(), octets_.size());
  EXPECT_EQ(out_[built->size()], std::byte{0xa5});
}

TEST_P(GoldenMessage, IsRefusedWhenTruncatedAnywhere) {
  for (std::size_t size = 0; size < octets_.size(); ++size) {
    const auto cut = MessageView::parse(wire::Bytes(octets_).first(size));
    EXPECT_FALSE(cut) << size;
  }
}

// Whatever is flipped, what parses can be walked, printed and built again.
TEST_P(GoldenMessage, StaysSoundWithAnyOctetFlipped) {
  std::size_t parsed = 0;
  for (std::size_t at = 0; at < octets_.size(); ++at) {
    for (const unsigned flip : {0x01u, 0x80u, 0xc0u, 0xffu}) {
      std::vector<std::byte> flipped = octets_;
      flipped[at] ^= std::byte(flip);
      const auto message = MessageView::parse(flipped);
      if (!message) continue;
      ++parsed;
      EXPECT_FALSE(to_text(*message).empty());
      const auto built = test::rebuild(*message, out_);
      ASSERT_TRUE(built) << at;
      const auto again = MessageView::parse(*built);
      ASSERT_TRUE(again) << at << ": " << name(again.error());
      EXPECT_TRUE(test::same(*message, *again)) << at;
    }
  }
  EXPECT_GT(parsed, 0u);
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, GoldenMessage, testing::ValuesIn(golden_messages),
                         [](const auto& test) { return test.param; });

struct Case {
  std::string name;
  std::string hex;
  std::optional<ParseError> error = {};
};

const std::string query = "1234 0100 0001 0000 0000 0001  076b7562656e657400 0001 0001";
const std::string opt = " 00 0029 04d0 00000000 0000";
const std::string answer = "1234 8180 0001 0001 0000 0000  076b7562656e657400 0001 0001";

std::string a_record(const std::string& rdata, const std::string& length) {
  return " c00c 0001 0001 0000003c " + length + rdata;
}

const Case cases[] = {
    {"header_alone", "1234 0000 0000 0000 0000 0000"},
    {"query_with_opt", query + opt},
    {"opt_with_two_options", query + " 00 0029 04d0 00000000 000c 000a 0002 0102 ffff 0002 0304"},
    {"opt_of_any_version_and_flags", query + " 00 0029 0000 ff64ffff 0000"},
    {"address", answer + a_record("c0a8c807", "0004")},
    {"two_questions", "1234 0100 0002 0000 0000 0000  00 0001 0001  00 0001 0001"},
    {"unknown_type_with_anything", answer + " c00c ff00 0001 0000003c 0003 c0ffee"},
    {"address_of_another_class", answer + " c00c 0001 0003 0000003c 0002 0102"},
    {"tsig_last", "1234 0100 0001 0000 0000 0002  076b7562656e657400 0001 0001" + opt +
                      " 0161 00 00fa 00ff 00000000 0002 0102"},

    {"nothing", "", ParseError::too_short},
    {"N8_eleven_octets", "1234 0100 0001 0000 0000 00", ParseError::too_short},
    {"N7_counts_of_65535_in_twelve_octets", "1234 0100 ffff ffff ffff ffff",
     ParseError::counts_too_large},
    {"N7_one_question_too_many", "1234 0100 0002 0000 0000 0000  00 0001 0001 00 0001",
     ParseError::counts_too_large},
    {"N7_one_record_too_many",
     "1234 8180 0001 0001 0000 0000  00 0001 0001  00 0000 0000 00000000 00",
     ParseError::counts_too_large},
    {"question_without_class", "1234 0100 0001 0000 0000 0000  0161 00 0001",
     ParseError::truncated},
    {"question_past_the_end", "1234 0100 0001 0000 0000 0000  05616263 00 0001 0001",
     ParseError::bad_name},
    {"N6_question_that_points_to_itself", "1234 0100 0001 0000 0000 0000  c00c 0001 0001",
     ParseError::bad_name},
    {"N6_owner_that_points_to_itself", answer + " c019 0001 0001 0000003c 0004 c0a8c807",
     ParseError::bad_name},
    {"record_head_cut", answer + " 076b7562656e657400 0001 0001", ParseError::truncated},
    {"rdata_past_the_end", answer + a_record("c0a8c807", "0005"), ParseError::truncated},
    {"address_of_five_octets", answer + a_record("c0a8c80700", "0005"), ParseError::bad_rdata},
    {"address_of_no_octets", answer + a_record("", "0000"), ParseError::bad_rdata},
    {"N3_rdlength_smaller_than_the_name", answer + " c00c 000f 0001 0000003c 0003 000a c00c",
     ParseError::bad_rdata},
    {"N3_rdlength_smaller_than_the_name_with_octets_behind",
     "1234 8180 0001 0001 0000 0001  076b7562656e657400 0001 0001"
     " c00c 000f 0001 0000003c 0003 000ac0 0c00 0100 0100 0000 3c00 04c0 a8c8 07",
     ParseError::bad_rdata},
    {"N3_rdlength_larger_than_the_name", answer + " c00c 0005 0001 0000003c 0003 c00c00",
     ParseError::bad_rdata},
    {"N6_pointer_in_rdata_to_itself", answer + " c00c 0005 0001 0000003c 0002 c025",
     ParseError::bad_rdata},
    {"N4_rrsig_shorter_than_its_head", answer + " c00c 002e 0001 0000003c 0004 00010d02",
     ParseError::bad_rdata},
    {"N4_rrsig_with_a_torn_signer",
     answer + " c00c 002e 0001 0000003c 0014 00010d02 0000003c 00000000 00000000 3039 0561",
     ParseError::bad_rdata},
    {"N5_nsec_window_of_length_0", answer + " c00c 002f 0001 0000003c 0003 00 0000",
     ParseError::bad_rdata},
    {"N5_nsec_window_of_length_33", answer + " c00c 002f 0001 0000003c 0024 00 0021 01*33",
     ParseError::bad_rdata},
    {"N5_nsec_windows_out_of_order", answer + " c00c 002f 0001 0000003c 0007 00 010101 000101",
     ParseError::bad_rdata},
    {"N5_nsec_window_past_the_end", answer + " c00c 002f 0001 0000003c 0004 00 000201",
     ParseError::bad_rdata},
    {"N5_nsec3_salt_past_the_end", answer + " c00c 0032 0001 0000003c 0006 01000000 05aa",
     ParseError::bad_rdata},
    {"N8_opt_rdlength_of_0x3a00", query + " 00 0029 04d0 00000000 3a00", ParseError::truncated},
    {"N11_option_past_rdlength", query + " 00 0029 04d0 00000000 0005 000a 0002 01",
     ParseError::bad_opt},
    {"N11_option_header_cut", query + " 00 0029 04d0 00000000 0003 000a 00", ParseError::bad_opt},
    {"N9_two_opts", "1234 0100 0001 0000 0000 0002  076b7562656e657400 0001 0001" + opt + opt,
     ParseError::duplicate_opt},
    {"N10_opt_with_an_owner", query + " c00c 0029 04d0 00000000 0000", ParseError::bad_opt},
    {"N10_opt_as_answer", answer + opt, ParseError::bad_opt},
    {"N10_tsig_not_last",
     "1234 0100 0001 0000 0000 0002  076b7562656e657400 0001 0001"
     " 0161 00 00fa 00ff 00000000 0002 0102" +
         opt,
     ParseError::misplaced_tsig},
    {"N10_tsig_as_answer", answer + " 00 00fa 00ff 00000000 0000", ParseError::misplaced_tsig},
    {"N10_class_any_data", answer + " c00c 0001 00ff 0000003c 0004 c0a8c807",
     ParseError::bad_class},
    {"N10_class_none_data", answer + " c00c 0001 00fe 0000003c 0000", ParseError::bad_class},
    {"trailing_octet", query + opt + "00", ParseError::trailing_octets},
};

class MessageViewTable : public testing::TestWithParam<Case> {};

TEST_P(MessageViewTable, Parses) {
  const auto octets = test::hex(GetParam().hex);
  const auto message = MessageView::parse(octets);
  ASSERT_EQ(message.has_value(), !GetParam().error.has_value())
      << (message ? to_text(*message) : std::string(name(message.error())));
  if (!message) {
    EXPECT_EQ(message.error(), *GetParam().error) << name(message.error());
  }
}

INSTANTIATE_TEST_SUITE_P(Hostile, MessageViewTable, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(MessageView, GivesTheQuestionAndEdnsOfAQuery) {
  const auto octets = golden("query_edns");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->header().id(), 0x1234);
  EXPECT_EQ(message->header().opcode(), Opcode::query);
  EXPECT_FALSE(message->header().is_response());
  EXPECT_TRUE(message->header().has(flag::rd));
  const auto question = message->question();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->qname.to_string(), "worker0.kubenet.");
  EXPECT_EQ(question->qtype, RrType::a);
  EXPECT_EQ(question->qclass, RrClass::in);
  const auto edns = message->edns();
  ASSERT_TRUE(edns);
  EXPECT_EQ(edns->udp_size, 4096);
  EXPECT_EQ(edns->version, 0);
  EXPECT_TRUE(edns->dnssec_ok);
  std::size_t options = 0;
  for (const EdnsOption& option : edns->options) {
    EXPECT_EQ(option.code, EdnsOptionCode::cookie);
    EXPECT_EQ(option.data.size(), 8u);
    ++options;
  }
  EXPECT_EQ(options, 1u);
}

TEST(MessageView, JoinsTheTwoPartsOfTheRcode) {
  auto octets = test::hex(query + " 00 0029 04d0 01000000 0000");
  const auto message = MessageView::parse(octets);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->rcode(), Rcode::badvers);
  EXPECT_EQ(message->header().rcode(), Rcode::noerror);
}

TEST(MessageView, HasNoQuestionUnlessThereIsExactlyOne) {
  const auto none = test::hex("1234 0000 0000 0000 0000 0000");
  EXPECT_FALSE(MessageView::parse(none)->question());
  const auto two = test::hex("1234 0100 0002 0000 0000 0000  00 0001 0001  00 0001 0001");
  EXPECT_FALSE(MessageView::parse(two)->question());
  EXPECT_EQ(MessageView::parse(two)->questions().size(), 2u);
}

TEST(MessageView, NamesEveryParseError) {
  for (std::size_t i = 0; i < parse_error_count; ++i)
    EXPECT_FALSE(name(static_cast<ParseError>(i)).empty()) << i;
  EXPECT_TRUE(name(static_cast<ParseError>(parse_error_count)).empty());
}

}  // namespace
}  // namespace berth::dns
