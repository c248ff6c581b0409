#include "server/dhcp/bindings.hpp"

#include <algorithm>
#include <bit>

namespace berth::dhcp {

Bindings::Bindings(std::uint32_t slots, const Bindings* previous) {
  if (previous != nullptr) chunks_ = previous->chunks_;
  const std::size_t chunks = (std::size_t{slots} + chunk_size - 1) / chunk_size;
  chunks_.resize(std::min(chunks, chunks_.size()));
  chunks_.reserve(chunks);
  while (chunks_.size() < chunks) chunks_.push_back(std::make_shared<Chunk>());
  senders_.assign(std::bit_ceil(std::max<std::size_t>(64, std::size_t{slots} * 4)), nobody);
}

Binding* Bindings::note_sender(Binding& own, std::uint32_t slot, std::uint32_t& sender) noexcept {
  if (sender != nobody) {
    Binding& other = raw(sender);
    // Whoever sent it first stays on record, so that each clone is compared with the same host.
    if (other.client_id == own.client_id) return other.mac == own.mac ? nullptr : &other;
  }
  sender = slot;
  return nullptr;
}

}  // namespace berth::dhcp
