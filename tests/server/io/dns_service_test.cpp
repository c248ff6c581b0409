// DNS over UDP on loopback: whom the sockets of each protocol answer, and where the answer goes.
#include "server/io/dns_service.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/default_plan.hpp"
#include "config/load.hpp"

namespace berth::io {
namespace {

using binder::FileDescriptor;
using binder::Role;

constexpr net::Ipv4Address ours = net::Ipv4Address::from_octets(192, 168, 200, 1);
constexpr net::Ipv4Address another = net::Ipv4Address::from_octets(10, 20, 0, 1);

struct Socket {
  FileDescriptor descriptor;
  sockaddr_storage address{};
  socklen_t size = 0;
};

Socket on_loopback(int family) {
  Socket socket{FileDescriptor(::socket(family, SOCK_DGRAM, 0)), {}, 0};
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_addr = in6addr_loopback;
  if (family == AF_INET) {
    std::memcpy(&socket.address, &ipv4, sizeof(ipv4));
    socket.size = sizeof(ipv4);
  } else {
    std::memcpy(&socket.address, &ipv6, sizeof(ipv6));
    socket.size = sizeof(ipv6);
  }
  auto* const address = reinterpret_cast<sockaddr*>(&socket.address);
  EXPECT_EQ(::bind(socket.descriptor.number(), address, socket.size), 0);
  ::getsockname(socket.descriptor.number(), address, &socket.size);
  return socket;
}

// A query for control0.kubenet's address.
const std::string query(
    "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    "\x08"
    "control0"
    "\x07"
    "kubenet\x00\x00\x01\x00\x01",
    34);

class DnsServiceTest : public testing::Test {
 protected:
  DnsServiceTest()
      : service(std::make_shared<const dns::Zones>(*config::load(config::default_plan()).config),
                Upstreams::none(), counters, events) {}

  // Gives the service a socket of that role; the system's address of it.
  Socket open(net::Ipv4Address address, Role role, int family) {
    Socket socket = on_loopback(family);
    service.open({.address = address,
                  .role = role,
                  .socket = std::move(socket.descriptor),
                  .link = {.index = 1, .name = {}, .mac = {}},
                  .more = {}});
    return socket;
  }
  void turn() {
    Descriptors descriptors;
    service.append_descriptors(descriptors);
    for (const auto* some : {&descriptors.readable, &descriptors.arriving})
      for (const int descriptor : *some) service.on_readable(descriptor, TimePoint{});
  }
  // What comes back to a query sent to that socket; empty: nothing.
  std::string ask(const Socket& server, int family) {
    const Socket client = on_loopback(family);
    EXPECT_EQ(::sendto(client.descriptor.number(), query.data(), query.size(), 0,
                       reinterpret_cast<const sockaddr*>(&server.address), server.size),
              static_cast<ssize_t>(query.size()));
    turn();
    std::string reply(512, '\0');
    const auto size = ::recv(client.descriptor.number(), reply.data(), reply.size(), MSG_DONTWAIT);
    reply.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return reply;
  }
  static void expect_answered(const std::string& reply) {
    ASSERT_GT(reply.size(), 16U);
    EXPECT_EQ(reply.substr(reply.size() - 4), std::string("\xc0\xa8\xc8\x04"));
  }
  static void expect_refused(const std::string& reply) {
    ASSERT_GE(reply.size(), 12U);
    EXPECT_EQ(reply[3] & 15, 5);
  }

  DnsCounters counters;
  EventOutput events;
  DnsService service;
};

TEST_F(DnsServiceTest, AnswersByIpv4) {
  expect_answered(ask(open(ours, Role::dns_udp, AF_INET), AF_INET));
}

TEST_F(DnsServiceTest, AnswersWhoeverAsksByIpv6OnTheLinkOfANetwork) {
  expect_answered(ask(open(ours, Role::dns_udp_ipv6, AF_INET6), AF_INET6));
}

TEST_F(DnsServiceTest, RefusesByIpv6OnALinkOfNoNetwork) {
  expect_refused(ask(open(another, Role::dns_udp_ipv6, AF_INET6), AF_INET6));
}

TEST_F(DnsServiceTest, TellsWhoAskedByIpv6) {
  events.report_each_datagram(true);
  ask(open(ours, Role::dns_udp_ipv6, AF_INET6), AF_INET6);
  Event event;
  ASSERT_TRUE(events.ring().pop(event));
  EXPECT_EQ(std::get<DnsAnswered>(event).ipv6, net::Ipv6Address::parse("::1"));
}

TEST_F(DnsServiceTest, ClosingOneProtocolLeavesTheOther) {
  const Socket by_ipv4 = open(ours, Role::dns_udp, AF_INET);
  const Socket by_ipv6 = open(ours, Role::dns_udp_ipv6, AF_INET6);
  service.close({ours, Role::dns_udp});
  EXPECT_EQ(ask(by_ipv4, AF_INET), "");
  expect_answered(ask(by_ipv6, AF_INET6));
  service.close({ours, Role::dns_udp_ipv6});
  EXPECT_EQ(ask(by_ipv6, AF_INET6), "");
}

}  // namespace
}  // namespace berth::io
