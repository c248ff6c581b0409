#include "protocol/dhcp/relay_agent.hpp"

#include <gtest/gtest.h>

#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;

TEST(RelayAgentInformation, ReadsItsSubOptions) {
  const Octets value = hex(R"(
      01 04 66 61 72 30  02 06 02 00 00 00 00 01  05 04 c0 a8 c8 00
      06 02 76 6d  0a 01 80  0b 04 0a 09 00 01)");
  const auto relay = RelayAgentInformation::parse(value);
  ASSERT_TRUE(relay);
  EXPECT_EQ(wire::text_of(*relay->circuit_id()), "far0");
  EXPECT_TRUE(wire::equal(*relay->remote_id(), hex("02 00 00 00 00 01")));
  EXPECT_EQ(relay->link_selection(), (net::Ipv4Address{0xc0a8c800}));
  EXPECT_EQ(wire::text_of(*relay->subscriber_id()), "vm");
  EXPECT_EQ(relay->received_by_unicast(), true);
  EXPECT_EQ(relay->server_identifier_override(), (net::Ipv4Address{0x0a090001}));
  EXPECT_TRUE(wire::equal(relay->value(), value));
}

TEST(RelayAgentInformation, HasNoneOfWhatIsAbsent) {
  const Octets value = hex("97 00");
  const auto relay = RelayAgentInformation::parse(value);
  ASSERT_TRUE(relay);
  EXPECT_FALSE(relay->circuit_id());
  EXPECT_FALSE(relay->remote_id());
  EXPECT_FALSE(relay->subscriber_id());
  EXPECT_FALSE(relay->link_selection());
  EXPECT_FALSE(relay->server_identifier_override());
  EXPECT_FALSE(relay->received_by_unicast());
}

struct Case {
  const char* what;
  const char* value;
  bool is_well_formed;
};

const Case cases[] = {
    {"nothing", "", false},
    {"a code alone", "01", false},
    {"a code alone behind a sub-option", "01 01 61 02", false},
    {"a length past the end", "01 05 66 61 72 30", false},
    {"a length of 255", "01 ff", false},
    {"an octet left over", "01 04 66 61 72 30 00", false},
    {"an empty sub-option", "01 00", true},
    {"a pad has a length here (RFC 3046 2.0)", "00 01 61", true},
    {"an end has a length here", "ff 00", true},
};

TEST(RelayAgentInformation, MustFillItsValueExactly) {
  for (const Case& c : cases) {
    const Octets value = hex(c.value);
    EXPECT_EQ(RelayAgentInformation::parse(value).has_value(), c.is_well_formed) << c.what;
  }
}

TEST(RelayAgentInformation, TakesTheFirstOfTwo) {
  const Octets value = hex("05 04 c0 a8 c8 00 05 04 c0 a8 c9 00");
  EXPECT_EQ(RelayAgentInformation::parse(value)->link_selection(), (net::Ipv4Address{0xc0a8c800}));
}

TEST(RelayAgentInformation, TellsAnEmptySubOptionFromNone) {
  const Octets value = hex("01 00");
  const auto circuit_id = RelayAgentInformation::parse(value)->circuit_id();
  ASSERT_TRUE(circuit_id);
  EXPECT_TRUE(circuit_id->empty());
}

TEST(RelayAgentInformation, DoesNotUseAnAddressOfAnotherSize) {
  for (const char* const text : {"05 00", "05 03 c0 a8 c8", "05 05 c0 a8 c8 00 00"}) {
    const Octets value = hex(text);
    const auto relay = RelayAgentInformation::parse(value);
    ASSERT_TRUE(relay) << text;
    EXPECT_FALSE(relay->link_selection()) << text;
  }
}

TEST(RelayAgentInformation, KnowsTheUnicastFlagFromTheOthers) {
  const Octets broadcast = hex("0a 01 7f");
  const Octets wide = hex("0a 02 80 00");
  EXPECT_EQ(RelayAgentInformation::parse(broadcast)->received_by_unicast(), false);
  EXPECT_EQ(RelayAgentInformation::parse(wide)->received_by_unicast(), std::nullopt);
}

struct Row {
  unsigned code;
  const char* name;
  OptionFormat format;
};

const Row rows[] = {
    {1, "circuit-id", OptionFormat::binary},
    {2, "remote-id", OptionFormat::binary},
    {4, "docsis-device-class", OptionFormat::u32},
    {5, "link-selection", OptionFormat::ipv4},
    {6, "subscriber-id", OptionFormat::binary},
    {7, "radius-attributes", OptionFormat::binary},
    {8, "authentication", OptionFormat::binary},
    {9, "vendor-specific", OptionFormat::binary},
    {10, "flags", OptionFormat::u8},
    {11, "server-identifier-override", OptionFormat::ipv4},
    {12, "relay-identifier", OptionFormat::binary},
    {13, "access-technology-type", OptionFormat::binary},
    {14, "access-network-name", OptionFormat::binary},
    {15, "access-point-name", OptionFormat::binary},
    {16, "access-point-bssid", OptionFormat::binary},
    {17, "operator-identifier", OptionFormat::u32},
    {18, "operator-realm", OptionFormat::binary},
    {19, "source-port", OptionFormat::empty},
    {151, "virtual-subnet-selection", OptionFormat::binary},
    {152, "virtual-subnet-selection-control", OptionFormat::empty},
};

TEST(RelaySubOptionTable, HasWhatIanaAssigns) {
  EXPECT_EQ(relay_sub_option_table().size(), std::size(rows));
  for (const Row& row : rows) {
    const auto* const info = find_relay_sub_option(RelaySubOption(row.code));
    ASSERT_NE(info, nullptr) << row.code;
    EXPECT_EQ(info->name, row.name);
    EXPECT_EQ(info->format, row.format) << row.name;
    EXPECT_EQ(find_relay_sub_option(row.name), info) << row.name;
  }
  EXPECT_EQ(find_relay_sub_option(RelaySubOption{3}), nullptr);
  EXPECT_EQ(find_relay_sub_option(""), nullptr);
}

}  // namespace
}  // namespace berth::dhcp
