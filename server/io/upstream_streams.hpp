// The TCP connections on which one thread asks other servers, for answers that do not fit a
// datagram: one question and one answer each, so many at a time. Whoever owns it knows the time and
// closes what takes too long. One thread at a time; nothing allocates after construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/net/socket_address.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/dns/forwarder.hpp"
#include "server/io/readiness.hpp"

namespace berth::io {

class UpstreamStreams {
 public:
  // The tags of these sockets are `first_tag` and the dns::max_streams - 1 behind it. `readiness`
  // outlives it.
  UpstreamStreams(Readiness& readiness, std::uint32_t first_tag);

  // Connects, sends the query, and awaits the answer. False when that fails at once.
  // REQUIRES: fewer than dns::max_streams are open
  bool start(dns::StreamId id, const net::SocketAddress& to, wire::Bytes query) noexcept;
  void close(dns::StreamId id) noexcept;

  struct Ended {
    dns::StreamId id{};
    std::optional<wire::Bytes> message;  // none: it failed. Until the next call
  };
  // Goes on with what is ready; none: it is not at its end yet.
  std::optional<Ended> on_ready(std::uint32_t tag) noexcept;

 private:
  static constexpr std::size_t length_prefix = 2;  // RFC 1035 4.2.2
  static constexpr std::size_t buffer_size = length_prefix + 0xffff;

  enum class Phase : std::uint8_t { unused, writing, reading };
  struct Stream {
    binder::FileDescriptor socket;
    dns::StreamId id{};
    Phase phase = Phase::unused;
    std::size_t size = 0;  // of what is to be written or read, as far as it is known
    std::size_t done = 0;
  };

  wire::MutableBytes buffer(const Stream& stream) noexcept;
  // False when the connection has failed.
  bool write(Stream& stream, std::uint32_t tag) noexcept;
  bool read(Stream& stream) noexcept;
  void end(Stream& stream) noexcept { stream = {}; }

  Readiness& readiness_;
  std::uint32_t first_tag_;
  std::array<Stream, dns::max_streams> streams_;
  std::unique_ptr<std::byte[]> buffers_;  // touched only as far as it is used
};

}  // namespace berth::io
