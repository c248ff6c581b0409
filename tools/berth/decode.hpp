// A datagram or a frame for people: what it is, and everything in it. Thread-safe: functions of
// their arguments. Octets from the network are escaped, so that none can forge a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/wire/cursor.hpp"

namespace berth::tools {

struct Decoded {
  enum class Kind : std::uint8_t { dhcp, dns, arp, other } kind = Kind::other;
  std::string path;   // of a frame: "192.168.200.7:68 > 192.168.200.1:67"
  std::string text;   // lines, each ended; empty when it could not be read
  std::string fault;  // why it could not: "too_short"
};

std::string_view name(Decoded::Kind kind) noexcept;  // "dhcp"

// A DHCP or DNS message, or an Ethernet frame that holds one, whichever it looks like.
Decoded decode(wire::Bytes octets);
Decoded decode_frame(wire::Bytes frame);

}  // namespace berth::tools
