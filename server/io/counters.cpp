#include "server/io/counters.hpp"

namespace berth::io {
namespace {

template <std::size_t Size>
void add_each(std::array<Counter, Size>& sums, const std::array<Counter, Size>& parts) noexcept {
  for (std::size_t i = 0; i < Size; ++i) sums[i].add(parts[i].value());
}

}  // namespace

void ForwardCounters::add(const ForwardCounters& other) noexcept {
  add_each(events, other.events);
  pending.add(other.pending.value());
  cached.add(other.cached.value());
  cached_octets.add(other.cached_octets.value());
}

void DnsCounters::add(const DnsCounters& other) noexcept {
  received.add(other.received.value());
  oversized.add(other.oversized.value());
  add_each(replies, other.replies);
  add_each(drops, other.drops);
  truncated.add(other.truncated.value());
  waiting.add(other.waiting.value());
  undelivered.add(other.undelivered.value());
  send_failures.add(other.send_failures.value());
  receive_failures.add(other.receive_failures.value());
  kernel_drops.add(other.kernel_drops.value());
  evicted.add(other.evicted.value());
  expired.add(other.expired.value());
  unread.add(other.unread.value());
  forward.add(other.forward);
}

}  // namespace berth::io
