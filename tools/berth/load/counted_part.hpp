// How far a counter moves, as a process's time does, while what is counted is under way: from the
// first counted turn until the last has ended. Warm-up, preparation and what is given back in the
// end are left out.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "tools/berth/load/progress.hpp"

namespace berth::load {

class CountedPart {
 public:
  using Read = std::function<std::optional<Time>()>;

  // Outlived by `progress`. Reads at once: a first turn may begin before anybody looks.
  CountedPart(const Progress& progress, Read read)
      : progress_(progress), read_(std::move(read)), first_(read_()) {}

  // To be called before anything is sent at `now`.
  void look(Time now) {
    if (!looked_) looked_ = now;
    if (!has_begun_ && progress_.begun != Time{} && now >= progress_.begun) {
      has_begun_ = true;
      if (progress_.begun > *looked_) first_ = read_();
    }
    if (has_begun_ && !last_ && progress_.settled != Time{}) last_ = read_();
  }

  // Also of a run that was broken off. None when nothing was counted, or what was read is unknown.
  std::optional<Time> spent() const {
    const auto last = last_ ? last_ : read_();
    if (!has_begun_ || !first_ || !last) return std::nullopt;
    return *last - *first_;
  }

 private:
  const Progress& progress_;
  Read read_;
  std::optional<Time> looked_;  // when for the first time
  std::optional<Time> first_;
  std::optional<Time> last_;
  bool has_begun_ = false;
};

}  // namespace berth::load
