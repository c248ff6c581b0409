#include <sys/event.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

#include "server/io/readiness.hpp"

namespace berth::io {
namespace {

constexpr std::size_t most_at_once = 64;

bool change(int queue, int socket, std::int16_t filter, std::uint16_t action,
            std::uint32_t tag) noexcept {
  struct kevent event {};
  EV_SET(&event, static_cast<std::uintptr_t>(socket), filter, action, 0, 0,
         reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag)));
  return ::kevent(queue, &event, 1, nullptr, 0, nullptr) == 0;
}

}  // namespace

Readiness::Readiness() : queue_(::kqueue()) {
  if (!queue_.is_open()) throw std::system_error(errno, std::generic_category(), "kqueue");
}

bool Readiness::add(int socket, std::uint32_t tag, For what) noexcept {
  return change(queue_.number(), socket, what == For::reading ? EVFILT_READ : EVFILT_WRITE, EV_ADD,
                tag);
}

bool Readiness::read_now(int socket, std::uint32_t tag) noexcept {
  change(queue_.number(), socket, EVFILT_WRITE, EV_DELETE, tag);
  return change(queue_.number(), socket, EVFILT_READ, EV_ADD, tag);
}

std::span<const std::uint32_t> Readiness::collect(std::span<std::uint32_t> room) noexcept {
  std::array<struct kevent, most_at_once> events;
  const timespec at_once{};
  const auto limit = static_cast<int>(std::min(room.size(), events.size()));
  const int count = ::kevent(queue_.number(), nullptr, 0, events.data(), limit, &at_once);
  const std::size_t ready = count < 0 ? 0 : static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < ready; ++i)
    room[i] = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(events[i].udata));
  return room.first(ready);
}

}  // namespace berth::io
