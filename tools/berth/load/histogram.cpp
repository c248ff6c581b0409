#include "tools/berth/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace berth::load {
namespace {

// An octave, from a power of two to the next, has this many buckets: each is a thousandth of its
// value wide, or less. Below that every nanosecond has its own.
constexpr unsigned octave_bits = 10;
constexpr std::size_t octave = std::size_t{1} << octave_bits;
// A delay of 2^40 ns, 18 minutes, or longer is counted as that long.
constexpr unsigned value_bits = 40;
constexpr std::uint64_t most = (std::uint64_t{1} << value_bits) - 1;
constexpr std::size_t bucket_count = (value_bits - octave_bits + 1) * octave;

}  // namespace

std::size_t Histogram::index_of(std::uint64_t nanoseconds) noexcept {
  const std::uint64_t value = std::min(nanoseconds, most);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= octave_bits) return static_cast<std::size_t>(value);
  const unsigned shift = width - octave_bits - 1;
  return (shift + 1) * octave + static_cast<std::size_t>((value >> shift) - octave);
}

std::uint64_t Histogram::upper_of(std::size_t index) noexcept {
  if (index < 2 * octave) return index;
  const std::size_t shift = index / octave - 1;
  return ((index % octave + octave + 1) << shift) - 1;
}

Histogram::Histogram() : counts_(bucket_count) {}

void Histogram::record(Time delay) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
  ++counts_[index_of(value)];
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void Histogram::clear() noexcept {
  std::ranges::fill(counts_, 0);
  count_ = 0;
  min_ = UINT64_MAX;
  max_ = 0;
  sum_ = 0;
}

Time Histogram::min() const noexcept {
  return empty() ? Time{} : Time(static_cast<std::int64_t>(min_));
}

Time Histogram::mean() const noexcept {
  return empty() ? Time{} : Time(std::llround(sum_ / static_cast<double>(count_)));
}

Time Histogram::percentile(double share) const noexcept {
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1);
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    passed += counts_[i];
    if (passed >= rank) return Time(static_cast<std::int64_t>(std::clamp(upper_of(i), min_, max_)));
  }
  return Time{};
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> found;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] != 0)
      found.push_back({Time(static_cast<std::int64_t>(upper_of(i))), counts_[i]});
  return found;
}

}  // namespace berth::load
