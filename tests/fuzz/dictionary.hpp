// Prints libFuzzer dictionaries. They are made of the tables that the parsers read, so that a
// fuzzer knows every option, record type and key from the day they are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "protocol/dns/types.hpp"

namespace berth::test {

// A line for each: "…" with \xAB for what does not print.
inline void print_entry(std::string_view octets) {
  std::string line = "\"";
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      line += c;
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      line += "\\x";
      line += digits[octet >> 4];
      line += digits[octet & 15];
    }
  }
  std::puts((line + '"').c_str());
}

inline std::string big_endian(std::size_t value, int octets) {
  std::string out;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift);
  return out;
}

// Calls visit(code, name) for each record type that has a name.
template <class Visit>
void each_rr_type(Visit visit) {
  for (std::uint32_t code = 0; code < 0x10000; ++code)
    if (const auto text = name(dns::RrType(code)); !text.empty()) visit(code, text);
}

}  // namespace berth::test
