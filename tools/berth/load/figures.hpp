// Numbers as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/berth/load/time.hpp"

namespace berth::load {

std::string time_text(Time time);        // "12.3 µs", "4.56 ms", "1.2 s"
std::string count_text(double count);    // "12,345"; below ten with a fraction
std::string percent_text(double share);  // "0.12 %"

std::string decimal(double number, int digits);  // behind the point

// At the right or the left of so many columns.
std::string right(std::string_view text, std::size_t columns);
std::string left(std::string_view text, std::size_t columns);

// "10s", "2.5ms", "300us", "1m"; more than nothing.
std::optional<Time> parse_time(std::string_view text);

}  // namespace berth::load
