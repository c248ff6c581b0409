// Several DNS sockets on one address: what comes there is spread over them, and nobody else's.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "tests/server/binder/machine_linux.hpp"

namespace berth::binder {
namespace {

constexpr const char* our_address = "192.168.200.1";
constexpr int clients = 64;

Wanted with_workers(std::uint16_t workers) {
  Wanted wanted = network("192.168.200.1/24");
  wanted.dns_sockets = workers;
  return wanted;
}

// One datagram from each of so many ports; the kernel delivers within the call.
void ask_from_many_ports() {
  for (int client = 0; client < clients; ++client) {
    const FileDescriptor sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(53);
    to.sin_addr.s_addr = htonl(net::Ipv4Address::parse(our_address)->value);
    ASSERT_EQ(
        ::sendto(sender.number(), "hey", 3, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
        3);
  }
}

int heard(int socket) {
  std::array<char, 64> buffer;
  int count = 0;
  while (::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++count;
  return count;
}

struct Workers : Machine {
  std::vector<int> shares() const {
    std::vector<int> shares{heard(socket(Role::dns_udp))};
    for (const FileDescriptor& another : more_dns) shares.push_back(heard(another.number()));
    return shares;
  }
};

int sum(const std::vector<int>& shares) {
  int sum = 0;
  for (const int share : shares) sum += share;
  return sum;
}

TEST_F(Workers, EachDatagramComesToOneOfThem) {
  make_bridge("br0", "192.168.200.1/24");
  for (const std::uint16_t workers : std::array<std::uint16_t, 2>{2, 3}) {
    start({with_workers(workers)});
    ASSERT_TRUE(run_until([this] { return all_open(); }));
    ASSERT_EQ(more_dns.size() + 1, workers);
    ask_from_many_ports();
    const std::vector<int> got = shares();
    EXPECT_EQ(sum(got), clients);
    for (const int share : got) EXPECT_GT(share, 0) << "of " << clients << " ports";
    binder->want({}, now());
  }
}

TEST_F(Workers, SpreadBesideAWildcardHolderToo) {
  make_bridge("br0", "192.168.200.1/24");
  const FileDescriptor rival = Rival{SOCK_DGRAM, "0.0.0.0", 53, true}.bind();
  start({with_workers(2)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  ask_from_many_ports();
  const std::vector<int> got = shares();
  EXPECT_EQ(sum(got), clients);
  for (const int share : got) EXPECT_GT(share, 0);
  EXPECT_EQ(heard(rival.number()), 0);
}

struct Before {
  std::string name;
  Rival rival;
};

// Whoever is on our address keeps it all, though it would let us in.
class WorkersBesideARival : public Workers, public testing::WithParamInterface<Before> {};

TEST_P(WorkersBesideARival, NeverJoinIt) {
  make_bridge("br0", "192.168.200.1/24");
  FileDescriptor rival = GetParam().rival.bind();
  start({with_workers(2)});
  ASSERT_TRUE(run_until([this] { return status(Service::dns).holder.has_value(); }));
  EXPECT_TRUE(is_in(State::conflict, Service::dns));
  EXPECT_FALSE(status(Service::dns).serving);
  EXPECT_EQ(socket(Role::dns_udp), -1);
  ask_from_many_ports();
  EXPECT_EQ(heard(rival.number()), clients);
  rival = FileDescriptor();
  ASSERT_TRUE(run_until([this] { return bound(Service::dns); }));
  ask_from_many_ports();
  EXPECT_EQ(sum(shares()), clients);
}

INSTANTIATE_TEST_SUITE_P(
    Holders, WorkersBesideARival,
    testing::Values(Before{"Alone", {SOCK_DGRAM, our_address, 53}},
                    Before{"Sharing", {SOCK_DGRAM, our_address, 53, true}},
                    Before{"Joining", {SOCK_DGRAM, our_address, 53, false, true}},
                    Before{"SharingAndJoining", {SOCK_DGRAM, our_address, 53, true, true}}),
    [](const auto& row) { return row.param.name; });

// Another berthd too, however many workers it has: its first socket is bound alone.
TEST_F(Workers, LetNobodyInWhoDoesNotJoinOnPurpose) {
  make_bridge("br0", "192.168.200.1/24");
  start({with_workers(2)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  for (const bool shares : {false, true}) {
    const FileDescriptor rival(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = shares ? 1 : 0;
    ::setsockopt(rival.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(53);
    name.sin_addr.s_addr = htonl(net::Ipv4Address::parse(our_address)->value);
    EXPECT_NE(::bind(rival.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
}

TEST_F(Workers, WhoJoinsThemLaterIsNamed) {
  make_bridge("br0", "192.168.200.1/24");
  start({with_workers(2)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  FileDescriptor rival = Rival{SOCK_DGRAM, our_address, 53, false, true}.bind();
  ASSERT_TRUE(run_until([this] { return is_in(State::conflict, Service::dns); }));
  EXPECT_TRUE(status(Service::dns).serving);
  EXPECT_NE(status(Service::dns).why.find("has joined us on 192.168.200.1:53"), std::string::npos);
  rival = FileDescriptor();
  ASSERT_TRUE(run_until([this] { return bound(Service::dns); }));
}

}  // namespace
}  // namespace berth::binder
