#include "protocol/dhcp/text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "protocol/dhcp/printable.hpp"
#include "tests/protocol/dhcp/messages.hpp"

namespace berth::dhcp {
namespace {

struct Case {
  const char* what;
  const char* options;
  const char* line;
};

const Case cases[] = {
    {"the least", "35 01 01 ff", "DHCPDISCOVER xid=0x3903f326 chaddr=52:52:52:00:00:01"},
    {"an unknown type", "35 01 40 ff", "DHCP message xid=0x3903f326 chaddr=52:52:52:00:00:01"},
    {"BOOTP", "ff", "BOOTREQUEST xid=0x3903f326 chaddr=52:52:52:00:00:01"},
    {"a host name that would be a field", "35 01 01 0c 04 61 20 62 3d ff",
     "DHCPDISCOVER xid=0x3903f326 chaddr=52:52:52:00:00:01 host-name=\"a b=\""},
    {"a host name that would end its quotes", "35 01 01 0c 03 61 22 20 ff",
     "DHCPDISCOVER xid=0x3903f326 chaddr=52:52:52:00:00:01 host-name=\"a\\\" \""},
    {"a host name that would be a line", "35 01 01 0c 03 61 0a 62 ff",
     "DHCPDISCOVER xid=0x3903f326 chaddr=52:52:52:00:00:01 host-name=\"a\\010b\""},
    {"a refusal", "35 01 06 36 04 c0 a8 c8 01 38 02 6e 6f ff",
     "DHCPNAK xid=0x3903f326 chaddr=52:52:52:00:00:01 server=192.168.200.1 message=\"no\""},
};

TEST(ToLine, SaysWhatMattersAndForgesNothing) {
  for (const Case& c : cases) {
    const Octets octets = message_with(c.options);
    EXPECT_EQ(to_line(*MessageView::parse(octets)), c.line) << c.what;
  }
}

TEST(ToDump, EscapesTheFixedFieldsToo) {
  Octets octets = message_with("35 01 01 ff");
  put(octets, field::file, octets_of("a\nb"));
  const std::string dump = to_dump(*MessageView::parse(octets));
  EXPECT_NE(dump.find("a\\010b\n"), std::string::npos) << dump;
}

TEST(AppendPrintable, WritesPrintableAsciiForEveryOctet) {
  for (unsigned value = 0; value < 256; ++value) {
    std::string out;
    const Octets octet = {static_cast<std::byte>(value)};
    append_printable(out, octet);
    for (const char c : out) EXPECT_TRUE(c >= ' ' && c <= '~') << value;
    const bool is_plain = value >= ' ' && value <= '~' && value != '\\' && value != '"';
    EXPECT_EQ(out.size() == 1, is_plain) << value;
  }
}

}  // namespace
}  // namespace berth::dhcp
