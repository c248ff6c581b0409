#include <malloc.h>

#include <ctime>

#include "server/io/host.hpp"

namespace berth::io {

TimePoint now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

void release_free_memory() noexcept { ::malloc_trim(0); }

}  // namespace berth::io
