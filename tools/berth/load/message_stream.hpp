// DNS messages in a stream of octets, both ways (RFC 1035 4.2.2, RFC 7766 8). Keeps what is not a
// whole message yet, and what the system has not taken. Not synchronised.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "protocol/wire/cursor.hpp"

namespace berth::load {

class MessageStream {
 public:
  // --- out ---
  void add(wire::Bytes message);
  wire::Bytes unsent() const noexcept { return wire::Bytes(out_).subspan(sent_); }
  void sent(std::size_t octets) noexcept;

  // --- in ---
  // Where received octets go; received() says how many there were. What next() gave is no more.
  wire::MutableBytes room();
  void received(std::size_t octets) noexcept { in_end_ += octets; }
  // The next whole message; none until more is received.
  std::optional<wire::Bytes> next() noexcept;

  void clear() noexcept;

 private:
  static constexpr std::size_t most = 2 + 65'535;

  std::vector<std::byte> out_;
  std::size_t sent_ = 0;
  std::vector<std::byte> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
};

}  // namespace berth::load
