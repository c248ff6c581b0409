// Batches over real loopback sockets.
#include "server/io/datagram_batch.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "server/binder/file_descriptor.hpp"

namespace berth::io {
namespace {

using binder::FileDescriptor;

struct BoundSocket {
  FileDescriptor descriptor;
  net::Endpoint endpoint;
};

BoundSocket bind_loopback(bool with_packet_info) {
  BoundSocket bound{FileDescriptor(::socket(AF_INET, SOCK_DGRAM, 0)), {}};
  const int on = 1;
  if (with_packet_info) {
    ::setsockopt(bound.descriptor.number(), IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(bound.descriptor.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(bound.descriptor.number(), reinterpret_cast<sockaddr*>(&address), &size);
  bound.endpoint = {{INADDR_LOOPBACK}, ntohs(address.sin_port)};
  return bound;
}

TEST(DatagramBatch, CarriesPayloadsSourcesAndTheArrivalInterface) {
  const BoundSocket from = bind_loopback(false);
  const BoundSocket to = bind_loopback(true);
  Sender sender;
  const std::array<std::string, 3> texts{"one", "", "three"};
  for (const std::string& text : texts) sender.add(wire::bytes_of(text), to.endpoint);
  int error = 0;
  ASSERT_EQ(sender.flush(from.descriptor.number(), error), 0U);
  EXPECT_TRUE(sender.empty());

  Receiver receiver(64);
  const auto datagrams = receiver.receive(to.descriptor.number(), error);
  ASSERT_EQ(error, 0);
  ASSERT_EQ(datagrams.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(wire::text_of(datagrams[i].payload), texts[i]);
    EXPECT_EQ(datagrams[i].source, from.endpoint);
    EXPECT_EQ(datagrams[i].destination.value, INADDR_LOOPBACK);
    EXPECT_NE(datagrams[i].interface, 0U);
    EXPECT_FALSE(datagrams[i].truncated);
  }
}

BoundSocket bind_ipv6_loopback() {
  BoundSocket bound{FileDescriptor(::socket(AF_INET6, SOCK_DGRAM, 0)), {}};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(bound.descriptor.number(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(bound.descriptor.number(), reinterpret_cast<sockaddr*>(&address), &size);
  bound.endpoint = {{}, ntohs(address.sin6_port)};
  return bound;
}

// A query and a reply between two sockets of one protocol.
void expect_a_reply_to_come_back(const BoundSocket& from, const BoundSocket& to,
                                 std::optional<net::Ipv6Address> source) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  ::getsockname(to.descriptor.number(), reinterpret_cast<sockaddr*>(&address), &size);
  for (const char* const text : {"one", "two"})
    ASSERT_EQ(::sendto(from.descriptor.number(), text, 3, 0,
                       reinterpret_cast<const sockaddr*>(&address), size),
              3);
  Receiver receiver(64);
  Sender sender;
  int error = 0;
  const auto datagrams = receiver.receive(to.descriptor.number(), error);
  ASSERT_EQ(datagrams.size(), 2U);
  for (const Datagram& datagram : datagrams) {
    EXPECT_EQ(datagram.source, from.endpoint);
    EXPECT_EQ(ipv6_source(datagram), source);
    sender.reply(datagram.payload, datagram);
  }
  EXPECT_EQ(sender.flush(to.descriptor.number(), error), 0U) << error;
  const auto replies = receiver.receive(from.descriptor.number(), error);
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(wire::text_of(replies[1].payload), "two");
  EXPECT_EQ(replies[0].source.port, to.endpoint.port);
}

TEST(DatagramBatch, RepliesToWhereADatagramCameFrom) {
  expect_a_reply_to_come_back(bind_loopback(false), bind_loopback(false), std::nullopt);
}

TEST(DatagramBatch, RepliesOverIpv6) {
  expect_a_reply_to_come_back(bind_ipv6_loopback(), bind_ipv6_loopback(),
                              net::Ipv6Address::parse("::1"));
}

TEST(DatagramBatch, SaysWhenADatagramWasLargerThanItsSlot) {
  const BoundSocket from = bind_loopback(false);
  const BoundSocket to = bind_loopback(false);
  Sender sender;
  const std::string large(65, 'x');
  sender.add(wire::bytes_of(large), to.endpoint);
  int error = 0;
  ASSERT_EQ(sender.flush(from.descriptor.number(), error), 0U);
  Receiver receiver(64);
  const auto datagrams = receiver.receive(to.descriptor.number(), error);
  ASSERT_EQ(datagrams.size(), 1U);
  EXPECT_TRUE(datagrams[0].truncated);
  EXPECT_EQ(datagrams[0].payload.size(), 64U);
}

TEST(DatagramBatch, TakesABatchAtATimeAndLeavesTheRest) {
  const BoundSocket from = bind_loopback(false);
  const BoundSocket to = bind_loopback(false);
  Sender sender;
  int error = 0;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < batch_size; ++i) sender.add(wire::bytes_of("x"), to.endpoint);
    ASSERT_EQ(sender.flush(from.descriptor.number(), error), 0U);
  }
  Receiver receiver(64);
  EXPECT_EQ(receiver.receive(to.descriptor.number(), error).size(), batch_size);
  EXPECT_EQ(receiver.receive(to.descriptor.number(), error).size(), batch_size);
  EXPECT_TRUE(receiver.receive(to.descriptor.number(), error).empty());
  EXPECT_EQ(error, 0) << "nothing to read is no error";
}

TEST(DatagramBatch, OneRefusedDatagramDoesNotHoldUpTheOthers) {
  const BoundSocket from = bind_loopback(false);
  const BoundSocket to = bind_loopback(false);
  Sender sender;
  const std::string too_large(70'000, 'x');
  sender.add(wire::bytes_of("before"), to.endpoint);
  sender.add(wire::bytes_of(too_large), to.endpoint);
  sender.add(wire::bytes_of("after"), to.endpoint);
  int error = 0;
  EXPECT_EQ(sender.flush(from.descriptor.number(), error), 1U);
  EXPECT_EQ(error, EMSGSIZE);
  Receiver receiver(64);
  const auto datagrams = receiver.receive(to.descriptor.number(), error);
  ASSERT_EQ(datagrams.size(), 2U);
  EXPECT_EQ(wire::text_of(datagrams[1].payload), "after");
}

TEST(DatagramBatch, ReportsWhyASocketCannotBeRead) {
  Receiver receiver(64);
  int error = 0;
  EXPECT_TRUE(receiver.receive(-1, error).empty());
  EXPECT_EQ(error, EBADF);
}

}  // namespace
}  // namespace berth::io
