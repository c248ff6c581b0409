// The time of a run, from the clock that nobody sets, and what the kernel's stamps on datagrams
// mean in it. Thread-safe but for refresh().
#pragma once

#include <chrono>

#include "tools/berth/load/time.hpp"

namespace berth::load {

class Clock {
 public:
  Clock() : begin_(std::chrono::steady_clock::now()) { refresh(); }

  Time now() const noexcept { return std::chrono::steady_clock::now() - begin_; }

  // A moment of the system's wall clock.
  Time of_wall_clock(std::chrono::nanoseconds since_epoch) const noexcept {
    return since_epoch - offset_;
  }

  // Compares the two clocks anew: somebody may set the other. The shortest of a few looks is right.
  void refresh() noexcept {
    Time shortest = Time::max();
    for (int look = 0; look < 5; ++look) {
      const Time before = now();
      const Time wall = std::chrono::system_clock::now().time_since_epoch();
      const Time took = now() - before;
      if (took >= shortest) continue;
      shortest = took;
      offset_ = wall - before - took / 2;
    }
  }

 private:
  std::chrono::steady_clock::time_point begin_;
  Time offset_{};
};

}  // namespace berth::load
