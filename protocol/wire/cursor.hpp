// Octets and the two cursors over them. Everything that reads or writes wire formats goes through
// here; no other file converts byte order. A cursor's failure is sticky: after the first read or
// write that does not fit, every read gives zero and every write does nothing, so that composing is
// a straight line and the caller checks ok() once. Values, no ownership, nothing allocates.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace berth::wire {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// The octets of a text, borrowed.
inline Bytes bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }

// A borrowed text over octets.
inline std::string_view text_of(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Big-endian loads. REQUIRES: the octets lie inside `bytes`.
constexpr std::uint8_t load_u8(Bytes bytes, std::size_t at) noexcept {
  assert(at < bytes.size());
  return std::to_integer<std::uint8_t>(bytes[at]);
}
constexpr std::uint16_t load_u16(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>((load_u8(bytes, at) << 8) | load_u8(bytes, at + 1));
}
constexpr std::uint32_t load_u32(Bytes bytes, std::size_t at) noexcept {
  return (std::uint32_t{load_u16(bytes, at)} << 16) | load_u16(bytes, at + 2);
}

// Big-endian stores. REQUIRES: the octets lie inside `bytes`.
constexpr void store_u8(MutableBytes bytes, std::size_t at, std::uint8_t value) noexcept {
  assert(at < bytes.size());
  bytes[at] = std::byte{value};
}
constexpr void store_u16(MutableBytes bytes, std::size_t at, std::uint16_t value) noexcept {
  store_u8(bytes, at, static_cast<std::uint8_t>(value >> 8));
  store_u8(bytes, at + 1, static_cast<std::uint8_t>(value));
}
constexpr void store_u32(MutableBytes bytes, std::size_t at, std::uint32_t value) noexcept {
  store_u16(bytes, at, static_cast<std::uint16_t>(value >> 16));
  store_u16(bytes, at + 2, static_cast<std::uint16_t>(value));
}

// Copies at compile time too, where memcpy may not.
// REQUIRES: to.size() >= from.size(); the two do not overlap.
constexpr void copy(Bytes from, MutableBytes to) noexcept {
  assert(to.size() >= from.size());
  if (std::is_constant_evaluated()) {
    std::copy(from.begin(), from.end(), to.begin());
  } else if (!from.empty()) {
    std::memcpy(to.data(), from.data(), from.size());
  }
}

constexpr bool equal(Bytes left, Bytes right) noexcept {
  if (left.size() != right.size()) return false;
  if (std::is_constant_evaluated()) return std::ranges::equal(left, right);
  return left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0;
}

class Reader {
 public:
  constexpr explicit Reader(Bytes bytes) noexcept : bytes_(bytes) {}

  constexpr std::uint8_t u8() noexcept { return take(1) ? load_u8(bytes_, at_ - 1) : 0; }
  constexpr std::uint16_t u16() noexcept { return take(2) ? load_u16(bytes_, at_ - 2) : 0; }
  constexpr std::uint32_t u32() noexcept { return take(4) ? load_u32(bytes_, at_ - 4) : 0; }

  // The next `count` octets, borrowed; empty when there are fewer.
  constexpr Bytes bytes(std::size_t count) noexcept {
    return take(count) ? bytes_.subspan(at_ - count, count) : Bytes{};
  }
  constexpr void skip(std::size_t count) noexcept { take(count); }

  constexpr bool ok() const noexcept { return ok_; }
  constexpr std::size_t position() const noexcept { return at_; }
  constexpr std::size_t remaining() const noexcept { return bytes_.size() - at_; }
  constexpr Bytes rest() const noexcept { return bytes_.subspan(at_); }

 private:
  constexpr bool take(std::size_t count) noexcept {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      at_ = bytes_.size();
      return false;
    }
    at_ += count;
    return true;
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

class Writer {
 public:
  constexpr explicit Writer(MutableBytes out) noexcept : out_(out) {}

  constexpr void u8(std::uint8_t value) noexcept {
    if (room(1)) store_u8(out_, at_ - 1, value);
  }
  constexpr void u16(std::uint16_t value) noexcept {
    if (room(2)) store_u16(out_, at_ - 2, value);
  }
  constexpr void u32(std::uint32_t value) noexcept {
    if (room(4)) store_u32(out_, at_ - 4, value);
  }
  constexpr void bytes(Bytes value) noexcept {
    if (room(value.size())) copy(value, out_.subspan(at_ - value.size()));
  }
  constexpr void zeros(std::size_t count) noexcept {
    if (room(count))
      std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(at_ - count), count, std::byte{0});
  }

  constexpr bool ok() const noexcept { return ok_; }
  constexpr void fail() noexcept { ok_ = false; }
  constexpr std::size_t size() const noexcept { return at_; }
  constexpr std::size_t room() const noexcept { return ok_ ? out_.size() - at_ : 0; }
  constexpr MutableBytes written() const noexcept { return out_.first(at_); }

  // Forgets what was written after `size` octets, and a failure since.
  // REQUIRES: size <= this->size()
  constexpr void rollback(std::size_t size) noexcept {
    assert(size <= at_);
    at_ = size;
    ok_ = true;
  }

 private:
  constexpr bool room(std::size_t count) noexcept {
    if (!ok_ || count > out_.size() - at_) {
      ok_ = false;
      return false;
    }
    at_ += count;
    return true;
  }

  MutableBytes out_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace berth::wire
