// The nearest of a few known words, for "did you mean". Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace berth::config {

// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one
// word of the other (the restricted Damerau-Levenshtein distance), without regard to ASCII case.
// Words beyond 40 octets are as far from any other as they are long.
std::size_t edit_distance(std::string_view left, std::string_view right) noexcept;

// Keeps the candidate that is nearest to a word, and none that needs more than a third of the word
// changed.
class Nearest {
 public:
  explicit Nearest(std::string_view word) noexcept;

  void consider(std::string_view candidate) noexcept;
  std::string_view best() const noexcept { return best_; }  // empty: none is near

 private:
  std::string_view word_;
  std::string_view best_;
  std::size_t distance_;  // a better one is nearer than this
};

}  // namespace berth::config
