#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

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

// ARP replies (RFC 826: opcode 2) and nothing else, each in full.
bool hear_only_arp_replies(int socket) noexcept {
  constexpr std::uint32_t ethertype_at = 12;
  constexpr std::uint32_t opcode_at = 14 + 6;
  constexpr std::uint32_t reply = 2;
  constexpr std::uint32_t all_octets = 0x40000;
  std::array<sock_filter, 6> program{{
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ethertype_at),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 3),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, opcode_at),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, reply, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, all_octets),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  const sock_fprog filter{program.size(), program.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

bool bind_to_link(int socket, const SocketSpec& spec) noexcept {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ARP);
  address.sll_ifindex = static_cast<int>(spec.link_index);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// A packet socket of protocol 0 hears nothing: the filter is in place before the first frame.
FileDescriptor make_socket(Role role) noexcept {
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  if (role == Role::link) return FileDescriptor(::socket(AF_PACKET, SOCK_RAW | flags, 0));
  const int type = role == Role::dns_tcp ? SOCK_STREAM : SOCK_DGRAM;
  return FileDescriptor(::socket(AF_INET, type | flags, 0));
}

bool prepare(int socket, const SocketSpec& spec) noexcept {
  constexpr int backlog = 1024;
  switch (spec.role) {
    case Role::link: return hear_only_arp_replies(socket) && bind_to_link(socket, spec);
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
  const std::string what = spec.role == Role::link
                               ? std::string("a packet socket")
                               : net::to_string(spec.address) + ":" + std::to_string(spec.port) +
                                     (spec.role == Role::dns_tcp ? "/tcp" : "/udp");
  OpenFailure failure{error_of(number), what + ": " + std::generic_category().message(number)};
  if (failure.error == OpenError::not_permitted)
    failure.text += ": run berthd as root, or give it CAP_NET_BIND_SERVICE and CAP_NET_RAW";
  return failure;
}

}  // namespace

std::span<const Recipe> system_recipes() noexcept { return linux_recipes; }

expected<FileDescriptor, OpenFailure> open_socket(const SocketSpec& spec) {
  FileDescriptor socket = make_socket(spec.role);
  if (!socket.is_open() || !prepare(socket.number(), spec))
    return unexpected(failure_of(spec, errno));
  return socket;
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
