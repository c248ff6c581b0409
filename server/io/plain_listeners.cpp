#include "server/io/plain_listeners.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "server/io/socket_name.hpp"

namespace berth::io {
namespace {

constexpr std::chrono::seconds pause{2};
constexpr int backlog = 256;

// Not open, with errno set, when the system refuses.
binder::FileDescriptor open(const net::SocketAddress& address, int type) noexcept {
  const SocketName name = socket_name(address);
  binder::FileDescriptor socket(::socket(name.family(), type, 0));
  if (!socket.is_open()) return socket;
  const int on = 1;
  if (name.family() == AF_INET6)
    ::setsockopt(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // For a port at which connections of before are still remembered; by UDP it would share.
  if (type == SOCK_STREAM) ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::fcntl(socket.number(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(socket.number(), F_SETFD, FD_CLOEXEC) != 0 ||
      ::bind(socket.number(), name.get(), name.size) != 0 ||
      (type == SOCK_STREAM && ::listen(socket.number(), backlog) != 0)) {
    const int failure = errno;
    socket = {};
    errno = failure;
  }
  return socket;
}

}  // namespace

bool is_own(const net::SocketAddress& ours, net::Ipv4Address source,
            const std::optional<net::Ipv6Address>& ipv6) noexcept {
  const net::IpAddress from = ipv6 ? net::IpAddress(*ipv6) : net::IpAddress(source);
  return net::is_loopback(from) || from == ours.address;
}

PlainListeners::PlainListeners(boost::asio::io_context& io, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), again_(io) {}

void PlainListeners::want(const std::vector<net::SocketAddress>& addresses) {
  std::erase_if(entries_, [&](const Entry& entry) {
    if (std::ranges::find(addresses, entry.address) != addresses.end()) return false;
    if (entry.is_open) callbacks_.closed(entry.address);
    return true;
  });
  for (const net::SocketAddress& address : addresses)
    if (std::ranges::find(entries_, address, &Entry::address) == entries_.end())
      entries_.push_back({.address = address});
  open_all();
}

void PlainListeners::open_all() {
  bool is_done = true;
  for (Entry& entry : entries_) {
    if (entry.is_open) continue;
    Sockets sockets{entry.address, open(entry.address, SOCK_DGRAM), {}};
    if (sockets.udp.is_open()) sockets.tcp = open(entry.address, SOCK_STREAM);
    if (sockets.tcp.is_open()) {
      entry.is_open = true;
      entry.has_failed = false;
      callbacks_.opened(std::move(sockets));
      continue;
    }
    const std::string why = std::generic_category().message(errno);
    is_done = false;
    if (!std::exchange(entry.has_failed, true)) callbacks_.failed(entry.address, why);
  }
  again_.cancel();
  if (is_done) return;
  again_.expires_after(pause);
  again_.async_wait([this](const boost::system::error_code& failure) {
    if (!failure) open_all();
  });
}

}  // namespace berth::io
