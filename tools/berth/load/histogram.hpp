// How often which delay was measured: buckets of three significant digits from a nanosecond to the
// end of 64 bits, so that a percentile is right to a thousandth whatever the delay. Minimum,
// maximum and mean are exact. Recording allocates nothing. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/berth/load/time.hpp"

namespace berth::load {

class Histogram {
 public:
  Histogram();

  // What lies before zero counts as zero: two clocks may disagree by a little.
  void record(Time delay) noexcept;
  void add(const Histogram& other) noexcept;
  void clear() noexcept;

  std::uint64_t count() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  // Zero when nothing was recorded.
  Time min() const noexcept;
  Time max() const noexcept { return Time(static_cast<std::int64_t>(max_)); }
  Time mean() const noexcept;
  // The least delay that `share` (0 to 1) of all did not exceed.
  Time percentile(double share) const noexcept;

  // What was recorded, ascending, for plots: of every bucket that is not empty its upper end.
  struct Bucket {
    Time upper{};
    std::uint64_t count = 0;
  };
  std::vector<Bucket> buckets() const;

  // Where a delay is counted, and the largest delay that is counted there.
  static std::size_t index_of(std::uint64_t nanoseconds) noexcept;
  static std::uint64_t upper_of(std::size_t index) noexcept;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace berth::load
