// What makes two states of a world the same for an explorer: numbers in order, as one hash.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "server/time.hpp"

namespace berth::binder::model {

class Digest {
 public:
  explicit Digest(TimePoint now = {}) noexcept : now_(now) {}

  template <class Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void add(Number number) noexcept { hash_ = mixed(hash_ ^ static_cast<std::uint64_t>(number)); }
  // How long until then. All that is a minute away, or longer, is far.
  void add(const std::optional<TimePoint>& then) noexcept {
    constexpr std::chrono::milliseconds far{60'000};
    add(!then ? -1 : std::clamp((*then - now_).count(), std::int64_t{0}, far.count()));
  }

  std::uint64_t hash() const noexcept { return hash_; }

 private:
  // A bijection in which each bit of the input changes half of those of the output.
  static std::uint64_t mixed(std::uint64_t word) noexcept {
    word += 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
  }

  TimePoint now_;
  std::uint64_t hash_ = 0;
};

}  // namespace berth::binder::model
