// What a socket's kernel buffer holds, and what comes into it. One file per system; where it cannot
// be told, a buffer counts as empty, and all comes in.
#pragma once

#include "server/io/admission.hpp"

namespace berth::io {

// How much of the receive buffer is taken.
Share buffer_fill(int socket) noexcept;

// From now on only that share of DHCPDISCOVERs comes in, by chance, and all else. Only those are
// known for it whose first option is the message type, as nearly all clients write them. False when
// the system refused: then all comes in as before.
bool admit_discovers(int socket, Share share) noexcept;

}  // namespace berth::io
