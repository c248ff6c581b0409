#include "server/dhcp/bindings.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace berth::dhcp {

Bindings::Bindings(std::uint32_t slots, const Bindings* previous) {
  if (previous != nullptr) chunks_ = previous->chunks_;
  const std::size_t chunks = (std::size_t{slots} + chunk_size - 1) / chunk_size;
  chunks_.resize(std::min(chunks, chunks_.size()));
  chunks_.reserve(chunks);
  while (chunks_.size() < chunks) chunks_.push_back(std::make_shared<Chunk>());
  senders_.assign(std::bit_ceil(std::max<std::size_t>(64, std::size_t{slots} * 4)), nobody);
}

Binding* Bindings::note_client_id(std::uint32_t slot, std::uint64_t digest) noexcept {
  assert(digest != 0);
  Binding& own = raw(slot);
  own.client_id = digest;
  std::uint32_t& sender = senders_[digest & (senders_.size() - 1)];
  if (sender == slot) return nullptr;
  if (sender != nobody) {
    Binding& other = raw(sender);
    // Whoever sent it first stays on record, so that each clone is compared with the same host.
    if (other.client_id == digest) return other.mac == own.mac ? nullptr : &other;
  }
  sender = slot;
  return nullptr;
}

}  // namespace berth::dhcp
