// What the kernel keeps out of a socket that may not take on every handshake.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "server/binder/file_descriptor.hpp"
#include "server/io/socket_intake.hpp"

namespace berth::io {
namespace {

constexpr std::size_t first_option = 240;
constexpr std::uint8_t discover = 1;
constexpr std::uint8_t request = 3;

struct Pair : testing::Test {
  Pair() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(receiver.number(), any, sizeof address), 0);
    EXPECT_EQ(::getsockname(receiver.number(), any, &size), 0);
    EXPECT_EQ(::connect(sender.number(), any, sizeof address), 0);
  }

  void send(const std::vector<std::uint8_t>& octets, int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(::send(sender.number(), octets.data(), octets.size(), 0),
                static_cast<ssize_t>(octets.size()));
  }
  int received() {
    std::array<char, 600> buffer;
    int count = 0;
    while (::recv(receiver.number(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++count;
    return count;
  }

  binder::FileDescriptor receiver{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  binder::FileDescriptor sender{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

std::vector<std::uint8_t> message(std::uint8_t type, std::size_t size = 300) {
  std::vector<std::uint8_t> octets(size);
  constexpr std::array<std::uint8_t, 3> message_type{53, 1, 0};
  std::memcpy(&octets[first_option], message_type.data(), message_type.size());
  octets[first_option + 2] = type;
  return octets;
}

TEST_F(Pair, OnlyDiscoversAreKeptOut) {
  ASSERT_TRUE(admit_discovers(receiver.number(), 0));
  send(message(discover), 20);
  EXPECT_EQ(received(), 0);
  send(message(request), 20);
  EXPECT_EQ(received(), 20);
  std::vector<std::uint8_t> bootp(300);
  send(bootp, 5);
  EXPECT_EQ(received(), 5);
}

// The filter and who counts what it would keep out agree.
TEST(FirstOption, TellsTheSameAsTheFilter) {
  const auto is_discover = [](const std::vector<std::uint8_t>& octets) {
    return FirstOption::is_discover(std::as_bytes(std::span(octets)));
  };
  EXPECT_TRUE(is_discover(message(discover)));
  EXPECT_FALSE(is_discover(message(request)));
  EXPECT_FALSE(is_discover(std::vector<std::uint8_t>(300)));
  std::vector<std::uint8_t> torn = message(discover, first_option + 3);
  EXPECT_TRUE(is_discover(torn));
  torn.pop_back();
  EXPECT_FALSE(is_discover(torn));
  EXPECT_FALSE(is_discover({}));
}

// Whatever is too short to be one is for the parser to name.
TEST_F(Pair, WhatIsTooShortComesIn) {
  ASSERT_TRUE(admit_discovers(receiver.number(), 0));
  send({1, 2, 3}, 3);
  send(message(discover, first_option + 3), 3);
  EXPECT_EQ(received(), 3) << "the octets that make it a DISCOVER are all there";
  std::vector<std::uint8_t> torn = message(discover, first_option + 3);
  torn.pop_back();
  send(torn, 2);
  EXPECT_EQ(received(), 2);
}

TEST_F(Pair, AShareIsLetInByChance) {
  ASSERT_TRUE(admit_discovers(receiver.number(), whole / 2));
  int all = 0;
  for (int round = 0; round < 10; ++round) {
    send(message(discover), 50);
    all += received();
  }
  // 500 throws of a coin: beyond these once in ten thousand million runs.
  EXPECT_GT(all, 250 - 75);
  EXPECT_LT(all, 250 + 75);
}

TEST_F(Pair, AllComesInAgain) {
  ASSERT_TRUE(admit_discovers(receiver.number(), 0));
  ASSERT_TRUE(admit_discovers(receiver.number(), whole));
  send(message(discover), 20);
  EXPECT_EQ(received(), 20);
}

TEST_F(Pair, TellsHowMuchOfTheBufferIsTaken) {
  EXPECT_EQ(buffer_fill(receiver.number()), 0);
  constexpr int small = 64 * 1024;
  ASSERT_EQ(::setsockopt(receiver.number(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  send(message(request), 20);
  const Share some = buffer_fill(receiver.number());
  EXPECT_GT(some, 0);
  send(message(request), 1000);
  EXPECT_GT(buffer_fill(receiver.number()), whole * 9 / 10);
  received();
  EXPECT_EQ(buffer_fill(receiver.number()), 0);
  EXPECT_EQ(buffer_fill(-1), 0);
}

}  // namespace
}  // namespace berth::io
