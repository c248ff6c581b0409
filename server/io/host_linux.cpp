#include <malloc.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "server/io/host.hpp"

namespace berth::io {

TimePoint now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

// Early in a boot it waits until the generator is seeded; there is no other failure.
void fill_with_random_octets(wire::MutableBytes out) noexcept {
  while (!out.empty()) {
    const auto got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

void raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void release_free_memory() noexcept { ::malloc_trim(0); }

}  // namespace berth::io
