#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "protocol/wire/cursor.hpp"
#include "tests/server/binder/machine_linux.hpp"

namespace berth::binder {
namespace {

constexpr const char* our_address = "192.168.200.1";
constexpr const char* our_prefix = "192.168.200.1/24";

using Frame = std::array<std::byte, 60>;

// What a VM sends before it has an address: 0.0.0.0:68 to 255.255.255.255:67.
Frame broadcast_frame() {
  Frame frame{};
  wire::Writer out(frame);
  out.u32(0xffffffff);
  out.u32(0xffff5252);
  out.u32(0x52000001);
  out.u16(ETH_P_IP);
  out.u32(0x4500001f);  // 31 octets
  out.u32(0);
  out.u32(0x40117acf);  // TTL 64, UDP, the header's checksum
  out.u32(0);
  out.u32(0xffffffff);
  out.u32(0x00440043);
  out.u32(0x000b0000);  // 11 octets, no checksum
  out.bytes(wire::bytes_of("hey"));
  return frame;
}

Frame arp_frame(std::uint16_t opcode) {
  Frame frame{};
  wire::Writer out(frame);
  out.u32(0xffffffff);
  out.u32(0xffff5252);
  out.u32(0x52000001);
  out.u16(ETH_P_ARP);
  out.u16(1);
  out.u16(ETH_P_IP);
  out.u16(0x0604);
  out.u16(opcode);
  return frame;
}

void inject(const char* link, const Frame& frame) {
  const FileDescriptor sender(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(::if_nametoindex(link));
  EXPECT_EQ(::sendto(sender.number(), frame.data(), frame.size(), 0,
                     reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(frame.size()));
}

void send_to(const char* address, std::uint16_t port) {
  const FileDescriptor sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  EXPECT_EQ(
      ::sendto(sender.number(), "hey", 3, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to), 3);
}

// Takes what waits there. The kernel delivers within the sending call, or soon after it.
int heard(int socket, int at_least = 0) {
  int count = 0;
  std::array<char, 2048> buffer;
  for (;;) {
    pollfd polled{socket, POLLIN, 0};
    if (::poll(&polled, 1, count < at_least ? 5000 : 0) <= 0) return count;
    if (::recv(socket, buffer.data(), buffer.size(), 0) < 0) return count;
    ++count;
  }
}

bool connects(const char* address, std::uint16_t port) {
  const FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  return ::connect(client.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

// Sockets alone: the thread that looks for holders has files of /proc open now and then.
int open_sockets() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code closed_meanwhile;
    const std::string target = std::filesystem::read_symlink(entry, closed_meanwhile).string();
    if (target.rfind("socket:", 0) == 0) ++count;
  }
  return count;
}

using BinderOnLinux = Machine;

// Links that come and go.

TEST_F(BinderOnLinux, StartsBeforeTheInterfaceExists) {
  start({network(our_prefix)});
  EXPECT_TRUE(is_in(State::waiting, Service::dhcp));
  EXPECT_TRUE(is_in(State::waiting, Service::dns));
  EXPECT_GE(socket(Role::dns_udp), 0);
  EXPECT_GE(socket(Role::dns_tcp), 0);
  EXPECT_EQ(socket(Role::dhcp_broadcast), -1);
}

TEST_F(BinderOnLinux, ServesInTheCallThatBringsTheAddress) {
  start({network(our_prefix)});
  make_bridge("br0", our_prefix);
  binder->on_readable(binder->descriptors()[0], now());
  EXPECT_TRUE(bound(Service::dhcp));
  EXPECT_TRUE(bound(Service::dns));
  EXPECT_GE(socket(Role::dhcp_broadcast), 0);
  EXPECT_GE(socket(Role::link), 0);
  EXPECT_EQ(status(Service::dhcp).link.name, "br0");
  EXPECT_EQ(status(Service::dhcp).link.index, ::if_nametoindex("br0"));
  EXPECT_TRUE(run_until([this] { return all_open(); }));

  inject("br0-q", broadcast_frame());
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast), 1), 1);
  EXPECT_EQ(heard(socket(Role::dhcp_unicast)), 0);
  send_to(our_address, 67);
  EXPECT_EQ(heard(socket(Role::dhcp_unicast), 1), 1);
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast)), 0);
  send_to(our_address, 53);
  EXPECT_EQ(heard(socket(Role::dns_udp), 1), 1);
  EXPECT_TRUE(connects(our_address, 53));
}

TEST_F(BinderOnLinux, ServesAtOnceWhenTheAddressWasThereFirst) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  EXPECT_TRUE(bound(Service::dhcp));
  EXPECT_TRUE(bound(Service::dns));
}

TEST_F(BinderOnLinux, FollowsABridgeThatIsMadeAgainAHundredTimes) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  const int sockets = open_sockets();
  const int dns = socket(Role::dns_udp);

  for (int round = 0; round < 100; ++round) {
    const std::uint32_t index = status(Service::dhcp).link.index;
    ip("link delete br0");
    ip("link delete br0-p");
    settle();
    ASSERT_TRUE(is_in(State::waiting, Service::dhcp));
    make_bridge("br0", our_prefix);
    ASSERT_TRUE(run_until([this] { return all_open(); }));
    ASSERT_NE(status(Service::dhcp).link.index, index);
    inject("br0-q", broadcast_frame());
    ASSERT_EQ(heard(socket(Role::dhcp_broadcast), 1), 1);
    send_to(our_address, 53);
    ASSERT_EQ(heard(socket(Role::dns_udp), 1), 1);
  }
  EXPECT_EQ(socket(Role::dns_udp), dns) << "it was never closed";
  EXPECT_EQ(open_sockets(), sockets);
  EXPECT_EQ(opened - closed, 5);
}

TEST_F(BinderOnLinux, HearsALinkThatIsMadeAgainUnderItsIndex) {
  ip("link add br0 index 77 type bridge");
  ip("link set br0 up");
  ip("address add 192.168.200.1/24 dev br0");
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));

  ip("link delete br0");
  ip("link add br0 index 77 type veth peer name br0-q");
  ip("link set br0-q up");
  ip("link set br0 up");
  ip("address add 192.168.200.1/24 dev br0");
  settle();
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  EXPECT_EQ(closed, 3);
  inject("br0-q", arp_frame(2));
  EXPECT_EQ(heard(socket(Role::link), 1), 1);
}

TEST_F(BinderOnLinux, ServesTwoNetworksEachOnItsLink) {
  start({network(our_prefix), network("10.9.0.1/16")});
  make_bridge("br0", our_prefix);
  make_bridge("br1", "10.9.0.1/16");
  ASSERT_TRUE(run_until([this] { return all_open() && all_open("10.9.0.1"); }));
  inject("br1-q", broadcast_frame());
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast, "10.9.0.1"), 1), 1);
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast)), 0);

  binder->want({network("10.9.0.1/16")}, now());
  EXPECT_TRUE(all_open("10.9.0.1"));
  EXPECT_EQ(socket(Role::dns_udp), -1);
  inject("br1-q", broadcast_frame());
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast, "10.9.0.1"), 1), 1);
}

TEST_F(BinderOnLinux, KeepsItsSocketsThroughARename) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  ip("link set br0 down");
  ip("link set br0 name lab0");
  ip("link set lab0 up");
  ASSERT_TRUE(run_until([this] { return status(Service::dhcp).link.name == "lab0"; }));
  EXPECT_EQ(closed, 0);
  inject("br0-q", broadcast_frame());
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast), 1), 1);
}

TEST_F(BinderOnLinux, ALinkThatLeavesABridgeIsStillThere) {
  make_bridge("br0", "10.0.0.1/8");
  ip("address add 192.168.200.1/24 dev br0-p");
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  ip("link set br0-p nomaster");
  settle();
  EXPECT_TRUE(bound(Service::dhcp));
  EXPECT_EQ(closed, 0);
}

TEST_F(BinderOnLinux, SaysWhenTheCarrierGoes) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  ip("link set br0-p nomaster");
  ASSERT_TRUE(run_until([this] { return !status(Service::dhcp).link.running; }));
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(status(Service::dhcp).notes.size(), 1u);
}

TEST_F(BinderOnLinux, RefusesTheLinkOfTheDefaultRouteUntilItGoes) {
  make_bridge("br0", our_prefix);
  ip("route add default dev br0");
  start({network(our_prefix)});
  EXPECT_TRUE(is_in(State::refused, Service::dhcp));
  EXPECT_TRUE(is_in(State::refused, Service::dns));
  EXPECT_EQ(opened, 0);

  ip("route delete default");
  EXPECT_TRUE(run_until([this] { return all_open(); }));
  ip("route add default via 192.168.200.9");
  EXPECT_TRUE(run_until([this] { return is_in(State::refused, Service::dhcp); }));
  // The route goes without a word.
  ip("link set br0 down");
  EXPECT_TRUE(run_until([this] { return bound(Service::dhcp); }));
}

TEST_F(BinderOnLinux, KnowsTheLinksAfterNewsWasLost) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  const int smallest = 1;
  ASSERT_EQ(
      ::setsockopt(binder->descriptors()[0], SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest), 0);
  make_bridge("br1", "10.0.0.1/8");
  ip("link delete br0");
  ip("address add 192.168.200.1/24 dev br1");
  ASSERT_TRUE(run_until([this] { return status(Service::dhcp).link.name == "br1"; }));
  EXPECT_EQ(status(Service::dhcp).link.index, ::if_nametoindex("br1"));
}

// What was queued before the loss is older than it, and may never have been taken back.
TEST_F(BinderOnLinux, DoesNotBelieveNewsFromBeforeALoss) {
  make_bridge("br0", "10.0.0.1/8");
  start({network(our_prefix)});
  const int smallest = 1;
  ASSERT_EQ(
      ::setsockopt(binder->descriptors()[0], SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest), 0);
  ip("address add 192.168.200.1/24 dev br0");
  for (int more = 2; more < 8; ++more)
    ip("address add 172.16.0." + std::to_string(more) + "/24 dev br0");
  ip("address delete 192.168.200.1/24 dev br0");
  settle();
  EXPECT_TRUE(is_in(State::waiting, Service::dhcp));
  ip("address add 192.168.200.1/24 dev br0");
  EXPECT_TRUE(run_until([this] { return bound(Service::dhcp); }));
}

// Ports that are taken.

struct Taken {
  std::string name;
  Rival rival;
  Service service;
  State state;
  bool serving;
  const char* holder;  // its address; null: no conflict
};

const Taken taken[] = {
    {"DnsWildcardWithoutSharing", {SOCK_DGRAM}, Service::dns, State::conflict, false, "0.0.0.0"},
    {"DnsWildcardThatShares",
     {SOCK_DGRAM, "0.0.0.0", 53, true},
     Service::dns,
     State::bound,
     true,
     nullptr},
    {"DnsOurAddress", {SOCK_DGRAM, our_address}, Service::dns, State::conflict, false, our_address},
    {"DnsOurAddressThatShares",
     {SOCK_DGRAM, our_address, 53, true},
     Service::dns,
     State::conflict,
     false,
     our_address},
    {"DnsLoopback", {SOCK_DGRAM, "127.0.0.53"}, Service::dns, State::bound, true, nullptr},
    {"DnsTcpWildcard",
     {SOCK_STREAM, "0.0.0.0", 53, true},
     Service::dns,
     State::conflict,
     true,
     "0.0.0.0"},
    {"DnsTcpOurAddress",
     {SOCK_STREAM, our_address, 53, true},
     Service::dns,
     State::conflict,
     true,
     our_address},
    {"DhcpWildcardWithoutSharing",
     {SOCK_DGRAM, "0.0.0.0", 67},
     Service::dhcp,
     State::conflict,
     true,
     "0.0.0.0"},
    {"DhcpWildcardThatShares",
     {SOCK_DGRAM, "0.0.0.0", 67, true},
     Service::dhcp,
     State::bound,
     true,
     nullptr},
    {"DhcpOurAddressThatShares",
     {SOCK_DGRAM, our_address, 67, true},
     Service::dhcp,
     State::conflict,
     true,
     our_address},
    {"DhcpLoopbackWithoutSharing",
     {SOCK_DGRAM, "127.0.0.1", 67},
     Service::dhcp,
     State::conflict,
     true,
     "127.0.0.1"},
};

class BinderBesideARival : public Machine, public testing::WithParamInterface<Taken> {};

TEST_P(BinderBesideARival, NamesItAndRecovers) {
  const Taken& row = GetParam();
  make_bridge("br0", our_prefix);
  FileDescriptor rival = row.rival.bind();
  start({network(our_prefix)});
  if (!row.holder) {
    EXPECT_TRUE(run_until([this] { return all_open(); }));
    EXPECT_EQ(status(row.service).state, row.state);
    return;
  }
  ASSERT_TRUE(run_until([&] { return status(row.service).holder.has_value(); }));
  EXPECT_EQ(status(row.service).state, row.state);
  EXPECT_EQ(status(row.service).serving, row.serving);
  EXPECT_EQ(status(row.service).holder->pid, ::getpid());
  EXPECT_NE(std::string("test_binder_linux").find(status(row.service).holder->process),
            std::string::npos);
  EXPECT_EQ(net::to_string(status(row.service).holder->address), row.holder);

  rival = FileDescriptor();
  EXPECT_TRUE(run_until([this] { return all_open(); }));
  EXPECT_TRUE(bound(row.service));
  EXPECT_GT(binder->next_deadline(), now() + std::chrono::seconds{10}) << "still tried again";
}

INSTANTIATE_TEST_SUITE_P(Holders, BinderBesideARival, testing::ValuesIn(taken),
                         [](const auto& test) { return test.param.name; });

// As dnsmasq is: it binds beside us, whoever came first, and the kernel tells nobody.
TEST_F(BinderOnLinux, NamesWhoComesLaterToPortsThatAreShared) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  EXPECT_TRUE(status(Service::dhcp).notes.empty());
  const FileDescriptor broadcasts = Rival{SOCK_DGRAM, "0.0.0.0", 67, true}.bind();
  binder->on_timer(now() + std::chrono::seconds{30});
  ASSERT_TRUE(run_until([this] { return !status(Service::dhcp).notes.empty(); }));
  EXPECT_NE(status(Service::dhcp).notes[0].find("also holds 0.0.0.0:67"), std::string::npos);
  EXPECT_TRUE(bound(Service::dhcp));
  const FileDescriptor unicast = Rival{SOCK_DGRAM, our_address, 67, true}.bind();
  binder->on_timer(now() + std::chrono::minutes{1});
  EXPECT_TRUE(run_until([this] { return status(Service::dhcp).state == State::conflict; }));
  EXPECT_EQ(status(Service::dhcp).holder->pid, ::getpid());
}

TEST_F(BinderOnLinux, NeverRobsAHolderOfExactlyOurAddress) {
  make_bridge("br0", our_prefix);
  const FileDescriptor dns = Rival{SOCK_DGRAM, our_address, 53, true}.bind();
  const FileDescriptor dhcp = Rival{SOCK_DGRAM, our_address, 67, true}.bind();
  start({network(our_prefix)});
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(run_until([this] {
      return status(Service::dns).holder.has_value() && status(Service::dhcp).holder.has_value();
    }));
    send_to(our_address, 53);
    send_to(our_address, 67);
    ASSERT_EQ(heard(dns.number(), 1), 1);
    ASSERT_EQ(heard(dhcp.number(), 1), 1);
    ip("link add tap" + std::to_string(round) + " type bridge");  // each a reason to try again
    settle();
  }
}

TEST_F(BinderOnLinux, TakesItsOwnAddressBesideAWildcardHolderAndLeavesItTheRest) {
  make_bridge("br0", our_prefix);
  ip("address add 10.0.0.1/8 dev lo");
  const FileDescriptor rival = Rival{SOCK_DGRAM, "0.0.0.0", 53, true}.bind();
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  ASSERT_TRUE(run_until([this] { return !status(Service::dns).notes.empty(); }));
  EXPECT_NE(status(Service::dns).notes.front().find("also holds 0.0.0.0:53"), std::string::npos);
  send_to(our_address, 53);
  send_to("10.0.0.1", 53);
  EXPECT_EQ(heard(socket(Role::dns_udp), 1), 1);
  EXPECT_EQ(heard(rival.number(), 1), 1);
}

TEST_F(BinderOnLinux, AForgottenServerOnTheWildcardIsNoted) {
  make_bridge("br0", our_prefix);
  const FileDescriptor rival = Rival{SOCK_DGRAM, "0.0.0.0", 67, true}.bind();
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return !status(Service::dhcp).notes.empty(); }));
  EXPECT_NE(status(Service::dhcp).notes.front().find("also holds 0.0.0.0:67"), std::string::npos);
  EXPECT_TRUE(bound(Service::dhcp));
}

TEST_F(BinderOnLinux, OurTcpListenerLetsNobodyIn) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  const FileDescriptor rival(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(rival.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(53);
  EXPECT_NE(::bind(rival.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
}

TEST_F(BinderOnLinux, SaysWhatPrivilegeIsMissingBeforeThereIsALink) {
  constexpr uid_t nobody = 65534;
  ASSERT_EQ(::seteuid(nobody), 0);
  start({network(our_prefix)});
  EXPECT_EQ(refusals.size(), 5u);
  make_bridge("br0", our_prefix);
  settle();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(refusals.size(), 5u) << "said once";
}

TEST_F(BinderOnLinux, SaysWhatPrivilegeIsMissing) {
  constexpr uid_t nobody = 65534;
  make_bridge("br0", our_prefix);
  ASSERT_EQ(::seteuid(nobody), 0);
  start({network(our_prefix)});
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_EQ(refusals.size(), 5u);
  EXPECT_EQ(refusals.front().why,
            "0.0.0.0:67/udp: Permission denied: run berthd as root, or give it "
            "CAP_NET_BIND_SERVICE and CAP_NET_RAW");
  EXPECT_EQ(refusals.back().why,
            "192.168.200.1:53/tcp: Permission denied: run berthd as root, or give it "
            "CAP_NET_BIND_SERVICE and CAP_NET_RAW");
  EXPECT_EQ(opened, 0);
  EXPECT_TRUE(is_in(State::conflict, Service::dhcp));
}

// What the sockets are.

TEST_F(BinderOnLinux, TheLinkSocketHearsArpRepliesAlone) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  inject("br0-q", arp_frame(1));
  inject("br0-q", broadcast_frame());
  inject("br0-q", arp_frame(2));
  EXPECT_EQ(heard(socket(Role::link), 1), 1);
}

TEST_F(BinderOnLinux, TheBroadcastSocketHearsItsLinkAlone) {
  make_bridge("br0", our_prefix);
  make_bridge("br1", "10.0.0.1/8");
  start({network(our_prefix)});
  inject("br1-q", broadcast_frame());
  inject("br0-q", broadcast_frame());
  EXPECT_EQ(heard(socket(Role::dhcp_broadcast), 1), 1);
}

TEST_F(BinderOnLinux, SocketsDoNotBlockAndDoNotOutliveExec) {
  make_bridge("br0", our_prefix);
  start({network(our_prefix)});
  ASSERT_TRUE(run_until([this] { return all_open(); }));
  for (const Role role :
       {Role::dhcp_broadcast, Role::dhcp_unicast, Role::link, Role::dns_udp, Role::dns_tcp}) {
    EXPECT_NE(::fcntl(socket(role), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(socket(role), F_GETFD) & FD_CLOEXEC, 0);
  }
}

}  // namespace
}  // namespace berth::binder
