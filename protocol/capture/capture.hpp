// Captured packets from a file's octets, pcap or pcapng; with libpcap where it was there to build
// with (capture_pcap.cpp), without it where it was not (capture_none.cpp). The file may lie: memory
// is bounded by its size and by what one packet can hold.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/net/packet.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::capture {

struct Frame {
  double time = 0;  // seconds since 1970
  net::LinkType link = net::LinkType::ethernet;
  wire::Bytes octets;             // until the visit ends
  std::size_t original_size = 0;  // on the link; larger than what was captured, if cut short
};

// Whether a file begins as captures do.
bool is_capture(std::string_view file) noexcept;

// Calls visit() for each packet in turn; returns why it ended before the file did.
std::optional<std::string> read(std::string_view file,
                                const std::function<void(const Frame&)>& visit);

}  // namespace berth::capture
