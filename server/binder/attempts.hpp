// How a socket that could not be opened is tried again, and when that is worth an operator's while.
// Pure functions on its state.
#pragma once

#include <chrono>

#include "server/binder/endpoint_state.hpp"
#include "server/time.hpp"

namespace berth::binder {

// After so many failures in a row.
std::chrono::milliseconds back_off(unsigned failures) noexcept;

// A missing privilege does not come by waiting. Whoever holds a port leaves without a word: there
// the attempt itself is the question, and cheap.
// REQUIRES: socket.failure
void fail(SocketState& socket, TimePoint now);

// Begins or ends the time in which the holder of its port may still be found.
void settle(SocketState& socket, TimePoint now) noexcept;

bool is_kept_out(const SocketState& socket) noexcept;

}  // namespace berth::binder
