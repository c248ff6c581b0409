// Captured packets from a file's octets, pcap or pcapng; with libpcap where it was there to build
// with (capture_pcap.cpp), without it where it was not (capture_none.cpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/expected.hpp"

namespace berth::tools {

struct CapturedFrame {
  double time = 0;  // seconds since 1970
  std::vector<std::byte> octets;
};

// Whether a file begins as captures do.
bool is_capture(std::string_view file) noexcept;

// Ethernet frames; or why the file cannot be read.
expected<std::vector<CapturedFrame>, std::string> read_capture(std::string_view file);

}  // namespace berth::tools
