#include "tools/berth/load/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace berth::load {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};

constexpr std::array<Unit, 6> units{
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr double longest = 366 * 24 * 3600e9;

// Three digits, whatever the size.
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return decimal(value, decimals);
}

// UTF-8: every octet but a continuation begins a character.
std::string padding(std::string_view text, std::size_t columns) {
  const auto taken = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char octet) { return (octet & 0xc0) != 0x80; }));
  return std::string(taken < columns ? columns - taken : 0, ' ');
}

}  // namespace

std::string decimal(double number, int digits) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return {text.data(), std::min(static_cast<std::size_t>(std::max(size, 0)), text.size() - 1)};
}

std::string right(std::string_view text, std::size_t columns) {
  return padding(text, columns).append(text);
}

std::string left(std::string_view text, std::size_t columns) {
  return std::string(text) + padding(text, columns);
}

std::string time_text(Time time) {
  const auto nanoseconds = static_cast<double>(time.count());
  if (nanoseconds < 999.5e3) return three_digits(nanoseconds / 1e3) + " µs";
  if (nanoseconds < 999.5e6) return three_digits(nanoseconds / 1e6) + " ms";
  return three_digits(nanoseconds / 1e9) + " s";
}

std::string count_text(double count) {
  if (count < 9.995 && count != std::floor(count)) return decimal(count, 2);
  std::string text = decimal(count, 0);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string percent_text(double share) {
  const double percent = share * 100;
  return decimal(percent, percent == 0 || percent >= 9.995 ? 0 : 2) + " %";
}

std::optional<Time> parse_time(std::string_view text) {
  const std::string copy(text);
  const std::size_t digits = copy.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + digits) return std::nullopt;
  for (const Unit& unit : units) {
    const double nanoseconds = number * unit.nanoseconds;
    if (copy.substr(digits) == unit.name && nanoseconds >= 1 && nanoseconds <= longest)
      return Time(std::llround(nanoseconds));
  }
  return std::nullopt;
}

}  // namespace berth::load
