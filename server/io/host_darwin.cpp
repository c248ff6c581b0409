#include <sys/resource.h>
#include <sys/syslimits.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "server/io/host.hpp"

namespace berth::io {

// Goes on while the machine sleeps, unlike CLOCK_UPTIME_RAW, and nobody can set it.
TimePoint now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

void fill_with_random_octets(wire::MutableBytes out) noexcept {
  ::arc4random_buf(out.data(), out.size());
}

// More than OPEN_MAX is refused, even where the limit says infinity.
void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, OPEN_MAX);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Large blocks go back to the system as they are freed.
void release_free_memory() noexcept {}

}  // namespace berth::io
