// Options into wire form: a code, a length, a value; a value longer than 255 octets as several
// options of the same code, which the receiver joins (RFC 3396 section 7). Thread-safe: functions
// of their arguments.
#pragma once

#include <cstddef>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// What one option holds at most.
inline constexpr std::size_t option_value_size_max = 255;

// The octets that an option with a value of this size takes, code and length octets included.
constexpr std::size_t encoded_option_size(std::size_t value_size) noexcept {
  const std::size_t pieces =
      value_size == 0 ? 1 : (value_size + option_value_size_max - 1) / option_value_size_max;
  return value_size + 2 * pieces;
}

// Appends; what does not fit makes `out` fail.
void write_option(wire::Writer& out, OptionCode code, wire::Bytes value) noexcept;

}  // namespace berth::dhcp
