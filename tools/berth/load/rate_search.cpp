#include "tools/berth/load/rate_search.hpp"

#include <algorithm>
#include <utility>

namespace berth::load {
namespace {

// Below this nothing is worth searching.
constexpr double least_rate = 1;

}  // namespace

std::optional<double> RateSearch::rate() const noexcept {
  if (is_over_) return std::nullopt;
  return rate_;
}

void RateSearch::passed() noexcept {
  best_ = std::max(best_, rate_);
  if (std::exchange(is_looking_back_, false)) worst_ = 0;
  move_on();
}

void RateSearch::failed() noexcept {
  if (is_looking_back_) {
    is_over_ = true;
    return;
  }
  if (!has_failed_once_) {
    has_failed_once_ = true;
    return;
  }
  worst_ = rate_;
  move_on();
}

void RateSearch::move_on() noexcept {
  has_failed_once_ = false;
  if (worst_ == 0) {
    is_over_ = best_ >= limits_.most;
    rate_ = std::min(best_ * 2, limits_.most);
  } else if (best_ == 0) {
    if (worst_ / 2 < least_rate) return look_back();
    rate_ = worst_ / 2;
  } else {
    if (worst_ - best_ <= limits_.precision * best_) return look_back();
    rate_ = (best_ + worst_) / 2;
  }
}

void RateSearch::look_back() noexcept {
  is_over_ = has_looked_back_;
  is_looking_back_ = has_looked_back_ = true;
  rate_ = worst_;
}

}  // namespace berth::load
