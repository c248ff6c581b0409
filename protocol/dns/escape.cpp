#include "protocol/dns/escape.hpp"

#include <charconv>
#include <cstdint>

namespace berth::dns {

std::optional<std::byte> take_escape(std::string_view& text) noexcept {
  if (text.size() < 2) return std::nullopt;
  const char next = text[1];
  if (next < '0' || next > '9') {
    text.remove_prefix(2);
    return static_cast<std::byte>(next);
  }
  if (text.size() < 4) return std::nullopt;
  std::uint8_t value = 0;
  const auto [end, failure] = std::from_chars(text.data() + 1, text.data() + 4, value);
  if (failure != std::errc() || end != text.data() + 4) return std::nullopt;
  text.remove_prefix(4);
  return std::byte{value};
}

void append_escaped_number(std::string& out, std::byte octet) {
  const auto value = std::to_integer<unsigned>(octet);
  out += '\\';
  out += static_cast<char>('0' + value / 100);
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace berth::dns
