#include "protocol/capture/capture.hpp"

#include <algorithm>
#include <array>

namespace berth::capture {

bool is_capture(std::string_view file) noexcept {
  // pcap in both byte orders, with micro- and nanoseconds; pcapng.
  constexpr std::array<std::string_view, 5> magics{"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4",
                                                   "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d",
                                                   "\x0a\x0d\x0d\x0a"};
  return std::ranges::any_of(magics,
                             [file](std::string_view magic) { return file.starts_with(magic); });
}

}  // namespace berth::capture
