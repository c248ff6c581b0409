#include <libproc.h>
#include <netinet/in.h>
#include <sys/proc_info.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/binder/holders.hpp"
#include "server/binder/proc_net.hpp"

namespace berth::binder {
namespace {

// Lists of the system that grow while they are read: `fill` gets a buffer and its size in octets,
// and returns how much of it was filled.
template <class T, class Fill>
std::vector<T> list_of(Fill fill) {
  constexpr std::size_t largest = 1 << 20;
  for (std::size_t room = 256; room <= largest; room *= 2) {
    std::vector<T> list(room);
    const int filled = fill(list.data(), static_cast<int>(room * sizeof(T)));
    if (filled <= 0) return {};
    const std::size_t count = static_cast<std::size_t>(filled) / sizeof(T);
    if (count == room) continue;
    list.resize(count);
    return list;
  }
  return {};
}

const in_sockinfo* endpoint_of(const socket_info& socket, Protocol protocol) noexcept {
  if (protocol == Protocol::tcp) {
    const bool listens =
        socket.soi_kind == SOCKINFO_TCP && socket.soi_proto.pri_tcp.tcpsi_state == TSI_S_LISTEN;
    return listens ? &socket.soi_proto.pri_tcp.tcpsi_ini : nullptr;
  }
  const bool is_udp = socket.soi_kind == SOCKINFO_IN && socket.soi_protocol == IPPROTO_UDP;
  return is_udp ? &socket.soi_proto.pri_in : nullptr;
}

// The system writes a link's index into an address of the link.
net::Ipv6Address ipv6_of(const in6_addr& octets) noexcept {
  auto address = net::Ipv6Address::from_bytes(std::as_bytes(std::span(octets.s6_addr)));
  if (address.is_link_local()) address.octets[2] = address.octets[3] = std::byte{0};
  return address;
}

std::optional<Holder> holder_of(const socket_info& socket, Protocol protocol, std::uint16_t port) {
  const in_sockinfo* endpoint = endpoint_of(socket, protocol);
  if (endpoint == nullptr) return std::nullopt;
  if (ntohs(static_cast<std::uint16_t>(endpoint->insi_lport)) != port) return std::nullopt;
  Holder holder;
  if ((endpoint->insi_vflag & INI_IPV4) != 0) {
    holder.address = {ntohl(endpoint->insi_laddr.ina_46.i46a_addr4.s_addr)};
    holder.ipv6 = socket.soi_family == AF_INET6;
  } else {
    holder.ipv6_only = ipv6_of(endpoint->insi_laddr.ina_6);
  }
  holder.options = HolderOptions{.reuse_address = (socket.soi_options & SO_REUSEADDR) != 0,
                                 .reuse_port = (socket.soi_options & SO_REUSEPORT) != 0};
  return holder;
}

std::string process_name(pid_t pid) {
  std::array<char, 2 * MAXCOMLEN + 1> name{};
  const int size = ::proc_name(pid, name.data(), name.size() - 1);
  return process_of_comm(
      std::string_view(name.data(), static_cast<std::size_t>(std::max(size, 0))));
}

}  // namespace

// No socket of this process is in its own way, so that the system's numbers are not needed. What
// launchd holds shows as its own, whatever daemon it starts for it. Options come with the rest.
// There is no list of sockets but those of the processes, so that nothing can be known without
// asking them all.
std::vector<Holder> find_holders(const HolderQuestion& question, KnownHolders& /*known*/) {
  std::vector<Holder> holders;
  std::vector<std::uint64_t> sockets;  // of the holders: several processes can have one
  const auto pids = list_of<pid_t>(
      [](void* list, int size) { return ::proc_listpids(PROC_ALL_PIDS, 0, list, size); });
  for (const pid_t pid : pids) {
    if (pid == ::getpid()) continue;
    const auto descriptors = list_of<proc_fdinfo>([pid](void* list, int size) {
      return ::proc_pidinfo(pid, PROC_PIDLISTFDS, 0, list, size);
    });
    for (const proc_fdinfo& descriptor : descriptors) {
      if (descriptor.proc_fdtype != PROX_FDTYPE_SOCKET) continue;
      socket_fdinfo info{};
      if (::proc_pidfdinfo(pid, descriptor.proc_fd, PROC_PIDFDSOCKETINFO, &info, sizeof info) <
          static_cast<int>(sizeof info))
        continue;
      auto holder = holder_of(info.psi, question.protocol, question.port);
      if (!holder || std::ranges::find(sockets, info.psi.soi_so) != sockets.end()) continue;
      holder->pid = pid;
      holder->process = process_name(pid);
      sockets.push_back(info.psi.soi_so);
      holders.push_back(std::move(*holder));
    }
  }
  return holders;
}

}  // namespace berth::binder
