#include "server/binder/attempts.hpp"

#include <algorithm>
#include <cassert>

namespace berth::binder {
namespace {

constexpr std::chrono::milliseconds first_retry{200};
constexpr std::chrono::milliseconds slowest_retry{5000};
// A holder is found in less, unless the machine is very busy, and one that has just gone leaves
// room for the next attempt: until then there is nothing worth an operator's while.
constexpr std::chrono::milliseconds until_settled{1000};

}  // namespace

std::chrono::milliseconds back_off(unsigned failures) noexcept {
  constexpr unsigned doublings_to_slowest = 5;
  if (failures > doublings_to_slowest) return slowest_retry;
  return std::min(first_retry * (1u << (failures - 1)), slowest_retry);
}

void fail(SocketState& socket, TimePoint now) {
  assert(socket.failure);
  socket.step = SocketState::Step::failed;
  ++socket.failures;
  switch (socket.failure->error) {
    case OpenError::not_permitted: break;
    case OpenError::address_in_use: socket.retry_at = now + first_retry; break;
    default: socket.retry_at = now + back_off(socket.failures); break;
  }
}

void settle(SocketState& socket, TimePoint now) noexcept {
  if (!has_unknown_holder(socket)) {
    socket.settles_at.reset();
    socket.is_settled = false;
  } else if (!socket.settles_at && !socket.is_settled) {
    socket.settles_at = now + until_settled;
  }
}

bool is_kept_out(const SocketState& socket) noexcept {
  return socket.failure && socket.failure->error == OpenError::address_in_use;
}

}  // namespace berth::binder
