#include "protocol/dhcp/printable.hpp"

#include <string_view>

namespace berth::dhcp {

void append_printable(std::string& out, wire::Bytes text) {
  for (const std::byte octet : text) {
    const unsigned value = std::to_integer<unsigned>(octet);
    if (value == '\\' || value == '"') {
      out += '\\';
      out += static_cast<char>(value);
    } else if (value >= ' ' && value <= '~') {
      out += static_cast<char>(value);
    } else {
      out += '\\';
      for (const unsigned divisor : {100U, 10U, 1U})
        out += static_cast<char>('0' + value / divisor % 10);
    }
  }
}

void append_hexadecimal(std::string& out, wire::Bytes octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) out += ':';
    out += digits[std::to_integer<std::size_t>(octets[i] >> 4)];
    out += digits[std::to_integer<std::size_t>(octets[i] & std::byte{15})];
  }
}

}  // namespace berth::dhcp
