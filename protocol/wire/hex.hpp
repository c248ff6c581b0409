// Octets written as text, for tools and tests: what tcpdump -x, Wireshark and golden files hold.
//
//   # a comment to the end of the line
//   01 01 06 00      pairs of digits, with or without spaces or colons between them
//   00*64            64 times the octet before the asterisk
//
// Thread-safe: functions of their arguments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::wire {

// No repetition makes more than this: more than any datagram holds.
inline constexpr std::size_t hex_octets_max = 65'536;

// The octets, or the offset in `text` of what is none.
expected<std::vector<std::byte>, std::size_t> parse_hex(std::string_view text);

// Two lower-case digits for each octet.
void append_hex(std::string& out, Bytes octets, std::string_view separator = {});

}  // namespace berth::wire
