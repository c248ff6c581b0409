// The fast lane of a reply: options side by side in a buffer, which then go into the message as one
// copy. It takes options as a ReplyBuilder does, but knows no overload and no limit but its own:
// when it is not ok(), or the message has no room for all of it, the ReplyBuilder itself must be
// given the options one by one. One reply each; not shared between threads.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

class OptionStage {
 public:
  void option(OptionCode code, wire::Bytes value) noexcept { option_if_room(code, value); }
  void option(OptionCode code, net::Ipv4Address value) noexcept { option(code, value.value); }
  void option(OptionCode code, std::uint32_t value) noexcept {
    if (!has_room(6)) return;
    start(code, 4);
    wire::store_u32(octets_, size_ + 2, value);
    size_ += 6;
  }
  bool option_if_room(OptionCode code, wire::Bytes value) noexcept {
    if (value.size() > 255) ok_ = false;  // needs pieces (RFC 3396)
    if (!has_room(2 + value.size())) return false;
    start(code, value.size());
    append(value, size_ + 2);
    size_ += 2 + value.size();
    return true;
  }
  bool encoded_options_if_room(wire::Bytes encoded) noexcept {
    if (!has_room(encoded.size())) return false;
    append(encoded, size_);
    size_ += encoded.size();
    return true;
  }

  bool ok() const noexcept { return ok_; }
  wire::Bytes octets() const noexcept { return wire::Bytes(octets_).first(size_); }

 private:
  bool has_room(std::size_t size) noexcept {
    if (octets_.size() - size_ < size) ok_ = false;
    return ok_;
  }

  void start(OptionCode code, std::size_t value_size) noexcept {
    wire::store_u8(octets_, size_, static_cast<std::uint8_t>(code));
    wire::store_u8(octets_, size_ + 1, static_cast<std::uint8_t>(value_size));
  }

  // Most options have 4 to 16 octets, for which two copies of fixed size, overlapping, take a
  // quarter of the time of one of any size.
  void append(wire::Bytes from, std::size_t at) noexcept {
    if (from.size() >= 8 && from.size() <= 16) {
      copy_ends<8>(from, at);
    } else if (from.size() >= 4 && from.size() < 8) {
      copy_ends<4>(from, at);
    } else {
      wire::copy(from, wire::MutableBytes(octets_).subspan(at));
    }
  }
  template <std::size_t size>
  void copy_ends(wire::Bytes from, std::size_t at) noexcept {
    std::array<std::byte, size> front;
    std::array<std::byte, size> back;
    std::memcpy(front.data(), from.data(), size);
    std::memcpy(back.data(), from.data() + from.size() - size, size);
    std::memcpy(octets_.data() + at, front.data(), size);
    std::memcpy(octets_.data() + at + from.size() - size, back.data(), size);
  }

  std::array<std::byte, 640> octets_;  // the first size_ count
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace berth::dhcp
