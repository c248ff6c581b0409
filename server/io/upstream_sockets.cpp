#include "server/io/upstream_sockets.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "server/io/socket_name.hpp"

namespace berth::io {
namespace {

// RFC 6056 would have all from 1024 on; below these are the ports by which other programs are
// known.
constexpr std::uint16_t first_port = 16'384;
constexpr std::uint16_t port_count = 49'152;

// Full buffers lose a datagram as a network does: the query is sent again in its time.
bool is_loss(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == EINTR;
}

}  // namespace

UpstreamSockets::UpstreamSockets(Readiness& readiness, dns::RandomNumbers random)
    : readiness_(readiness),
      random_(std::move(random)),
      sockets_(std::make_unique<binder::FileDescriptor[]>(tag_count)),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(receive_size)) {}

bool UpstreamSockets::bind_somewhere(int socket, int family) noexcept {
  constexpr int tries = 16;
  for (int i = 0; i < tries; ++i) {
    const SocketName name =
        any_name(family, static_cast<std::uint16_t>(first_port + random_.below(port_count)));
    if (::bind(socket, name.get(), name.size) == 0) return true;
    if (errno != EADDRINUSE) return false;
  }
  return false;
}

binder::FileDescriptor UpstreamSockets::open(Place place, const net::SocketAddress& to) noexcept {
  const SocketName server = socket_name(to);
  binder::FileDescriptor socket(::socket(server.family(), SOCK_DGRAM, 0));
  if (!socket.is_open() || ::fcntl(socket.number(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(socket.number(), F_SETFD, FD_CLOEXEC) != 0 ||
      !bind_somewhere(socket.number(), server.family()) ||
      ::connect(socket.number(), server.get(), server.size) != 0)
    return {};
  const auto tag = static_cast<std::uint32_t>(place.server * dns::max_slots + place.slot);
  if (!readiness_.add(socket.number(), tag, Readiness::For::reading)) return {};
  return socket;
}

bool UpstreamSockets::send(Place from, const net::SocketAddress& to, wire::Bytes octets) noexcept {
  binder::FileDescriptor& at = socket(from);
  if (!at.is_open()) at = open(from, to);
  if (!at.is_open()) return false;
  return ::send(at.number(), octets.data(), octets.size(), 0) >= 0 || is_loss(errno);
}

std::optional<UpstreamSockets::Received> UpstreamSockets::receive(Place at) noexcept {
  const binder::FileDescriptor& from = socket(at);
  if (!from.is_open()) return std::nullopt;
  const auto size = ::recv(from.number(), buffer_.get(), receive_size, 0);
  if (size >= 0)
    return Received{.octets = wire::Bytes(buffer_.get(), static_cast<std::size_t>(size))};
  if (is_loss(errno)) return std::nullopt;
  return Received{.octets = {}, .unreachable = true};
}

}  // namespace berth::io
