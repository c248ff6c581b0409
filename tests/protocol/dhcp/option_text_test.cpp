#include "protocol/dhcp/option_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

using test::hex;
using Items = std::vector<std::string_view>;

const net::Ipv4Prefix subnet{{0xc0a8c800}, 24};

// The value in wire form, or why there is none: "1: is not an address".
struct Encoded {
  std::optional<Octets> value;
  std::string error;
};

Encoded encode(std::string_view name, const Items& items, const net::Ipv4Prefix* within = &subnet) {
  const OptionInfo* const info = find_option(name);
  if (info == nullptr) return {std::nullopt, "no such option"};
  std::array<std::byte, 1000> out;
  out.fill(std::byte{0xa5});
  const auto size = encode_option_value(*info, items, within, out);
  if (!size) return {std::nullopt, std::to_string(size.error().item) + ": " + size.error().reason};
  return {Octets(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size)), ""};
}

std::string text_of(OptionCode code, wire::Bytes value) {
  std::string text;
  append_option_text(text, {code, value});
  return text;
}

struct Case {
  const char* option;
  Items items;
  const char* value;
};

const Case cases[] = {
    {"ip-forwarding", {"true"}, "01"},
    {"ip-forwarding", {"on"}, "01"},
    {"ip-forwarding", {"no"}, "00"},
    {"ip-forwarding", {"0"}, "00"},
    {"default-ip-ttl", {"255"}, "ff"},
    {"interface-mtu", {"1500"}, "05 dc"},
    {"path-mtu-plateau-table", {"68", "65535"}, "00 44 ff ff"},
    {"base-time", {"4294967295"}, "ff ff ff ff"},
    {"time-offset", {"-3600"}, "ff ff f1 f0"},
    {"time-offset", {"3600"}, "00 00 0e 10"},
    {"arp-cache-timeout", {"60"}, "00 00 00 3c"},
    {"arp-cache-timeout", {"60s"}, "00 00 00 3c"},
    {"arp-cache-timeout", {"45m"}, "00 00 0a 8c"},
    {"arp-cache-timeout", {"12h"}, "00 00 a8 c0"},
    {"arp-cache-timeout", {"7d"}, "00 09 3a 80"},
    {"ntp-servers", {"1"}, "c0 a8 c8 01"},
    {"ntp-servers", {"10.0.0.1", "254"}, "0a 00 00 01 c0 a8 c8 fe"},
    {"static-routes",
     {"10.0.0.0 4", "10.1.0.0  5"},
     "0a 00 00 00 c0 a8 c8 04 0a 01 00 00 c0 a8 c8 05"},
    {"root-path", {"/srv/root"}, "2f 73 72 76 2f 72 6f 6f 74"},
    {"v4-lost", {"lost.kubenet"}, "04 6c 6f 73 74 07 6b 75 62 65 6e 65 74 00"},
    {"domain-search", {"kubenet"}, "07 6b 75 62 65 6e 65 74 00"},
    {"domain-search", {"kubenet."}, "07 6b 75 62 65 6e 65 74 00"},
    {"domain-search",
     {"eng.apple.com", "marketing.apple.com"},  // RFC 3397 section 2
     "03 65 6e 67 05 61 70 70 6c 65 03 63 6f 6d 00 09 6d 61 72 6b 65 74 69 6e 67 c0 04"},
    {"domain-search", {"a.b", "a.b", "b"}, "01 61 01 62 00 c0 00 c0 02"},
    {"domain-search", {"a.b", "c.a.b", "c.a.b"}, "01 61 01 62 00 01 63 c0 00 c0 05"},
    {"bcms-controller-names", {"a.b", "a.b"}, "01 61 01 62 00 01 61 01 62 00"},  // RFC 4280
    {"classless-static-routes", {"0.0.0.0/0 1"}, "00 c0 a8 c8 01"},
    {"classless-static-routes", {"10.0.0.0/8 4"}, "08 0a c0 a8 c8 04"},
    {"classless-static-routes",
     {"10.17.0.0/16 4", "10.27.129.0/24 4"},
     "10 0a 11 c0 a8 c8 04 18 0a 1b 81 c0 a8 c8 04"},
    {"classless-static-routes", {"10.229.0.128/25 4"}, "19 0a e5 00 80 c0 a8 c8 04"},
    {"classless-static-routes", {"10.198.122.47/32 4"}, "20 0a c6 7a 2f c0 a8 c8 04"},
    {"vendor-encapsulated-options", {"6=08", "10=0050", "255="}, "06 01 08 0a 02 00 50 ff 00"},
    {"vendor-encapsulated-options", {"0601:08:ff"}, "06 01 08 ff"},
    {"vivco-suboptions", {"4491=0a:0b", "9="}, "00 00 11 8b 02 0a 0b 00 00 00 09 00"},
    {"vivco-suboptions", {"0000118b00"}, "00 00 11 8b 00"},
    {"vivso-suboptions",
     {"4491 1=0a:0b 2=", "9  3=01"},
     "00 00 11 8b 06 01 02 0a 0b 02 00  00 00 00 09 03 03 01 01"},
    {"vivso-suboptions", {"00:00:11:8b:00"}, "00 00 11 8b 00"},
    {"dhcp-agent-options",
     {"circuit-id=66:61:72:30", "link-selection=192.168.201.0", "flags=128",
      "source-port=", "20=01"},
     "01 04 66 61 72 30 05 04 c0 a8 c9 00 0a 01 80 13 00 14 01 01"},
    {"dhcp-agent-options", {"circuit-id=", "5=0a"}, "01 00 05 01 0a"},
    {"sip-servers", {"10.0.0.1", "5"}, "01 0a 00 00 01 c0 a8 c8 05"},
    {"sip-servers", {"sip.a", "b."}, "00 03 73 69 70 01 61 00 01 62 00"},
    {"fqdn",
     {"SE control0.kubenet."},
     "05 00 00 08 63 6f 6e 74 72 6f 6c 30 07 6b 75 62 65 6e 65 74 00"},
    {"fqdn", {"E control0"}, "04 00 00 08 63 6f 6e 74 72 6f 6c 30"},
    {"fqdn", {"- pc"}, "00 00 00 70 63"},
    {"uuid-guid", {"000102ff"}, "00 01 02 ff"},
    {"uuid-guid", {"00:01:02:FF"}, "00 01 02 ff"},
    {"rapid-commit", {}, ""},
    {"rapid-commit", {"true"}, ""},
};

TEST(EncodeOptionValue, WritesWhatTheFormatSays) {
  for (const Case& c : cases) {
    const Encoded encoded = encode(c.option, c.items);
    const std::string first(c.items.empty() ? "" : c.items[0]);
    ASSERT_TRUE(encoded.value) << c.option << ' ' << first << ' ' << encoded.error;
    EXPECT_EQ(*encoded.value, hex(c.value)) << c.option << ' ' << first;
  }
}

struct Refused {
  const char* option;
  Items items;
  const char* error;
};

const Refused refused[] = {
    {"interface-mtu", {}, "0: has no value"},
    {"interface-mtu", {"1500", "1500"}, "1: is one value too many"},
    {"interface-mtu", {"65536"}, "0: is not a number from 0 to 65535"},
    {"interface-mtu", {"-1"}, "0: is not a number from 0 to 65535"},
    {"interface-mtu", {"0x5dc"}, "0: is not a number from 0 to 65535"},
    {"interface-mtu", {"01500"}, "0: is not a number from 0 to 65535"},
    {"interface-mtu", {"1500 "}, "0: is not a number from 0 to 65535"},
    {"interface-mtu", {""}, "0: is not a number from 0 to 65535"},
    {"default-ip-ttl", {"256"}, "0: is not a number from 0 to 255"},
    {"base-time", {"4294967296"}, "0: is not a number from 0 to 4294967295"},
    {"time-offset", {"2147483648"}, "0: is not a number from -2147483648 to 2147483647"},
    {"ip-forwarding", {"maybe"}, "0: is neither true nor false"},
    {"arp-cache-timeout", {"h"}, "0: is not a duration such as 300s, 45m, 12h or 7d"},
    {"arp-cache-timeout", {"1h30m"}, "0: is not a duration such as 300s, 45m, 12h or 7d"},
    {"arp-cache-timeout", {"12 h"}, "0: is not a duration such as 300s, 45m, 12h or 7d"},
    {"arp-cache-timeout", {"1193047h"}, "0: is longer than 4294967295 seconds"},
    {"ntp-servers", {"1", "pool.ntp.org"}, "1: is not an address"},
    {"ntp-servers", {"256"}, "0: is not an address"},
    {"static-routes", {"10.0.0.0"}, "0: is not a pair of addresses"},
    {"static-routes", {"10.0.0.0 "}, "0: is not a pair of addresses"},
    {"static-routes", {"10.0.0.0 x"}, "0: is not a pair of addresses"},
    {"root-path", {""}, "0: is empty"},
    {"v4-lost", {"a..b"}, "0: is not a domain name"},
    {"domain-search", {"a", "b b"}, "1: is not a domain name"},
    {"domain-search", {""}, "0: is not a domain name"},
    {"domain-search", {".a"}, "0: is not a domain name"},
    {"domain-search", {"a.."}, "0: is not a domain name"},
    {"classless-static-routes", {"10.0.0.0/16"}, "0: is not a prefix and a router"},
    {"classless-static-routes", {"10.0.0.0 4"}, "0: has no prefix such as 10.0.0.0/16"},
    {"classless-static-routes", {"10.0.0.1/16 4"}, "0: has a prefix with host bits set"},
    {"classless-static-routes", {"10.0.0.0/16 x"}, "0: has a router that is not an address"},
    {"vendor-encapsulated-options",
     {"256=00"},
     "0: does not begin with a sub-option code from 0 to 255"},
    {"vendor-encapsulated-options",
     {"1=0"},
     "0: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"vivco-suboptions", {"x=00"}, "0: does not begin with an enterprise number"},
    {"vivco-suboptions", {"9=0a", "9=0"}, "1: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"vivso-suboptions", {"4294967296 1="}, "0: does not begin with an enterprise number"},
    {"vivso-suboptions", {"9 1= 0a"}, "0: has a sub-option without a '='"},
    {"vivso-suboptions", {"9 1= "}, "0: ends behind a space"},
    {"vivso-suboptions", {"9 256=00"}, "0: does not begin with a sub-option code from 0 to 255"},
    {"dhcp-agent-options", {"link-selection=x"}, "0: is not an address"},
    {"dhcp-agent-options", {"source-port=1"}, "0: takes no value"},
    {"dhcp-agent-options",
     {"circuit=00"},
     "0: does not begin with a sub-option code from 0 to 255"},
    {"sip-servers", {"10.0.0.1", "sip.a"}, "1: mixes addresses and names"},
    {"sip-servers", {"sip.a", "1.2.3.4"}, "1: mixes addresses and names"},
    {"sip-servers", {"a..b"}, "0: is not a domain name"},
    {"uuid-guid", {"0a0"}, "0: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"uuid-guid", {"0a:"}, "0: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"uuid-guid", {"0a::0b"}, "0: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"uuid-guid", {"zz"}, "0: is not octets in hexadecimal such as 0a:0b or 0a0b"},
    {"uuid-guid", {""}, "0: is empty"},
    {"fqdn", {"control0"}, "0: is not flags and a name such as \"SE control0.kubenet.\""},
    {"fqdn", {"X control0"}, "0: is not flags and a name such as \"SE control0.kubenet.\""},
    {"rapid-commit", {"1"}, "0: takes no value"},
};

TEST(EncodeOptionValue, SaysWhichItemIsWrongAndWhy) {
  for (const Refused& c : refused) {
    const Encoded encoded = encode(c.option, c.items);
    EXPECT_FALSE(encoded.value) << c.option;
    EXPECT_EQ(encoded.error, c.error) << c.option;
  }
}

TEST(EncodeOptionValue, TakesHostNumbersOnlyWithinASubnet) {
  EXPECT_EQ(encode("ntp-servers", {"1"}, nullptr).error, "0: is not an address");
  EXPECT_TRUE(encode("ntp-servers", {"10.0.0.1"}, nullptr).value);
}

TEST(EncodeOptionValue, NeedsRoomForEveryOctet) {
  for (const Case& c : cases) {
    const OptionInfo& info = *find_option(c.option);
    const std::size_t needed = hex(c.value).size();
    for (std::size_t size = 0; size < needed; ++size) {
      Octets out(size);
      const auto written = encode_option_value(info, c.items, &subnet, out);
      ASSERT_FALSE(written) << c.option << ' ' << size;
      EXPECT_STREQ(written.error().reason, "is too long") << c.option;
    }
  }
}

TEST(EncodeOptionValue, KnowsTheLimitsOfADomainName) {
  const std::string label(63, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  EXPECT_EQ(encode("v4-lost", {longest}).value.value_or(Octets()).size(), 255u);
  EXPECT_FALSE(encode("v4-lost", {longest + 'b'}).value);
  EXPECT_FALSE(encode("v4-lost", {label + 'a'}).value);
}

// One value of each format, so that every row of the table is read and written.
Items sample(OptionFormat format) {
  switch (format) {
    case OptionFormat::empty: return {""};
    case OptionFormat::flag: return {"true"};
    case OptionFormat::u8: return {"200"};
    case OptionFormat::u8_list: return {"1", "255"};
    case OptionFormat::u16: return {"65535"};
    case OptionFormat::u16_list: return {"1", "65535"};
    case OptionFormat::u32: return {"4294967295"};
    case OptionFormat::i32: return {"-1"};
    case OptionFormat::duration: return {"43200"};
    case OptionFormat::ipv4: return {"192.168.200.1"};
    case OptionFormat::ipv4_list: return {"192.168.200.1", "0.0.0.0"};
    case OptionFormat::ipv4_pairs: return {"10.0.0.0 192.168.200.4", "10.1.0.0 192.168.200.5"};
    case OptionFormat::text: return {"some text"};
    case OptionFormat::domain_name: return {"control0.kubenet."};
    case OptionFormat::domain_list: return {"kubenet.", "lab.kubenet.", "kubenet."};
    case OptionFormat::routes: return {"10.0.0.0/16 192.168.200.4", "0.0.0.0/0 192.168.200.1"};
    case OptionFormat::sub_options: return {"1=0a:0b", "2="};
    case OptionFormat::relay_agent:
      return {"circuit-id=0a:0b", "link-selection=192.168.200.0", "source-port=", "20=0a"};
    case OptionFormat::vendor_classes: return {"4491=0a:0b", "9="};
    case OptionFormat::vendor_options: return {"4491 1=0a:0b 2=", "9 3=01"};
    case OptionFormat::sip_servers: return {"192.168.200.1", "192.168.200.2"};
    case OptionFormat::client_fqdn: return {"SOE control0.kubenet."};
    case OptionFormat::binary: return {"00:0a:ff"};
  }
  return {};
}

TEST(OptionText, RoundTripsForEveryRowOfTheTable) {
  for (const OptionInfo& info : option_table()) {
    const Items items = sample(info.format);
    std::array<std::byte, 255> out;
    const auto size = encode_option_value(info, items, nullptr, out);
    ASSERT_TRUE(size) << info.name << ' ' << size.error().reason;
    std::string expected_text;
    for (const std::string_view item : items) {
      if (!expected_text.empty()) expected_text += ", ";
      expected_text += item;
    }
    EXPECT_EQ(text_of(OptionCode{info.code}, wire::Bytes(out).first(*size)), expected_text)
        << info.name;
  }
}

struct Printed {
  const char* what;
  unsigned code;
  const char* value;
  const char* text;
};

const Printed printed[] = {
    {"an unknown code", 224, "0a 0b", "0a:0b"},
    {"no octets", 224, "", ""},
    {"an address of three octets", 54, "c0 a8 c8", "c0:a8:c8"},
    {"two addresses where one belongs", 54, "c0 a8 c8 01 c0 a8 c8 02", "c0:a8:c8:01:c0:a8:c8:02"},
    {"a list of addresses and a rest", 3, "c0 a8 c8 01 c0", "c0:a8:c8:01:c0"},
    {"an empty list", 3, "", ""},
    {"a flag of two", 19, "02", "02"},
    {"a route whose prefix is too long", 121, "21 0a 00 00 00 00 c0 a8 c8 01",
     "21:0a:00:00:00:00:c0:a8:c8:01"},
    {"a route without its router", 121, "10 0a 00 c0 a8", "10:0a:00:c0:a8"},
    {"a name without its root label", 119, "01 61", "01:61"},
    {"a name that points at itself", 119, "c0 00", "c0:00"},
    {"a name that points forward", 119, "c0 02 01 61 00", "c0:02:01:61:00"},
    {"a pointer cut off", 119, "01 61 c0", "01:61:c0"},
    {"a label of 64 octets", 119, "40 61 00", "40:61:00"},
    {"a label with a line break", 119, "02 0a 61 00", "02:0a:61:00"},
    {"a sub-option past the value", 82, "01 04 61", "01:04:61"},
    {"a relay's sub-option of another size", 82, "05 03 c0 a8 c8", "5=c0:a8:c8"},
    {"a vendor's data past the value", 124, "00 00 11 8b 02 0a", "00:00:11:8b:02:0a"},
    {"a vendor without sub-options", 125, "00 00 11 8b 00", "00:00:11:8b:00"},
    {"a vendor's torn sub-option", 125, "00 00 11 8b 02 01 01", "00:00:11:8b:02:01:01"},
    {"SIP servers by name", 120, "00 03 73 69 70 01 61 00 00", "sip.a., ."},
    {"SIP servers of no known kind", 120, "02 00", "02:00"},
    {"SIP servers by name, compressed", 120, "00 01 61 00 c0 00", "00:01:61:00:c0:00"},
    {"half a SIP server", 120, "01 0a 00", "01:0a:00"},
    {"no SIP server", 120, "01", "01"},
    {"text with a line break", 12, "61 0a 62", "a\\010b"},
    {"text with an escape sequence", 12, "1b 5b 32 4a", "\\027[2J"},
    {"text with a backslash and a quote", 12, "5c 22", "\\\\\\\""},
    {"text in UTF-8", 12, "c3 a9", "\\195\\169"},
    {"an FQDN of two octets", 81, "00 00", "00:00"},
    {"a rapid commit with octets", 80, "01", "01"},
};

TEST(AppendOptionText, FallsBackToHexadecimalAndForgesNothing) {
  for (const Printed& c : printed)
    EXPECT_EQ(text_of(OptionCode(c.code), hex(c.value)), c.text) << c.what;
}

TEST(AppendOptionText, AppendsBehindWhatIsThere) {
  std::string text = "router=";
  append_option_text(text, {OptionCode::router, hex("01 02 03 04 05")});
  EXPECT_EQ(text, "router=01:02:03:04:05");
}

}  // namespace
}  // namespace berth::dhcp
