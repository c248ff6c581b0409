// The model of Linux against the kernel that runs the tests: each script is played on real sockets
// and links, in a network namespace of its own. Where they disagree, the model is wrong.
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <string>

#include "protocol/net/frame.hpp"
#include "server/binder/file_descriptor.hpp"
#include "tests/server/binder/machine_linux.hpp"
#include "tests/server/binder/model/script.hpp"

namespace berth::binder::model {
namespace {

constexpr net::MacAddress neighbour = net::MacAddress::from_octets(2, 0, 0, 0, 0, 9);
constexpr std::uint16_t sentinel_port = 5354;

sockaddr_in name_of(net::Ipv4Address address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address.value);
  return name;
}

bool set(const FileDescriptor& socket, int level, int option, bool on) {
  const int value = on ? 1 : 0;
  return ::setsockopt(socket.number(), level, option, &value, sizeof value) == 0;
}

BindError error_of(int number) {
  if (number == EADDRINUSE) return BindError::address_in_use;
  if (number == EADDRNOTAVAIL) return BindError::address_not_available;
  return number == EACCES ? BindError::not_permitted : BindError::no_such_link;
}

bool is_readable(const FileDescriptor& socket, int milliseconds) {
  pollfd polled{socket.number(), POLLIN, 0};
  return ::poll(&polled, 1, milliseconds) == 1;
}

class RealKernel : public Machine,
                   public ScriptMachine,
                   public testing::WithParamInterface<ScriptCase> {
 public:
  void link(const std::string& name, net::Ipv4Prefix address) override {
    make_bridge(name, net::to_string(address));
  }
  void unlink(const std::string& name) override {
    ip("link delete " + name);
    ip("link delete " + name + "-p");
  }

  expected<std::uint64_t, BindError> bind(const std::string& name, Socket wanted,
                                          const std::string& device) override {
    const bool is_tcp = wanted.protocol == Protocol::tcp;
    EXPECT_EQ(::seteuid(wanted.uid), 0);  // a socket belongs to whoever makes it
    FileDescriptor socket(
        ::socket(AF_INET, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::seteuid(0), 0);
    EXPECT_TRUE(set(socket, SOL_SOCKET, SO_REUSEADDR, wanted.reuse_address));
    EXPECT_TRUE(set(socket, SOL_SOCKET, SO_REUSEPORT, wanted.reuse_port));
    EXPECT_TRUE(set(socket, IPPROTO_IP, IP_FREEBIND, wanted.free_bind));
    if (!device.empty()) bind_to(socket, device);
    const sockaddr_in address = name_of(wanted.address, wanted.port);
    if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        (is_tcp && ::listen(socket.number(), 1) != 0))
      return unexpected(error_of(errno));
    sockets_[name] = std::move(socket);
    return std::uint64_t{0};
  }
  void device(const std::string& name, const std::string& device) override {
    bind_to(sockets_.at(name), device);
  }
  void close(const std::string& name) override { sockets_.erase(name); }

  // The second datagram says that the first has gone wherever it goes: one CPU, one queue.
  std::vector<std::string> send(net::Ipv4Address destination, const std::string& link) override {
    FileDescriptor sentinel(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_in address = name_of(net::Ipv4Address::any(), sentinel_port);
    EXPECT_EQ(
        ::bind(sentinel.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    inject(destination, script_port, link);
    inject(destination, sentinel_port, link);
    EXPECT_TRUE(is_readable(sentinel, 5000)) << "the link carries nothing";
    return take();
  }
  std::vector<std::string> connect(net::Ipv4Address destination) override {
    const FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = name_of(destination, script_port);
    const bool connected = ::connect(client.number(), reinterpret_cast<const sockaddr*>(&address),
                                     sizeof address) == 0;
    return connected ? take() : std::vector<std::string>{};
  }

 protected:
  void SetUp() override {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &here);
    ASSERT_EQ(::sched_setaffinity(0, sizeof here, &here), 0);
    Machine::SetUp();
  }
  void TearDown() override {
    sockets_.clear();
    Machine::TearDown();
  }

 private:
  static void bind_to(const FileDescriptor& socket, const std::string& device) {
    EXPECT_EQ(::setsockopt(socket.number(), SOL_SOCKET, SO_BINDTODEVICE, device.data(),
                           static_cast<socklen_t>(device.size())),
              0);
  }

  // Out of the far end of the bridge's port, as a virtual machine would.
  static void inject(net::Ipv4Address destination, std::uint16_t port, const std::string& link) {
    const FileDescriptor frames(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    ifreq request{};
    link.copy(request.ifr_name, IFNAMSIZ - 1);
    EXPECT_EQ(::ioctl(frames.number(), SIOCGIFHWADDR, &request), 0);
    const auto mac = net::MacAddress::from_bytes(
        std::as_bytes(std::span(request.ifr_hwaddr.sa_data, sizeof request.ifr_hwaddr.sa_data)));
    const bool is_group = destination.is_limited_broadcast() || (destination.value & 255) == 255;
    const net::UdpFrame frame{
        .source_mac = neighbour,
        .destination_mac = is_group ? net::MacAddress::broadcast() : mac,
        .source = {{destination.is_limited_broadcast() ? 0 : (destination.value & ~255u) | 9}, 68},
        .destination = {destination, port},
        .payload = {}};
    std::array<std::byte, 64> room;
    const auto octets = net::build_udp_frame(frame, room);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(::if_nametoindex((link + "-q").c_str()));
    EXPECT_EQ(::sendto(frames.number(), octets->data(), octets->size(), 0,
                       reinterpret_cast<const sockaddr*>(&address), sizeof address),
              static_cast<ssize_t>(octets->size()));
  }

  std::vector<std::string> take() {
    std::vector<std::string> reached;
    for (const auto& [name, socket] : sockets_) {
      std::array<char, 8> octets;
      if (!is_readable(socket, 0)) continue;
      reached.push_back(name);
      if (::recv(socket.number(), octets.data(), octets.size(), 0) < 0)  // a listener
        FileDescriptor(::accept(socket.number(), nullptr, nullptr));
    }
    return reached;
  }

  std::map<std::string, FileDescriptor> sockets_;
};

TEST_P(RealKernel, AgreesWithTheModel) {
  link("br0", *net::Ipv4Prefix::parse("192.168.200.1/24"));
  EXPECT_EQ(play(GetParam().script, *this), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(Facts, RealKernel, testing::ValuesIn(linux_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder::model
