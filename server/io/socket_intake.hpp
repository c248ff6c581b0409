// What a socket's kernel buffer holds, and what comes into it. One file per system; where it cannot
// be told, a buffer counts as empty, and all comes in.
#pragma once

#include "protocol/wire/cursor.hpp"
#include "server/io/admission.hpp"

namespace berth::io {

// How much of the receive buffer is taken.
Share buffer_fill(int socket) noexcept;

// From now on only that share of DHCPDISCOVERs comes in, by chance, and all else. False when the
// system refused: then all comes in as before.
bool admit_discovers(int socket, Share share) noexcept;

// Where a DHCPDISCOVER is known by for that: its first option is the message type, as nearly all
// clients write it. From the message's beginning (RFC 2131 2, RFC 2132 2, 9.6).
struct FirstOption {
  static constexpr std::uint32_t code = 240;
  static constexpr std::uint32_t value = code + 2;
  static constexpr std::uint8_t message_type = 53;
  static constexpr std::uint8_t discover = 1;

  static bool is_discover(wire::Bytes message) noexcept {
    return message.size() > value && message[code] == std::byte{message_type} &&
           message[value] == std::byte{discover};
  }
};

}  // namespace berth::io
