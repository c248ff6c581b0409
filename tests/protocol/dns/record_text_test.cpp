#include "protocol/dns/record_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "protocol/dns/rdata.hpp"

namespace berth::dns {
namespace {

const Name origin = *Name::parse("kubenet.");

std::string hex(wire::Bytes octets) {
  std::string out;
  append_rdata_text(out, RrType{65280}, octets);
  return out.substr(std::string_view("\\# ").size());
}

struct GoodCase {
  std::string name;
  std::string line;
  std::string owner;
  std::string rdata;      // as printed
  std::string wire = {};  // length and octets, where the row is about them
};

const GoodCase good_cases[] = {
    {"a", "worker0 A 192.168.200.7", "worker0.kubenet.", "192.168.200.7", "4 c0a8c807"},
    {"aaaa", "x AAAA 2001:DB8:0:0:1:0:0:1", "x.kubenet.", "2001:db8::1:0:0:1"},
    {"aaaa_of_zeros", "x AAAA ::", "x.kubenet.", "::"},
    {"aaaa_loopback", "x AAAA ::1", "x.kubenet.", "::1"},
    {"aaaa_gap_at_the_end", "x AAAA fe80::", "x.kubenet.", "fe80::"},
    {"aaaa_one_zero_group_is_written", "x AAAA 1:2:3:0:5:6:7:8", "x.kubenet.", "1:2:3:0:5:6:7:8"},
    {"aaaa_mapped", "x AAAA ::ffff:192.0.2.1", "x.kubenet.", "::ffff:192.0.2.1",
     "16 00000000000000000000ffffc0000201"},
    {"ns", "@ NS ns", "kubenet.", "ns.kubenet."},
    {"cname_relative", "registry CNAME worker0", "registry.kubenet.", "worker0.kubenet.",
     "17 07776f726b657230076b7562656e657400"},
    {"cname_absolute", "www CNAME Example.COM.", "www.kubenet.", "Example.COM."},
    {"ptr", "7 PTR worker0", "7.kubenet.", "worker0.kubenet."},
    {"dname", "old DNAME new", "old.kubenet.", "new.kubenet."},
    {"soa", "@ SOA ns hostmaster 1 2 3 4 4294967295", "kubenet.",
     "ns.kubenet. hostmaster.kubenet. 1 2 3 4 4294967295"},
    {"mx", "@ MX 10 mail", "kubenet.", "10 mail.kubenet."},
    {"srv", "_etcd._tcp SRV 0 5 2379 control0", "_etcd._tcp.kubenet.",
     "0 5 2379 control0.kubenet."},
    {"rp", "@ RP admin .", "kubenet.", "admin.kubenet. ."},
    {"txt", R"(note TXT "hello")", "note.kubenet.", R"("hello")", "6 0568656c6c6f"},
    {"txt_of_several", R"(note TXT "a b" c "")", "note.kubenet.", R"("a b" "c" "")"},
    {"txt_with_escapes", R"(note TXT "a\"b\\c\007\;")", "note.kubenet.", R"("a\"b\\c\007;")"},
    {"txt_with_a_semicolon_in_quotes", R"(note TXT "a;b" ; remark)", "note.kubenet.", R"("a;b")"},
    {"hinfo", "x HINFO \"ARM 64\" linux", "x.kubenet.", R"("ARM 64" "linux")"},
    {"naptr", R"(x NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .)", "x.kubenet.",
     R"(100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .)"},
    {"caa", R"(@ CAA 128 issue "ca.example; x=1")", "kubenet.", R"(128 issue "ca.example; x=1")",
     "22 8005697373756563612e6578616d706c653b20783d31"},
    {"tlsa", "_443._tcp TLSA 3 1 1 AABB ccdd", "_443._tcp.kubenet.", "3 1 1 aabbccdd",
     "7 030101aabbccdd"},
    {"sshfp", "x SSHFP 4 2 0a0b", "x.kubenet.", "4 2 0a0b"},
    {"ds", "x DS 12345 13 2 00ff", "x.kubenet.", "12345 13 2 00ff"},
    {"unknown_type", "x TYPE65280 \\# 3 0102 03", "x.kubenet.", "\\# 3 010203"},
    {"unknown_type_without_rdata", "x TYPE65280 \\# 0", "x.kubenet.", "\\# 0"},
    {"known_type_in_generic_form", "x A \\# 4 c0a8c807", "x.kubenet.", "192.168.200.7"},
    {"known_type_by_number", "x TYPE1 192.168.200.7", "x.kubenet.", "192.168.200.7"},
    {"https_in_generic_form", "x HTTPS \\# 3 000100", "x.kubenet.", "\\# 3 000100"},
    {"lower_case_type", "x a 1.2.3.4", "x.kubenet.", "1.2.3.4"},
    {"tabs", "x\t\tA\t1.2.3.4\t", "x.kubenet.", "1.2.3.4"},
    {"wildcard", "*.apps A 1.2.3.4", "*.apps.kubenet.", "1.2.3.4"},
    {"absolute_owner", "api.example.com. A 1.2.3.4", "api.example.com.", "1.2.3.4"},
    {"owner_with_an_escape", "a\\ b A 1.2.3.4", "a\\032b.kubenet.", "1.2.3.4"},
};

class RecordText : public testing::TestWithParam<GoodCase> {};

TEST_P(RecordText, RoundTrips) {
  const GoodCase& c = GetParam();
  std::array<std::byte, 1024> buffer;
  buffer.fill(std::byte{0xa5});
  const auto record = parse_record(c.line, origin, buffer);
  ASSERT_TRUE(record) << record.error().column << ": " << record.error().reason;
  EXPECT_EQ(record->owner.to_string(), c.owner);
  EXPECT_EQ(buffer[record->rdata.size()], std::byte{0xa5});
  EXPECT_TRUE(well_formed_rdata(record->type, record->rdata, 0, record->rdata.size()));
  if (!c.wire.empty()) {
    EXPECT_EQ(hex(record->rdata), c.wire);
  }

  std::string printed;
  append_rdata_text(printed, record->type, record->rdata);
  EXPECT_EQ(printed, c.rdata);

  const std::string line =
      "x TYPE" + std::to_string(static_cast<unsigned>(record->type)) + " " + printed;
  std::array<std::byte, 1024> again;
  const auto reread = parse_record(line, Name(), again);
  ASSERT_TRUE(reread) << line << ": " << reread.error().reason;
  EXPECT_EQ(hex(reread->rdata), hex(record->rdata));

  for (std::size_t room = 0; room < record->rdata.size(); ++room) {
    buffer.fill(std::byte{0xa5});
    const auto cut = parse_record(c.line, origin, wire::MutableBytes(buffer).first(room));
    EXPECT_FALSE(cut);
    EXPECT_EQ(buffer[room], std::byte{0xa5});
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, RecordText, testing::ValuesIn(good_cases),
                         [](const auto& test) { return test.param.name; });

struct BadCase {
  std::string name;
  std::string line;
  std::size_t column;
  std::string reason;
};

const BadCase bad_cases[] = {
    {"nothing", "", 0, "expected an owner name"},
    {"a_comment_only", " ; x", 1, "expected an owner name"},
    {"bad_owner", "a..b A 1.2.3.4", 0, "not a domain name"},
    {"quoted_owner", "\"a\" A 1.2.3.4", 0, "not a domain name"},
    {"no_type", "x", 1, "expected a record type"},
    {"no_type_behind_ttl_and_class", "x 60 IN", 7, "expected a record type"},
    {"unknown_type", "x FOO 1", 2, "unknown record type"},
    {"two_ttls", "x 60 61 A 1.2.3.4", 5, "unknown record type"},
    {"another_class", "x CH A 1.2.3.4", 2, "unknown record type"},
    {"ttl_of_32_bits", "x 2147483648 A 1.2.3.4", 2, "expected a TTL in seconds"},
    {"ttl_with_a_unit", "x 1h A 1.2.3.4", 2, "expected a TTL in seconds"},
    {"meta_type", "x ANY 1", 2, "no zone holds records of this type"},
    {"opt", "x OPT 1", 2, "no zone holds records of this type"},
    {"no_address", "x A", 3, "expected an IPv4 address"},
    {"host_number", "x A 11", 4, "expected an IPv4 address"},
    {"ipv6_with_two_gaps", "x AAAA 1::2::3", 7, "expected an IPv6 address"},
    {"ipv6_of_nine_groups", "x AAAA 1:2:3:4:5:6:7:8:9", 7, "expected an IPv6 address"},
    {"ipv6_of_seven_groups", "x AAAA 1:2:3:4:5:6:7", 7, "expected an IPv6 address"},
    {"ipv6_gap_for_nothing", "x AAAA 1:2:3:4:5:6:7::8", 7, "expected an IPv6 address"},
    {"ipv6_group_of_five_digits", "x AAAA 00001::", 7, "expected an IPv6 address"},
    {"ipv6_with_ipv4_in_the_middle", "x AAAA 1.2.3.4::1", 7, "expected an IPv6 address"},
    {"ipv6_with_a_trailing_colon", "x AAAA 1:2:3:4:5:6:7:", 7, "expected an IPv6 address"},
    {"too_large_a_number", "x MX 65536 y", 5, "expected a number up to 65535"},
    {"negative_number", "x MX -1 y", 5, "expected a number up to 65535"},
    {"no_name", "x CNAME", 7, "expected a domain name"},
    {"bad_name", "x CNAME a..b", 8, "expected a domain name"},
    {"more_than_the_record", "x A 1.2.3.4 5", 12, "unexpected text after the record"},
    {"open_quote", "x TXT \"abc", 6, "the quote is not closed"},
    {"open_quote_behind_an_escape", "x TXT \"abc\\\"", 6, "the quote is not closed"},
    {"bad_escape", "x TXT a\\256", 6,
     "a backslash wants a character or a number up to 255 behind it"},
    {"text_of_256", "x TXT " + std::string(256, 'a'), 6,
     "a text holds at most 255 octets: split it"},
    {"parentheses", "x TXT ( a )", 6, "a record is one line: no parentheses"},
    {"odd_hex", "x SSHFP 1 1 abc", 12, "an odd number of hexadecimal digits"},
    {"no_hex", "x SSHFP 1 1", 11, "expected hexadecimal octets"},
    {"not_hex", "x SSHFP 1 1 0g", 12, "not a hexadecimal digit"},
    {"generic_of_another_length", "x TYPE65280 \\# 2 010203", 15,
     "the length is not that of the octets"},
    {"generic_of_the_wrong_form", "x A \\# 3 010203", 7, "not well-formed for this type"},
    {"generic_with_a_pointer", "x RP \\# 17 03616263 0761626364656667 017800 c00c", 8,
     "a compressed name"},
    {"no_text_form", "x RRSIG A 5", 8, "write the rdata of this type as \\# LENGTH HEX (RFC 3597)"},
};

class RecordTextErrors : public testing::TestWithParam<BadCase> {};

TEST_P(RecordTextErrors, SayWhereAndWhat) {
  const BadCase& c = GetParam();
  std::array<std::byte, 1024> buffer;
  const auto record = parse_record(c.line, origin, buffer);
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().reason, c.reason);
  EXPECT_EQ(record.error().column, c.column);
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, RecordTextErrors, testing::ValuesIn(bad_cases),
                         [](const auto& test) { return test.param.name; });

TEST(RecordText, TtlAndClassStandInEitherOrder) {
  std::array<std::byte, 16> buffer;
  for (const std::string line : {"x 300 IN A 1.2.3.4", "x in 300 A 1.2.3.4", "x 300 A 1.2.3.4"}) {
    const auto record = parse_record(line, origin, buffer);
    ASSERT_TRUE(record) << line;
    EXPECT_TRUE(record->has_ttl);
    EXPECT_EQ(record->ttl, 300u);
  }
  const auto record = parse_record("x A 1.2.3.4", origin, buffer);
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->has_ttl);
}

struct FormCase {
  std::string name;
  RrType type;
  std::string rdata;
};

// What the type's own form cannot say is printed in the generic one.
const FormCase generic_cases[] = {
    {"address_of_three_octets", RrType::a, "\1\2\3"},
    {"name_that_does_not_end", RrType::cname, "\1a"},
    {"octets_behind_a_name", RrType::cname, std::string("\1a\0x", 4)},
    {"compressed_name", RrType::rp, std::string("\3abc\7abcdefg\1x\0\300\14", 17)},
    {"text_past_the_end", RrType::txt, "\5abc"},
    {"txt_without_text", RrType::txt, ""},
    {"caa_tag_that_is_no_word", RrType::caa, std::string("\0\1 x", 4)},
    {"caa_without_a_tag", RrType::caa, std::string("\0\0x", 3)},
    {"N5_nsec_window_of_length_0", RrType::nsec, std::string("\0\0\0", 3)},
    {"N4_rrsig_shorter_than_its_head", RrType::rrsig, "\1\2\3"},
};

class GenericForm : public testing::TestWithParam<FormCase> {};

TEST_P(GenericForm, IsPrinted) {
  const FormCase& c = GetParam();
  std::string printed;
  append_rdata_text(printed, c.type, wire::bytes_of(c.rdata));
  EXPECT_EQ(printed.substr(0, 3), "\\# ");
}

INSTANTIATE_TEST_SUITE_P(Rfc3597, GenericForm, testing::ValuesIn(generic_cases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::dns
