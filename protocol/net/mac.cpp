#include "protocol/net/mac.hpp"

#include <charconv>

namespace berth::net {

std::optional<MacAddress> MacAddress::parse(std::string_view text) noexcept {
  const std::size_t first = text.find_first_of(":-");
  if (first == std::string_view::npos) return std::nullopt;
  const char separator = text[first];

  MacAddress mac;
  for (std::size_t group = 0; group < mac.octets.size(); ++group) {
    const bool last = group + 1 == mac.octets.size();
    const std::size_t size = last ? text.size() : text.find(separator);
    if (size == std::string_view::npos || size < 1 || size > 2) return std::nullopt;
    unsigned octet = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + size, octet, 16);
    if (failure != std::errc{} || end != text.data() + size) return std::nullopt;
    mac.octets[group] = std::byte{static_cast<unsigned char>(octet)};
    text.remove_prefix(last ? size : size + 1);
  }
  return mac;
}

std::string_view format(const MacAddress& mac, MacText& buffer) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t at = 0;
  for (const std::byte octet : mac.octets) {
    if (at != 0) buffer[at++] = ':';
    buffer[at++] = digits[std::to_integer<std::size_t>(octet >> 4)];
    buffer[at++] = digits[std::to_integer<std::size_t>(octet & std::byte{15})];
  }
  return {buffer.data(), buffer.size()};
}

std::string to_string(const MacAddress& mac) {
  MacText buffer;
  return std::string(format(mac, buffer));
}

}  // namespace berth::net
