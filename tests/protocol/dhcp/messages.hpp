// Messages for the codec's tests: fixed fields and an options field as hexadecimal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/dhcp/types.hpp"
#include "protocol/wire/cursor.hpp"
#include "tests/support/hex.hpp"

namespace berth::dhcp {

using Octets = std::vector<std::byte>;

inline Octets octets_of(std::string_view text) {
  const wire::Bytes bytes = wire::bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

// A BOOTREQUEST of 52:52:52:00:00:01 with these options; `sname` and `file` are zero.
inline Octets message_with(std::string_view options_in_hex) {
  Octets message = test::hex("01 01 06 00  39 03 f3 26  00*20  52 52 52 00 00 01 00*10 00*192");
  const Octets rest = test::hex("63 82 53 63 " + std::string(options_in_hex));
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

// Puts octets at the front of a field.
inline void put(Octets& message, std::size_t at, const Octets& octets) {
  std::copy(octets.begin(), octets.end(), message.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace berth::dhcp
