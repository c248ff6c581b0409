#include "tools/berth/load/backoff.hpp"

#include <algorithm>

namespace berth::load {

Time Patience::after(std::uint32_t sent, Random& random) const noexcept {
  constexpr std::uint32_t most_doublings = 4;
  constexpr double variation = 0.25;  // of the first delay
  if (sent >= tries) return last;
  const std::uint32_t doublings = std::min(std::max(sent, 1u) - 1, most_doublings);
  const double delay = seconds_of(first) * static_cast<double>(1u << doublings);
  return time_of(delay + random.between(-variation, variation) * seconds_of(first));
}

}  // namespace berth::load
