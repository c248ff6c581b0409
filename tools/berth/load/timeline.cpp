#include "tools/berth/load/timeline.hpp"

#include <algorithm>

namespace berth::load {

void Timeline::completed(Time at, Time latency) noexcept {
  Interval& interval = at_time(at);
  ++interval.completed;
  interval.slowest = std::max(interval.slowest, latency);
}

Timeline::Interval& Timeline::at_time(Time at) noexcept {
  const auto index_of = [&] {
    return static_cast<std::size_t>(std::max<std::int64_t>((at - begin_) / length_, 0));
  };
  while (index_of() >= capacity) {
    for (std::size_t i = 0; i < intervals_.size(); i += 2) {
      Interval pair = intervals_[i];
      if (i + 1 < intervals_.size()) {
        const Interval& second = intervals_[i + 1];
        pair.started += second.started;
        pair.completed += second.completed;
        pair.slowest = std::max(pair.slowest, second.slowest);
      }
      intervals_[i / 2] = pair;
    }
    intervals_.resize((intervals_.size() + 1) / 2);
    length_ *= 2;
  }
  const std::size_t index = index_of();
  if (index >= intervals_.size()) intervals_.resize(index + 1);
  return intervals_[index];
}

}  // namespace berth::load
