// The search for the highest rate that a server bears: rates are doubled until one fails, then the
// gap between the best and the worst is halved until it is narrow. A rate that fails once is tried
// once more before it counts, since a busy machine may have been the reason; and for the same
// reason what failed is tried again in the end, and the search goes on from there when it passes. A
// value; the trials are the caller's.
#pragma once

#include <optional>

namespace berth::load {

class RateSearch {
 public:
  struct Limits {
    double first = 1000;
    double most = 10'000'000;
    double precision = 0.05;  // how narrow the gap gets, as a share of the rate
  };

  explicit RateSearch(const Limits& limits) noexcept : limits_(limits), rate_(limits.first) {}

  // The rate to try next; none when the search is over.
  std::optional<double> rate() const noexcept;
  // What came of it.
  void passed() noexcept;
  void failed() noexcept;

  // The highest that passed; zero when none did.
  double found() const noexcept { return best_; }

 private:
  void move_on() noexcept;
  void look_back() noexcept;

  Limits limits_;
  double rate_;
  double best_ = 0;
  double worst_ = 0;  // zero: nothing has failed
  bool has_failed_once_ = false;
  bool is_looking_back_ = false;
  bool has_looked_back_ = false;
  bool is_over_ = false;
};

}  // namespace berth::load
