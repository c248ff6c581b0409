#include "protocol/wire/hex.hpp"

#include <algorithm>
#include <charconv>

namespace berth::wire {
namespace {

constexpr std::string_view separators = " \t\r\n:";

// Whether all of `digits` is a number, which then is in `number`.
bool read_number(std::string_view digits, int base, std::size_t& number) {
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  return failure == std::errc{} && end == digits.data() + digits.size();
}

}  // namespace

expected<std::vector<std::byte>, std::size_t> parse_hex(std::string_view text) {
  std::vector<std::byte> octets;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t number = 0;
    if (separators.find(text[at]) != std::string_view::npos) {
      ++at;
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '*') {
      const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
      const bool valid = read_number(text.substr(at + 1, end - at - 1), 10, number);
      if (!valid || octets.empty() || number == 0 || number - 1 > hex_octets_max - octets.size())
        return unexpected(at);
      octets.insert(octets.end(), number - 1, octets.back());
      at = end;
    } else {
      const std::string_view digits = text.substr(at, 2);
      if (digits.size() != 2 || !read_number(digits, 16, number)) return unexpected(at);
      octets.push_back(static_cast<std::byte>(number));
      at += 2;
    }
  }
  return octets;
}

void append_hex(std::string& out, Bytes octets, std::string_view separator) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i != 0) out += separator;
    out += digits[std::to_integer<std::size_t>(octets[i] >> 4)];
    out += digits[std::to_integer<std::size_t>(octets[i] & std::byte{15})];
  }
}

}  // namespace berth::wire
