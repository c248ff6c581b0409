#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "server/binder/file_descriptor.hpp"
#include "server/io/poller.hpp"

namespace berth::io {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

binder::FileDescriptor make_epoll() {
  binder::FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) fail("epoll_create1");
  return epoll;
}

}  // namespace

struct Poller::Set {
  // A turn takes so many; the kernel gives the others the next one.
  static constexpr std::size_t a_turn = 32;

  binder::FileDescriptor epoll = make_epoll();
  std::array<epoll_event, a_turn> events{};
  std::array<int, a_turn> ready{};
};

Poller::Poller() : set_(std::make_unique<Set>()) {}
Poller::~Poller() = default;

// A new set, since the old one's descriptors may be closed, and their numbers another thread's.
void Poller::watch(std::span<const int> descriptors) {
  binder::FileDescriptor epoll = make_epoll();
  for (const int descriptor : descriptors) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }
  set_->epoll = std::move(epoll);
}

std::span<const int> Poller::wait(int timeout_ms) noexcept {
  const int count = ::epoll_wait(set_->epoll.number(), set_->events.data(),
                                 static_cast<int>(set_->events.size()), timeout_ms);
  if (count <= 0) return {};
  const auto ready = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < ready; ++i) set_->ready[i] = set_->events[i].data.fd;
  return std::span(set_->ready).first(ready);
}

}  // namespace berth::io
