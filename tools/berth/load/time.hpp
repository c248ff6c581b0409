// Time as a load test counts it: nanoseconds since some moment before the test. The core is given
// the time with everything that happens, and reads no clock.
#pragma once

#include <chrono>
#include <cmath>

namespace berth::load {

using Time = std::chrono::nanoseconds;

constexpr double seconds_of(Time time) noexcept {
  return std::chrono::duration<double>(time).count();
}

inline Time time_of(double seconds) noexcept { return Time(std::llround(seconds * 1e9)); }

}  // namespace berth::load
