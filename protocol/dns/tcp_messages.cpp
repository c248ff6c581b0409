#include "protocol/dns/tcp_messages.hpp"

#include <algorithm>

namespace berth::dns {
namespace {

constexpr std::size_t length_size = 2;

std::size_t size_of(wire::Bytes octets) noexcept {
  return octets.size() < length_size ? 0 : wire::load_u16(octets, 0);
}

}  // namespace

// What of the segment comes next. Sequence numbers wrap, so they are compared by difference (RFC
// 1982).
wire::Bytes TcpMessages::in_order(Stream& stream, const net::Packet& packet, Segment& segment) {
  const bool opens = (packet.tcp_flags & net::tcp_flag::syn) != 0;
  const std::uint32_t begin = packet.sequence + (opens ? 1 : 0);
  if (opens || !stream.has_begun) stream = {.has_begun = true, .next = begin, .kept = {}};
  wire::Bytes payload = packet.payload;
  const auto ahead = static_cast<std::int32_t>(begin - stream.next);
  if (ahead > 0 && !payload.empty()) {
    segment.is_behind_missing = true;
    stream = {.has_begun = true, .next = begin, .kept = {}};
  } else if (ahead < 0) {
    const auto known = static_cast<std::size_t>(-static_cast<std::int64_t>(ahead));
    payload = payload.subspan(std::min(known, payload.size()));
  }
  stream.next += static_cast<std::uint32_t>(payload.size());
  return payload;
}

TcpMessages::Segment TcpMessages::take(const net::Packet& packet) {
  const Flow flow{packet.source.value, packet.source_port, packet.destination.value,
                  packet.destination_port};
  Stream& stream = streams_[flow];
  Segment segment;
  const wire::Bytes payload = in_order(stream, packet, segment);
  stream.kept.insert(stream.kept.end(), payload.begin(), payload.end());
  if (!payload.empty()) ++stream.segments;

  wire::Bytes rest(stream.kept);
  while (rest.size() >= length_size && rest.size() >= length_size + size_of(rest)) {
    const wire::Bytes message = rest.subspan(length_size, size_of(rest));
    segment.messages.push_back({{message.begin(), message.end()}, stream.segments});
    rest = rest.subspan(length_size + message.size());
    stream.segments = 1;
  }
  stream.kept.erase(stream.kept.begin(),
                    stream.kept.end() - static_cast<std::ptrdiff_t>(rest.size()));
  if (stream.kept.empty()) stream.segments = 0;
  segment.unfinished = stream.kept.size();
  segment.unfinished_size = size_of(stream.kept);
  if ((packet.tcp_flags & (net::tcp_flag::fin | net::tcp_flag::rst)) != 0) streams_.erase(flow);
  return segment;
}

}  // namespace berth::dns
