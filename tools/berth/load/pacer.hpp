// When the starts of an open loop are due: the n-th at n / rate, however late the ones before it
// were, so that a server which stalls is charged for all that had to wait. Values.
#pragma once

#include <cstdint>

#include "tools/berth/load/time.hpp"

namespace berth::load {

class Pacer {
 public:
  // REQUIRES: rate > 0
  Pacer(Time begin, double rate) noexcept : begin_(begin), rate_(rate) {}

  // When the next one is to start.
  Time next() const noexcept { return begin_ + time_of(static_cast<double>(started_) / rate_); }
  bool is_due(Time now) const noexcept { return next() <= now; }
  void start() noexcept { ++started_; }
  std::uint64_t started() const noexcept { return started_; }

 private:
  Time begin_;
  double rate_;
  std::uint64_t started_ = 0;
};

}  // namespace berth::load
