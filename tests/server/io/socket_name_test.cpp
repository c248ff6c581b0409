#include "server/io/socket_name.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace berth::io {
namespace {

template <class Name>
Name as(const SocketName& name) {
  EXPECT_EQ(name.size, sizeof(Name));
  Name result{};
  std::memcpy(&result, &name.storage, sizeof result);
  return result;
}

TEST(SocketName, IsTheAddressAsTheSystemWantsIt) {
  const auto ipv4 = as<sockaddr_in>(socket_name(*net::SocketAddress::parse("192.0.2.1:5354", 53)));
  EXPECT_EQ(ipv4.sin_family, AF_INET);
  EXPECT_EQ(ntohl(ipv4.sin_addr.s_addr), 0xc0000201u);
  EXPECT_EQ(ntohs(ipv4.sin_port), 5354);
  const auto ipv6 = as<sockaddr_in6>(socket_name(*net::SocketAddress::parse("::1", 53)));
  EXPECT_EQ(ipv6.sin6_family, AF_INET6);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr));
  EXPECT_EQ(ntohs(ipv6.sin6_port), 53);
  EXPECT_EQ(ipv6.sin6_scope_id, 0u);
}

TEST(SocketName, HasTheInterfaceOfALinkLocalAddress) {
  const auto scope = [](std::string_view text) {
    return as<sockaddr_in6>(socket_name(*net::SocketAddress::parse(text, 53))).sin6_scope_id;
  };
  EXPECT_EQ(scope("fe80::1%7"), 7u);
  EXPECT_EQ(scope("fe80::1%no-such-link"), 0u);
  EXPECT_EQ(scope("fe80::1"), 0u);
}

}  // namespace
}  // namespace berth::io
