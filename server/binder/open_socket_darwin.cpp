#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "server/binder/bpf_darwin.hpp"
#include "server/binder/open_socket.hpp"

namespace berth::binder {
namespace {

constexpr std::uint16_t first_unprivileged_port = 1024;

bool set(int socket, int level, int name, int value) noexcept {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

// Small receive buffers are macOS's default; a burst (a cluster that boots) should wait in ours. As
// much as the system allows.
void ask_for_room(int socket) noexcept {
  constexpr int wished = 2 << 20;
  set(socket, SOL_SOCKET, SO_RCVBUF, wished);
  set(socket, SOL_SOCKET, SO_SNDBUF, wished);
}

// SO_REUSEPORT is never among them: see darwin_recipes.
bool set_options(int socket, const SocketSpec& spec) noexcept {
  const auto wants = [&spec](SocketOption option) { return spec.options.contains(option); };
  if (!set(socket, SOL_SOCKET, SO_NOSIGPIPE, 1)) return false;
  if (wants(SocketOption::reuse_address) && !set(socket, SOL_SOCKET, SO_REUSEADDR, 1)) return false;
  if (wants(SocketOption::broadcast) && !set(socket, SOL_SOCKET, SO_BROADCAST, 1)) return false;
  if (wants(SocketOption::ipv6_only) && !set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return false;
  if (wants(SocketOption::packet_info) && !set(socket, IPPROTO_IP, IP_RECVPKTINFO, 1)) return false;
  return !wants(SocketOption::send_by_link) ||
         set(socket, IPPROTO_IP, IP_BOUND_IF, static_cast<int>(spec.link_index));
}

bool is_tcp(Role role) noexcept { return role == Role::dns_tcp || role == Role::dns_tcp_ipv6; }

bool bind_to_link_local(int socket, const SocketSpec& spec) noexcept {
  sockaddr_in6 address{};
  address.sin6_len = sizeof address;
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(spec.port);
  address.sin6_scope_id = spec.link_index;
  std::memcpy(&address.sin6_addr, spec.link_local->octets.data(), sizeof address.sin6_addr);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool bind_to(int socket, const SocketSpec& spec) noexcept {
  if (spec.link_local) return bind_to_link_local(socket, spec);
  sockaddr_in address{};
  address.sin_len = sizeof address;
  address.sin_family = AF_INET;
  address.sin_port = htons(spec.port);
  address.sin_addr.s_addr = htonl(spec.address.value);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool never_wait(int descriptor) noexcept {
  return ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
         ::fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0;
}

bool prepare(int socket, const SocketSpec& spec) noexcept {
  constexpr int backlog = 1024;
  constexpr int guard_buffer = 4096;  // what it hears is thrown away
  if (!never_wait(socket) || !set_options(socket, spec)) return false;
  if (spec.role == Role::dhcp_guard) {
    set(socket, SOL_SOCKET, SO_RCVBUF, guard_buffer);
  } else if (!is_tcp(spec.role)) {
    ask_for_room(socket);
  }
  return bind_to(socket, spec) && (!is_tcp(spec.role) || ::listen(socket, backlog) == 0);
}

bool is_frames(Role role) noexcept { return role == Role::dhcp_tap || role == Role::link; }

// The first device that nobody else has open; the system makes another when all are taken.
FileDescriptor open_bpf() noexcept {
  constexpr int devices = 256;
  for (int number = 0; number < devices; ++number) {
    const std::string path = "/dev/bpf" + std::to_string(number);
    FileDescriptor device(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (device.is_open() || errno != EBUSY) return device;
  }
  return {};
}

bool request(int device, unsigned long what, std::uint32_t value) noexcept {
  return ::ioctl(device, what, &value) == 0;
}

bool attach(int device, const SocketSpec& spec) noexcept {
  bpf::InterfaceRequest interface;
  static_assert(sizeof interface.name == IF_NAMESIZE);
  if (::if_indextoname(spec.link_index, interface.name) == nullptr) return false;
  return request(device, bpf::set_buffer_size, bpf::buffer_size) &&
         ::ioctl(device, bpf::set_interface, &interface) == 0 &&
         request(device, bpf::set_immediate, 1) && request(device, bpf::set_header_complete, 1) &&
         request(device, bpf::set_see_sent, spec.role == Role::dhcp_tap ? 1 : 0);
}

// Throws away what has been heard before it was there.
bool hear_only(int device, std::span<const FilterInstruction> instructions) noexcept {
  const bpf::Program program{static_cast<std::uint32_t>(instructions.size()), instructions.data()};
  return ::ioctl(device, bpf::set_filter, &program) == 0;
}

bool prepare_frames(int device, const SocketSpec& spec) noexcept {
  if (!attach(device, spec)) return false;
  return spec.role == Role::link ? hear_only(device, arp_reply_filter)
                                 : hear_only(device, dhcp_filter(spec.port));
}

OpenError error_of(int number) noexcept {
  switch (number) {
    case EADDRINUSE: return OpenError::address_in_use;
    case EACCES:
    case EPERM: return OpenError::not_permitted;
    case EADDRNOTAVAIL:  // of IPv6 also while the system looks whether it is unique (RFC 4862 5.4)
    case ENXIO:
    case ENETDOWN: return OpenError::vanished;
    default: return OpenError::failed;
  }
}

std::string address_text(const SocketSpec& spec) {
  return spec.link_local ? std::string("[") + net::to_string(*spec.link_local) + "]"
                         : net::to_string(spec.address);
}

OpenFailure failure_of(const SocketSpec& spec, int number) {
  const std::string what = is_frames(spec.role)
                               ? std::string("/dev/bpf")
                               : address_text(spec) + ":" + std::to_string(spec.port) +
                                     (is_tcp(spec.role) ? "/tcp" : "/udp");
  OpenFailure failure{error_of(number), what + ": " + std::generic_category().message(number)};
  if (failure.error == OpenError::not_permitted) failure.text += ": run berthd as root";
  return failure;
}

}  // namespace

const System& this_system() noexcept { return darwin_system; }

expected<FileDescriptor, OpenFailure> open_socket(const SocketSpec& spec) {
  if (is_frames(spec.role)) {
    FileDescriptor device = open_bpf();
    if (!device.is_open() || !prepare_frames(device.number(), spec))
      return unexpected(failure_of(spec, errno));
    return device;
  }
  const int type = is_tcp(spec.role) ? SOCK_STREAM : SOCK_DGRAM;
  FileDescriptor socket(::socket(spec.link_local ? AF_INET6 : AF_INET, type, 0));
  if (!socket.is_open() || !prepare(socket.number(), spec))
    return unexpected(failure_of(spec, errno));
  return socket;
}

// No recipe asks for it: the last socket bound to an address gets all that comes there.
expected<std::vector<FileDescriptor>, OpenFailure> open_more(const FileDescriptor&,
                                                             const SocketSpec&) {
  return std::vector<FileDescriptor>();
}

// Nothing is bound to find out, not for a moment: whatever address it was, it could cost the
// system's own servers theirs. Anybody may bind a low port, but only on the wildcard.
std::optional<OpenFailure> missing_privilege(const Recipe& recipe, std::uint16_t port) {
  SocketSpec spec;
  spec.role = recipe.role;
  spec.port = port;
  if (is_frames(recipe.role)) {
    if (open_bpf().is_open() || error_of(errno) != OpenError::not_permitted) return std::nullopt;
  } else if (port >= first_unprivileged_port || ::geteuid() == 0) {
    return std::nullopt;
  }
  return failure_of(spec, EACCES);
}

}  // namespace berth::binder
