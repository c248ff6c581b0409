// Messages on their way: what a workload writes, and what its carrier brings. An outbox has room
// for a batch, made once. Not synchronised.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

// From where to where. A socket or a connection is its port's and needs no more than what cannot be
// had from it; frames say everything.
struct Path {
  std::uint16_t port = 0;  // which socket, or which connection
  net::Endpoint source;
  net::Endpoint destination;
  net::MacAddress source_mac;
  net::MacAddress destination_mac;
};

// Valid until the next turn of whoever gave it.
struct Message {
  wire::Bytes octets;
  Path path;
  Time at{};  // of one that came: when the system had it
};

class Outbox {
 public:
  static constexpr std::size_t capacity = 64;
  static constexpr std::size_t slot_size = 1472;  // the UDP payload of an Ethernet frame

  Outbox() : octets_(std::make_unique<std::byte[]>(capacity * slot_size)) {}

  bool is_full() const noexcept { return size_ == capacity; }
  bool empty() const noexcept { return size_ == 0; }

  // Room for the next message, which commit() then adds. REQUIRES: !is_full()
  wire::MutableBytes room() noexcept {
    assert(!is_full());
    return {&octets_[size_ * slot_size], slot_size};
  }
  // REQUIRES: `octets` are at the front of room()
  void commit(wire::Bytes octets, const Path& path) noexcept {
    messages_[size_++] = {octets, path, {}};
  }

  std::span<const Message> messages() const noexcept { return std::span(messages_).first(size_); }
  void clear() noexcept { size_ = 0; }

 private:
  std::unique_ptr<std::byte[]> octets_;
  std::array<Message, capacity> messages_{};
  std::size_t size_ = 0;
};

}  // namespace berth::load
