#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "server/binder/holders.hpp"

namespace berth::binder {
namespace {

using std::chrono::milliseconds;

FileDescriptor bound_to(const char* address, std::uint16_t port) {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &name.sin_addr);
  EXPECT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  return socket;
}

std::uint16_t port_of(const FileDescriptor& socket) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

class Holders : public testing::Test {
 protected:
  std::vector<std::string> find(milliseconds since_the_first) {
    std::vector<std::string> names;
    const HolderQuestion question{.port = port, .now = first + since_the_first};
    for (const Holder& holder : find_holders(question, known))
      if (holder.pid == ::getpid()) names.push_back(holder.process);
    return names;
  }
  // The first look. While others on this machine open and close sockets, the kernel may leave one
  // out of its table.
  std::vector<std::string> find_both() {
    constexpr int most_looks = 100;
    std::vector<std::string> names;
    for (int look = 0; look < most_looks && names.size() != 2; ++look) {
      known = {};
      names = find(milliseconds{0});
    }
    return names;
  }

  const TimePoint first{std::chrono::hours{1}};
  const FileDescriptor socket = bound_to("127.0.0.1", 0);
  const std::uint16_t port = port_of(socket);
  KnownHolders known;
};

TEST_F(Holders, AreRecalledWhileTheirSocketsAreTheSameAndForFiveSeconds) {
  const std::vector<std::string> looked_up = find(milliseconds{0});
  ASSERT_EQ(looked_up.size(), 1u);
  known.holders.at(0).process = "recalled";
  EXPECT_EQ(find(milliseconds{4999}), std::vector<std::string>{"recalled"});
  EXPECT_EQ(find(milliseconds{5000}), looked_up);
}

TEST_F(Holders, AreLookedUpAgainWhenAnotherSocketIsThere) {
  const std::string looked_up = find(milliseconds{0}).at(0);
  known.holders.at(0).process = "recalled";
  const FileDescriptor another = bound_to("127.0.0.2", port);
  EXPECT_EQ(find(milliseconds{1}), (std::vector<std::string>{looked_up, looked_up}));
}

TEST_F(Holders, ThatRemainAreRecalledWhenOneHasGone) {
  FileDescriptor another = bound_to("127.0.0.2", port);
  ASSERT_EQ(find_both().size(), 2u);
  for (Holder& holder : known.holders) holder.process = "recalled";
  another = FileDescriptor();
  EXPECT_EQ(find(milliseconds{1}), std::vector<std::string>{"recalled"});
}

TEST_F(Holders, AreNotOurOwnSockets) {
  const HolderQuestion question{.port = port, .ours = {id_of(socket)}, .now = first};
  EXPECT_TRUE(find_holders(question, known).empty());
}

// [::] with the port of `socket`; not open where that cannot be.
FileDescriptor bound_to_ipv6(std::uint16_t port, bool ipv6_only) {
  FileDescriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int only = ipv6_only ? 1 : 0;
  ::setsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  const bool bound =
      ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  return bound ? std::move(socket) : FileDescriptor();
}

std::uint16_t any_port() { return port_of(bound_to("0.0.0.0", 0)); }

TEST(HoldersOnIpv6, AreNoneWhenTheyTakeNoIpv4) {
  for (const bool ipv6_only : {false, true}) {
    SCOPED_TRACE(ipv6_only);
    const std::uint16_t port = any_port();
    const FileDescriptor socket = bound_to_ipv6(port, ipv6_only);
    if (!socket.is_open()) GTEST_SKIP() << "no IPv6 here";
    KnownHolders known;
    const HolderQuestion question{.port = port, .detail = HolderDetail::options};
    for (const char* look : {"looked up", "recalled"})
      EXPECT_EQ(find_holders(question, known).size(), ipv6_only ? 0u : 1u) << look;
  }
}

}  // namespace
}  // namespace berth::binder
