// What happened when: counts per interval, for a plot. The intervals grow with the run, so that
// there are never more than a few hundred, whatever its length. Allocates only when made. Not
// synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/berth/load/time.hpp"

namespace berth::load {

class Timeline {
 public:
  struct Interval {
    std::uint64_t started = 0;
    std::uint64_t completed = 0;
    Time slowest{};  // of those completed
  };

  Timeline() { intervals_.reserve(capacity); }

  // Where the first interval begins.
  void begin(Time at) noexcept {
    begin_ = at;
    intervals_.clear();
    length_ = least_length;
  }
  void started(Time at) noexcept { ++at_time(at).started; }
  void completed(Time at, Time latency) noexcept;

  Time length() const noexcept { return length_; }  // of each
  std::span<const Interval> intervals() const noexcept { return intervals_; }

 private:
  static constexpr std::size_t capacity = 400;
  static constexpr Time least_length = std::chrono::milliseconds(100);

  Interval& at_time(Time at) noexcept;

  Time begin_{};
  Time length_ = least_length;
  std::vector<Interval> intervals_;
};

}  // namespace berth::load
