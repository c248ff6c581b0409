// Numbers that nobody can guess, for the ids and ports of queries (RFC 5452). They are drawn from
// whoever made this: the system's generator, or one that a test has seeded. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "protocol/wire/cursor.hpp"

namespace berth::dns {

class RandomNumbers {
 public:
  // Fills all of `out` with octets of a cryptographic generator. Must not fail.
  using Source = std::function<void(wire::MutableBytes out)>;

  explicit RandomNumbers(Source source) noexcept : source_(std::move(source)) {}

  std::uint16_t u16() noexcept {
    if (at_ == octets_.size()) {
      source_(octets_);
      at_ = 0;
    }
    const std::uint16_t drawn = wire::load_u16(octets_, at_);
    at_ += 2;
    return drawn;
  }
  // One of 0 to count - 1, each as likely as the others to within count in 65,536.
  // REQUIRES: count > 0
  std::uint16_t below(std::uint16_t count) noexcept {
    return static_cast<std::uint16_t>(std::uint32_t{u16()} * count >> 16);
  }

 private:
  Source source_;
  // Asking the system costs a call: these are for many numbers.
  std::array<std::byte, 256> octets_{};
  std::size_t at_ = octets_.size();
};

}  // namespace berth::dns
