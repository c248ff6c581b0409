// The one time of the server. Nothing below the event loop reads a clock; it is told.
#pragma once

#include <chrono>

namespace berth {

// Monotonic, and counting while the machine sleeps (CLOCK_BOOTTIME on Linux); the epoch is the
// caller's.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

}  // namespace berth
