#include "tools/berth/load/message_stream.hpp"

#include <algorithm>
#include <array>

namespace berth::load {

void MessageStream::add(wire::Bytes message) {
  std::array<std::byte, 2> length{};
  wire::store_u16(length, 0, static_cast<std::uint16_t>(message.size()));
  out_.insert(out_.end(), length.begin(), length.end());
  out_.insert(out_.end(), message.begin(), message.end());
}

void MessageStream::sent(std::size_t octets) noexcept {
  sent_ += octets;
  if (sent_ != out_.size()) return;
  out_.clear();
  sent_ = 0;
}

wire::MutableBytes MessageStream::room() {
  in_.resize(2 * most);
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_),
            in_.begin() + static_cast<std::ptrdiff_t>(in_end_), in_.begin());
  in_end_ -= in_begin_;
  in_begin_ = 0;
  return wire::MutableBytes(in_).subspan(in_end_);
}

std::optional<wire::Bytes> MessageStream::next() noexcept {
  const wire::Bytes waiting = wire::Bytes(in_).subspan(in_begin_, in_end_ - in_begin_);
  if (waiting.size() < 2) return std::nullopt;
  const std::size_t size = wire::load_u16(waiting, 0);
  if (waiting.size() < 2 + size) return std::nullopt;
  in_begin_ += 2 + size;
  return waiting.subspan(2, size);
}

void MessageStream::clear() noexcept {
  out_.clear();
  sent_ = in_begin_ = in_end_ = 0;
}

}  // namespace berth::load
