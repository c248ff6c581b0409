#include "config/suggest.hpp"

#include <algorithm>
#include <array>

namespace berth::config {
namespace {

constexpr std::size_t max_word = 40;

constexpr char folded(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) noexcept {
  if (left.size() > max_word || right.size() > max_word) return std::max(left.size(), right.size());
  // Three rows of the matrix: the one before the last is needed for the swap.
  std::array<std::array<std::size_t, max_word + 1>, 3> rows{};
  for (std::size_t j = 0; j <= right.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const char a = folded(left[i - 1]);
      const char b = folded(right[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a == b ? 0U : 1U)});
      if (i > 1 && j > 1 && a == folded(right[j - 2]) && b == folded(left[i - 2]))
        row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[left.size() % 3][right.size()];
}

Nearest::Nearest(std::string_view word) noexcept
    : word_(word), distance_(std::max<std::size_t>(word.size() / 3, 1) + 1) {}

void Nearest::consider(std::string_view candidate) noexcept {
  const std::size_t difference = word_.size() > candidate.size() ? word_.size() - candidate.size()
                                                                 : candidate.size() - word_.size();
  if (difference >= distance_) return;
  const std::size_t distance = edit_distance(word_, candidate);
  if (distance >= distance_ || distance >= candidate.size()) return;
  distance_ = distance;
  best_ = candidate;
}

}  // namespace berth::config
