#include "protocol/dhcp/printable.hpp"

#include "protocol/wire/hex.hpp"

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
  wire::append_hex(out, octets, ":");
}

}  // namespace berth::dhcp
