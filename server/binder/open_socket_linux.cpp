#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "server/binder/frame_filter.hpp"
#include "server/binder/open_socket.hpp"

namespace berth::binder {
namespace {

struct SystemOption {
  SocketOption option;
  int level;
  int name;
};

// bind_to_device is not a flag and stands apart.
constexpr std::array flag_options{
    SystemOption{SocketOption::reuse_address, SOL_SOCKET, SO_REUSEADDR},
    SystemOption{SocketOption::free_bind, IPPROTO_IP, IP_FREEBIND},
    SystemOption{SocketOption::broadcast, SOL_SOCKET, SO_BROADCAST},
    SystemOption{SocketOption::packet_info, IPPROTO_IP, IP_PKTINFO},
    SystemOption{SocketOption::drop_count, SOL_SOCKET, SO_RXQ_OVFL},
};

bool is_frames(Role role) noexcept { return role == Role::link || role == Role::dhcp_tap; }

bool set(int socket, int level, int name, int value) noexcept {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

// A burst (a cluster that boots) should wait in the socket. What is sent to neighbours that do not
// answer ARP waits there for three seconds, up to 208 KiB for each of them (unres_qlen_bytes), and
// when it has filled the buffer nobody gets a reply: hence room for some 600 of them, which takes
// memory only while somebody forges so many. Beyond the system's limit only with CAP_NET_ADMIN, and
// as much as is allowed without.
void ask_for_room(int socket) noexcept {
  constexpr int wished_to_receive = 4 << 20;
  constexpr int wished_to_send = 64 << 20;  // the kernel doubles it
  if (!set(socket, SOL_SOCKET, SO_RCVBUFFORCE, wished_to_receive))
    set(socket, SOL_SOCKET, SO_RCVBUF, wished_to_receive);
  if (!set(socket, SOL_SOCKET, SO_SNDBUFFORCE, wished_to_send))
    set(socket, SOL_SOCKET, SO_SNDBUF, wished_to_send);
}

bool set_options(int socket, const SocketSpec& spec) noexcept {
  for (const SystemOption& one : flag_options)
    if (spec.options.contains(one.option) && !set(socket, one.level, one.name, 1)) return false;
  // By index: a name may have passed to another link since it was reported.
  return !spec.options.contains(SocketOption::bind_to_device) ||
         set(socket, SOL_SOCKET, SO_BINDTOIFINDEX, static_cast<int>(spec.link_index));
}

bool bind_to(int socket, const SocketSpec& spec) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(spec.port);
  address.sin_addr.s_addr = htonl(spec.address.value);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

template <std::size_t Size>
bool hear_only(int socket, const std::array<FilterInstruction, Size>& instructions) noexcept {
  auto program = std::bit_cast<std::array<sock_filter, Size>>(instructions);
  const sock_fprog filter{Size, program.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

// Of every protocol, as many of them as the filter lets through.
bool bind_to_link(int socket, const SocketSpec& spec) noexcept {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(spec.link_index);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// A tag of a VLAN is told apart from the frame: that is another link.
bool tell_facts(int socket) noexcept { return set(socket, SOL_PACKET, PACKET_AUXDATA, 1); }

// Without what this host sends, where the kernel can leave it out (4.20): our own replies wake
// nobody, and another server of this host is found by its socket.
bool prepare_link(int socket, const SocketSpec& spec) noexcept {
  constexpr std::uint16_t client_port = 68;
  set(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  return hear_only(socket, arp_and_dhcp_reply_filter(spec.port, client_port)) &&
         tell_facts(socket) && bind_to_link(socket, spec);
}

// With what this host sends.
bool prepare_tap(int socket, const SocketSpec& spec) noexcept {
  // What the kernel charges, at least, for a frame as long as one of DHCP is; and it takes twice
  // the number that it is given.
  constexpr int least_charge = 768;
  set(socket, SOL_SOCKET, SO_RCVBUF, static_cast<int>(tap_frames) * least_charge / 2);
  return hear_only(socket, dhcp_filter(spec.port)) && tell_facts(socket) &&
         set(socket, SOL_SOCKET, SO_RXQ_OVFL, 1) && bind_to_link(socket, spec);
}

// A packet socket of protocol 0 hears nothing: the filter is in place before the first frame.
FileDescriptor make_socket(Role role) noexcept {
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  if (is_frames(role)) return FileDescriptor(::socket(AF_PACKET, SOCK_RAW | flags, 0));
  const int type = role == Role::dns_tcp ? SOCK_STREAM : SOCK_DGRAM;
  return FileDescriptor(::socket(AF_INET, type | flags, 0));
}

bool prepare(int socket, const SocketSpec& spec) noexcept {
  constexpr int backlog = 1024;
  switch (spec.role) {
    case Role::link: return prepare_link(socket, spec);
    case Role::dhcp_tap: return prepare_tap(socket, spec);
    case Role::dns_tcp:
      return set_options(socket, spec) && bind_to(socket, spec) && ::listen(socket, backlog) == 0;
    default: ask_for_room(socket); return set_options(socket, spec) && bind_to(socket, spec);
  }
}

OpenError error_of(int number) noexcept {
  switch (number) {
    case EADDRINUSE: return OpenError::address_in_use;
    case EACCES:
    case EPERM: return OpenError::not_permitted;
    case EADDRNOTAVAIL:
    case ENODEV:
    case ENXIO:
    case ENETDOWN: return OpenError::vanished;
    default: return OpenError::failed;
  }
}

OpenFailure failure_of(const SocketSpec& spec, int number) {
  const std::string what = is_frames(spec.role)
                               ? std::string("a packet socket")
                               : net::to_string(spec.address) + ":" + std::to_string(spec.port) +
                                     (spec.role == Role::dns_tcp ? "/tcp" : "/udp");
  OpenFailure failure{error_of(number), what + ": " + std::generic_category().message(number)};
  if (failure.error == OpenError::not_permitted)
    failure.text += ": run berthd as root, or give it CAP_NET_BIND_SERVICE and CAP_NET_RAW";
  return failure;
}

}  // namespace

const System& this_system() noexcept { return linux_system; }

expected<FileDescriptor, OpenFailure> open_socket(const SocketSpec& spec) {
  FileDescriptor socket = make_socket(spec.role);
  if (!socket.is_open() || !prepare(socket.number(), spec))
    return unexpected(failure_of(spec, errno));
  return socket;
}

expected<std::vector<FileDescriptor>, OpenFailure> open_more(const FileDescriptor& first,
                                                             const SocketSpec& spec) {
  std::vector<FileDescriptor> more;
  if (!set(first.number(), SOL_SOCKET, SO_REUSEPORT, 1)) return unexpected(failure_of(spec, errno));
  while (more.size() + 1 < spec.sockets) {
    FileDescriptor socket = make_socket(spec.role);
    if (!socket.is_open() || !set(socket.number(), SOL_SOCKET, SO_REUSEPORT, 1) ||
        !prepare(socket.number(), spec))
      return unexpected(failure_of(spec, errno));
    more.push_back(std::move(socket));
  }
  return more;
}

// A socket bound to the loopback interface hears none of what clients send to the port.
std::optional<OpenFailure> missing_privilege(const Recipe& recipe, std::uint16_t port) {
  SocketSpec spec;
  spec.role = recipe.role;
  spec.port = port;
  spec.link_index = ::if_nametoindex("lo");
  spec.options = {SocketOption::reuse_address, SocketOption::bind_to_device};
  const auto socket = open_socket(spec);
  if (socket || socket.error().error != OpenError::not_permitted) return std::nullopt;
  return socket.error();
}

}  // namespace berth::binder
