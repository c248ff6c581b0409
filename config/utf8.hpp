// UTF-8 (RFC 3629) as far as a text file needs it checked.
#pragma once

#include <cstddef>
#include <string_view>

namespace berth::config {

// The octets of the character at the front; 0 when they are not well formed or there is none.
constexpr std::size_t utf8_size(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto octet = [text](std::size_t at) noexcept {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const unsigned lead = octet(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (std::size_t at = 1; at < size; ++at)
    if ((octet(at) & 0xc0) != 0x80) return 0;
  // The second octet's bounds: no overlong forms, no surrogates, nothing above U+10FFFF.
  if (lead == 0xe0 && octet(1) < 0xa0) return 0;
  if (lead == 0xed && octet(1) > 0x9f) return 0;
  if (lead == 0xf0 && octet(1) < 0x90) return 0;
  if (lead == 0xf4 && octet(1) > 0x8f) return 0;
  return size;
}

}  // namespace berth::config
