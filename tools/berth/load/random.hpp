// Numbers that look random and are the same for the same seed: SplitMix64, whose state is a
// counter. Values.
#pragma once

#include <cstdint>

namespace berth::load {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  // From `least` up to `most`, evenly.
  double between(double least, double most) noexcept {
    const double share = static_cast<double>(next() >> 11) * 0x1p-53;
    return least + (most - least) * share;
  }

 private:
  std::uint64_t state_;
};

}  // namespace berth::load
