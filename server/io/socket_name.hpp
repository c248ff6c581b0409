// An address as the system's calls want it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "protocol/net/socket_address.hpp"

namespace berth::io {

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const noexcept { return storage.ss_family; }
};

// The interface of a link-local address is looked up: of one that does not exist the index is 0.
SocketName socket_name(const net::SocketAddress& address) noexcept;

// No address in particular, and this port.
SocketName any_name(int family, std::uint16_t port) noexcept;

}  // namespace berth::io
