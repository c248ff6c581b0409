#include "protocol/net/socket_address.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::net {
namespace {

struct Case {
  const char* text;
  std::string canonical;  // with the port; empty: no server
  std::string brief;      // where 53 is understood
};

const Case cases[] = {
    {"192.0.2.1", "192.0.2.1:53", "192.0.2.1"},
    {"192.0.2.1:53", "192.0.2.1:53", "192.0.2.1"},
    {"192.0.2.1:5354", "192.0.2.1:5354", "192.0.2.1:5354"},
    {"192.0.2.1:65535", "192.0.2.1:65535", "192.0.2.1:65535"},
    {"2620:fe::fe", "[2620:fe::fe]:53", "2620:fe::fe"},
    {"[2620:fe::fe]", "[2620:fe::fe]:53", "2620:fe::fe"},
    {"[2620:fe::fe]:5353", "[2620:fe::fe]:5353", "[2620:fe::fe]:5353"},
    {"fe80::1", "[fe80::1]:53", "fe80::1"},
    {"fe80::1%eth0", "[fe80::1%eth0]:53", "fe80::1%eth0"},
    {"[FE80::1%2]:54", "[fe80::1%2]:54", "[fe80::1%2]:54"},
    {"::1", "[::1]:53", "::1"},
    {"", "", ""},
    {":53", "", ""},
    {"[]", "", ""},
    {"[", "", ""},
    {"[::1", "", ""},
    {"[::1]53", "", ""},
    {"[::1]:", "", ""},
    {"[::1]:0", "", ""},
    {"[192.0.2.1]:53", "", ""},
    {"192.0.2", "", ""},
    {"192.0.2.1:", "", ""},
    {"192.0.2.1:0", "", ""},
    {"192.0.2.1:053", "", ""},
    {"192.0.2.1:65536", "", ""},
    {"192.0.2.1:53x", "", ""},
    {"192.0.2.1%eth0", "", ""},
    {"2620:fe::fe%eth0", "", ""},
    {"fe80::1%", "", ""},
    {"fe80::1%a b", "", ""},
    {"fe80::1%sixteen-letters0", "", ""},
    {"::1::2", "", ""},
};

TEST(SocketAddress, IsReadAndWrittenInItsCanonicalForm) {
  for (const Case& c : cases) {
    const auto server = SocketAddress::parse(c.text, 53);
    ASSERT_EQ(server.has_value(), !c.canonical.empty()) << c.text;
    if (!server) continue;
    EXPECT_EQ(to_string(*server), c.canonical);
    EXPECT_EQ(to_string(*server, 53), c.brief);
    EXPECT_EQ(SocketAddress::parse(c.canonical, 1), server) << c.text;
    EXPECT_EQ(SocketAddress::parse(c.brief, 53), server) << c.text;
  }
}

struct Kind {
  const char* text;
  bool loopback;
  bool multicast;
  bool unspecified;
};

TEST(IpAddress, TellsWhatNoServerHas) {
  for (const auto& [text, loopback, multicast, unspecified] :
       {Kind{"127.0.0.53", true, false, false}, Kind{"128.0.0.1", false, false, false},
        Kind{"::1", true, false, false}, Kind{"::2", false, false, false},
        Kind{"224.0.0.1", false, true, false}, Kind{"ff02::1", false, true, false},
        Kind{"fe02::1", false, false, false}, Kind{"0.0.0.0", false, false, true},
        Kind{"::", false, false, true}}) {
    const IpAddress address = SocketAddress::parse(text, 53).value().address;
    EXPECT_EQ(is_loopback(address), loopback) << text;
    EXPECT_EQ(is_multicast(address), multicast) << text;
    EXPECT_EQ(is_unspecified(address), unspecified) << text;
  }
}

}  // namespace
}  // namespace berth::net
