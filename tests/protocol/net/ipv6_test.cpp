#include "protocol/net/ipv6.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::net {
namespace {

struct Case {
  const char* text;
  std::string canonical;  // empty: no address
  bool is_link_local = false;
};

const Case cases[] = {
    {"fe80::1", "fe80::1", true},
    {"FE80:0:0:0:f4d4:88ff:fe00:64", "fe80::f4d4:88ff:fe00:64", true},
    {"febf::1", "febf::1", true},
    {"fec0::1", "fec0::1"},
    {"fd00::1", "fd00::1"},
    {"::", "::"},
    {"::1", "::1"},
    {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"fe80::1%en0", ""},
    {"fe80", ""},
    {"", ""},
};

TEST(Ipv6Address, IsReadAndWrittenInItsCanonicalForm) {
  for (const Case& c : cases) {
    const auto address = Ipv6Address::parse(c.text);
    ASSERT_EQ(address.has_value(), !c.canonical.empty()) << c.text;
    if (!address) continue;
    EXPECT_EQ(to_string(*address), c.canonical);
    EXPECT_EQ(Ipv6Address::parse(c.canonical), address) << c.text;
    EXPECT_EQ(address->is_link_local(), c.is_link_local) << c.text;
    EXPECT_EQ(address->is_unspecified(), c.canonical == "::") << c.text;
  }
}

}  // namespace
}  // namespace berth::net
