#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "server/io/readiness.hpp"

namespace berth::io {
namespace {

constexpr std::size_t most_at_once = 64;

epoll_event event_for(std::uint32_t tag, Readiness::For what) noexcept {
  epoll_event event{};
  event.events = what == Readiness::For::reading ? EPOLLIN : EPOLLOUT;
  event.data.u32 = tag;
  return event;
}

}  // namespace

Readiness::Readiness() : queue_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!queue_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

bool Readiness::add(int socket, std::uint32_t tag, For what) noexcept {
  epoll_event event = event_for(tag, what);
  return ::epoll_ctl(queue_.number(), EPOLL_CTL_ADD, socket, &event) == 0;
}

bool Readiness::read_now(int socket, std::uint32_t tag) noexcept {
  epoll_event event = event_for(tag, For::reading);
  return ::epoll_ctl(queue_.number(), EPOLL_CTL_MOD, socket, &event) == 0;
}

std::span<const std::uint32_t> Readiness::collect(std::span<std::uint32_t> room) noexcept {
  std::array<epoll_event, most_at_once> events;
  const auto limit = static_cast<int>(std::min(room.size(), events.size()));
  const int count = ::epoll_wait(queue_.number(), events.data(), limit, 0);
  const std::size_t ready = count < 0 ? 0 : static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < ready; ++i) room[i] = events[i].data.u32;
  return room.first(ready);
}

}  // namespace berth::io
