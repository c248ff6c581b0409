// The UDP sockets on which one thread asks other servers: for each server some, each of a random
// port and connected, so that the system drops what comes from elsewhere. They are opened as they
// are needed. One thread at a time; nothing allocates after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/net/socket_address.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/dns/forwarding.hpp"
#include "server/dns/random_numbers.hpp"
#include "server/io/readiness.hpp"

namespace berth::io {

class UpstreamSockets {
 public:
  struct Place {
    dns::UpstreamIndex server = 0;
    dns::SlotIndex slot = 0;
  };
  // Below it are the tags of these sockets.
  static constexpr std::uint32_t tag_count = dns::max_upstreams * dns::max_slots;
  static constexpr Place place_of(std::uint32_t tag) noexcept {
    return {static_cast<dns::UpstreamIndex>(tag / dns::max_slots),
            static_cast<dns::SlotIndex>(tag % dns::max_slots)};
  }

  // `readiness` outlives it.
  UpstreamSockets(Readiness& readiness, dns::RandomNumbers random);

  // Sends from the socket of that place, which is opened if there is none. False when the server
  // cannot be reached from here, or could not be the last time.
  bool send(Place from, const net::SocketAddress& to, wire::Bytes octets) noexcept;

  struct Received {
    wire::Bytes octets;        // until the next call
    bool unreachable = false;  // instead of octets: the system says that nobody is there
  };
  // None: there is nothing more.
  std::optional<Received> receive(Place at) noexcept;

  void close(Place at) noexcept { socket(at) = {}; }

 private:
  // More than any answer that we ask for by UDP; what is longer is cut, and so malformed.
  static constexpr std::size_t receive_size = 4096;

  binder::FileDescriptor& socket(Place at) noexcept {
    return sockets_[std::size_t{at.server} * dns::max_slots + at.slot];
  }
  binder::FileDescriptor open(Place place, const net::SocketAddress& to) noexcept;
  bool bind_somewhere(int socket, int family) noexcept;

  Readiness& readiness_;
  dns::RandomNumbers random_;
  std::unique_ptr<binder::FileDescriptor[]> sockets_;
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace berth::io
