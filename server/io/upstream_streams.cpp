#include "server/io/upstream_streams.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "server/io/socket_name.hpp"

namespace berth::io {
namespace {

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// On its way to the server, or there already.
binder::FileDescriptor connect_to(const net::SocketAddress& to) noexcept {
  const SocketName server = socket_name(to);
  binder::FileDescriptor socket(::socket(server.family(), SOCK_STREAM, 0));
  if (!socket.is_open() || ::fcntl(socket.number(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(socket.number(), F_SETFD, FD_CLOEXEC) != 0)
    return {};
  if (::connect(socket.number(), server.get(), server.size) != 0 && errno != EINPROGRESS) return {};
  return socket;
}

}  // namespace

UpstreamStreams::UpstreamStreams(Readiness& readiness, std::uint32_t first_tag)
    : readiness_(readiness),
      first_tag_(first_tag),
      buffers_(std::make_unique_for_overwrite<std::byte[]>(dns::max_streams * buffer_size)) {}

wire::MutableBytes UpstreamStreams::buffer(const Stream& stream) noexcept {
  const auto index = static_cast<std::size_t>(&stream - streams_.data());
  return {&buffers_[index * buffer_size], buffer_size};
}

bool UpstreamStreams::start(dns::StreamId id, const net::SocketAddress& to,
                            wire::Bytes query) noexcept {
  const auto unused = std::ranges::find(streams_, Phase::unused, &Stream::phase);
  if (unused == streams_.end() || query.size() > 0xffff) return false;
  Stream& stream = *unused;
  stream.socket = connect_to(to);
  const auto tag = first_tag_ + static_cast<std::uint32_t>(unused - streams_.begin());
  if (!stream.socket.is_open() ||
      !readiness_.add(stream.socket.number(), tag, Readiness::For::writing)) {
    end(stream);
    return false;
  }
  wire::Writer writer(buffer(stream));
  writer.u16(static_cast<std::uint16_t>(query.size()));
  writer.bytes(query);
  stream.id = id;
  stream.phase = Phase::writing;
  stream.size = length_prefix + query.size();
  return true;
}

void UpstreamStreams::close(dns::StreamId id) noexcept {
  for (Stream& stream : streams_)
    if (stream.phase != Phase::unused && stream.id == id) end(stream);
}

bool UpstreamStreams::write(Stream& stream, std::uint32_t tag) noexcept {
  const wire::Bytes rest = buffer(stream).subspan(stream.done, stream.size - stream.done);
  const auto written = ::send(stream.socket.number(), rest.data(), rest.size(), 0);
  if (written < 0) return would_block(errno);
  stream.done += static_cast<std::size_t>(written);
  if (stream.done < stream.size) return true;
  stream.phase = Phase::reading;
  stream.size = length_prefix;
  stream.done = 0;
  return readiness_.read_now(stream.socket.number(), tag);
}

bool UpstreamStreams::read(Stream& stream) noexcept {
  const wire::MutableBytes room = buffer(stream);
  const auto got = ::recv(stream.socket.number(), &room[stream.done], stream.size - stream.done, 0);
  if (got < 0) return would_block(errno);
  if (got == 0) return false;
  stream.done += static_cast<std::size_t>(got);
  if (stream.done == length_prefix && stream.size == length_prefix) {
    const std::size_t length = wire::load_u16(room, 0);
    stream.size += length;
    return length != 0;
  }
  return true;
}

std::optional<UpstreamStreams::Ended> UpstreamStreams::on_ready(std::uint32_t tag) noexcept {
  Stream& stream = streams_[tag - first_tag_];
  bool is_well = false;
  switch (stream.phase) {
    case Phase::unused: return std::nullopt;
    case Phase::writing: is_well = write(stream, tag); break;
    case Phase::reading: is_well = read(stream); break;
  }
  const dns::StreamId id = stream.id;
  if (!is_well) {
    end(stream);
    return Ended{.id = id, .message = std::nullopt};
  }
  if (stream.phase != Phase::reading || stream.size == length_prefix || stream.done < stream.size)
    return std::nullopt;
  const wire::Bytes message = buffer(stream).subspan(length_prefix, stream.size - length_prefix);
  end(stream);
  return Ended{.id = id, .message = message};
}

}  // namespace berth::io
