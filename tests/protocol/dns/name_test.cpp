#include "protocol/dns/name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/dns/types.hpp"

namespace berth::dns {
namespace {

Name named(std::string_view text) {
  const auto name = Name::parse(text);
  EXPECT_TRUE(name) << text;
  return name ? *name : Name();
}

std::string wire_text(const Name& name) { return std::string(wire::text_of(name.wire())); }

const std::string label63(63, 'a');
const std::string name255 =
    label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b') + ".";

struct TextCase {
  std::string name;
  std::string text;
  expected<std::string, NameError> wire;  // without the root label's zero
  std::string printed = {};               // when it differs from text
};

const TextCase text_cases[] = {
    {"the_root", ".", std::string()},
    {"absolute", "worker0.kubenet.", std::string("\7worker0\7kubenet")},
    {"relative_gets_the_origin", "worker0", std::string("\7worker0\4home"), "worker0.home."},
    {"at_sign_is_the_origin", "@", std::string("\4home"), "home."},
    {"escaped_at_sign_is_a_label", "\\@", std::string("\1@\4home"), "\\@.home."},
    {"case_is_kept", "KuBe.", std::string("\4KuBe")},
    {"underscore_and_star", "*._tcp.", std::string("\1*\4_tcp")},
    {"escaped_dot_stays_in_its_label", "a\\.b.", std::string("\3a.b")},
    {"escaped_backslash", "a\\\\.", std::string("\2a\\")},
    {"number_escape", "a\\032b.", std::string("\3a b")},
    {"number_escape_of_zero", "\\000.", std::string("\1\0", 2)},
    {"number_escape_of_255", "\\255.", std::string("\1\xff")},
    {"needless_escape", "\\a.", std::string("\1a"), "a."},
    {"label_of_63", label63 + ".", "\77" + label63},
    {"label_of_64", "a" + label63 + ".", unexpected(NameError::too_long)},
    {"255_octets", name255,
     "\77" + label63 + "\77" + label63 + "\77" + label63 + "\75" + std::string(61, 'b')},
    {"256_octets", name255.substr(0, 192) + std::string(62, 'b') + ".",
     unexpected(NameError::too_long)},
    {"255_octets_and_an_origin", name255.substr(0, name255.size() - 1),
     unexpected(NameError::too_long)},
    {"empty", "", unexpected(NameError::empty_label)},
    {"empty_label_inside", "a..b.", unexpected(NameError::empty_label)},
    {"empty_label_in_front", ".a.", unexpected(NameError::empty_label)},
    {"two_dots", "..", unexpected(NameError::empty_label)},
    {"backslash_at_the_end", "a\\", unexpected(NameError::bad_escape)},
    {"number_escape_of_256", "a\\256.", unexpected(NameError::bad_escape)},
    {"number_escape_of_two_digits", "a\\25", unexpected(NameError::bad_escape)},
    {"number_escape_with_a_letter", "a\\25x.", unexpected(NameError::bad_escape)},
};

class NameText : public testing::TestWithParam<TextCase> {};

TEST_P(NameText, Parses) {
  const TextCase& c = GetParam();
  const auto name = Name::parse(c.text, named("home."));
  ASSERT_EQ(name.has_value(), c.wire.has_value());
  if (!name) {
    EXPECT_EQ(name.error(), c.wire.error());
    return;
  }
  EXPECT_EQ(wire_text(*name), *c.wire + '\0');
  const std::string printed = name->to_string();
  EXPECT_EQ(printed, c.printed.empty() ? c.text : c.printed);
  EXPECT_EQ(wire_text(named(printed)), wire_text(*name));
  const auto again = Name::from_wire(name->wire());
  ASSERT_TRUE(again);
  EXPECT_EQ(wire_text(*again), wire_text(*name));
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, NameText, testing::ValuesIn(text_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Name, EveryOctetSurvivesText) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string wire = {1, static_cast<char>(octet), 0};
    const auto name = Name::from_wire(wire::bytes_of(wire));
    ASSERT_TRUE(name);
    const auto again = Name::parse(name->to_string());
    ASSERT_TRUE(again) << name->to_string();
    EXPECT_EQ(wire_text(*again), wire);
  }
}

struct WireCase {
  std::string name;
  std::string wire;
  NameError error;
};

const WireCase wire_cases[] = {
    {"nothing", "", NameError::truncated},
    {"no_root_label", "\1a", NameError::truncated},
    {"label_past_the_end", std::string("\2a\0", 3), NameError::truncated},
    {"octets_behind_the_root", std::string("\1a\0\0", 4), NameError::truncated},
    {"a_pointer", "\300\14", NameError::bad_label},
    {"label_type_01", std::string("\100\0", 2), NameError::bad_label},
    {"label_type_10", std::string("\200\0", 2), NameError::bad_label},
    {"256_octets",
     "\1b\77" + label63 + "\77" + label63 + "\77" + label63 + "\73" + std::string(59, 'b') + '\0' +
         '\0',
     NameError::too_long},
};

class NameWire : public testing::TestWithParam<WireCase> {};

TEST_P(NameWire, IsRefused) {
  const auto name = Name::from_wire(wire::bytes_of(GetParam().wire));
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Rfc1035, NameWire, testing::ValuesIn(wire_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Name, ReverseIsBackwardsUnderInAddrArpa) {
  EXPECT_EQ(Name::reverse(0xc0a8c807).to_string(), "7.200.168.192.in-addr.arpa.");
  EXPECT_EQ(Name::reverse(0).to_string(), "0.0.0.0.in-addr.arpa.");
  EXPECT_EQ(Name::reverse(0xffffffff).to_string(), "255.255.255.255.in-addr.arpa.");
}

TEST(Name, ComparesWithoutCase) {
  EXPECT_EQ(named("WORKER0.kubenet."), named("worker0.KUBENET."));
  EXPECT_NE(named("worker0.kubenet."), named("worker1.kubenet."));
  EXPECT_NE(named("a\\.b."), named("a.b."));
  EXPECT_NE(named("["), named("{")) << "these differ by the bit of ASCII case, but have none";
}

TEST(Name, OrdersAsRfc4034Section61) {
  const std::vector<std::string> ordered = {
      "example.",   "a.example.",       "yljkjljk.a.example.", "Z.a.example.",    "zABC.a.EXAMPLE.",
      "z.example.", "\\001.z.example.", "*.z.example.",        "\\200.z.example."};
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t j = 0; j < ordered.size(); ++j)
      EXPECT_EQ(named(ordered[i]) <=> named(ordered[j]), i <=> j)
          << ordered[i] << " " << ordered[j];
}

struct AncestryCase {
  std::string name;
  std::string below;
  std::string ancestor;
  bool is;
};

const AncestryCase ancestry_cases[] = {
    {"itself", "kubenet.", "KUBENET.", true},
    {"child", "worker0.kubenet.", "kubenet.", true},
    {"everything_is_below_the_root", "worker0.kubenet.", ".", true},
    {"the_root_is_below_itself", ".", ".", true},
    {"parent", "kubenet.", "worker0.kubenet.", false},
    {"sibling", "a.kubenet.", "b.kubenet.", false},
    {"same_octets_inside_a_label", "a\\007kubenet.", "kubenet.", false},
};

class NameAncestry : public testing::TestWithParam<AncestryCase> {};

TEST_P(NameAncestry, IsAtOrBelow) {
  const AncestryCase& c = GetParam();
  EXPECT_EQ(named(c.below).is_at_or_below(named(c.ancestor)), c.is);
}

INSTANTIATE_TEST_SUITE_P(Rfc1034, NameAncestry, testing::ValuesIn(ancestry_cases),
                         [](const auto& test) { return test.param.name; });

TEST(Name, ParentHasOneLabelLess) {
  Name name = named("a.b.c.");
  EXPECT_EQ(name.label_count(), 3u);
  name = name.parent();
  EXPECT_EQ(name.to_string(), "b.c.");
  name = name.parent().parent();
  EXPECT_TRUE(name.is_root());
  EXPECT_EQ(name.label_count(), 0u);
}

TEST(Types, EveryNameReadsBack) {
  int named_types = 0;
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    const RrType type{static_cast<std::uint16_t>(code)};
    EXPECT_EQ(parse_type("TYPE" + std::to_string(code)), type);
    std::string text(name(type));
    if (text.empty()) continue;
    ++named_types;
    EXPECT_EQ(parse_type(text), type);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(parse_type(text), type);
  }
  EXPECT_GE(named_types, 30);
}

TEST(Types, NoTypeForWhatIsNone) {
  for (const std::string text : {"", "AA", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "1"})
    EXPECT_EQ(parse_type(text), std::nullopt) << text;
}

TEST(Types, MetaTypesAreInNoZone) {
  for (const RrType type :
       {RrType{}, RrType::opt, RrType::tsig, RrType::ixfr, RrType::axfr, RrType::any, RrType{128}})
    EXPECT_TRUE(is_meta(type));
  for (const RrType type : {RrType::a, RrType::caa, RrType{127}, RrType{65280}})
    EXPECT_FALSE(is_meta(type));
}

}  // namespace
}  // namespace berth::dns
