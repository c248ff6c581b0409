#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
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
  std::vector<int> ready;
  std::vector<int> unfinished;
};

Poller::Poller() : set_(std::make_unique<Set>()) {}
Poller::~Poller() = default;

// A new set, since the old one's descriptors may be closed, and their numbers another thread's.
// What is there to be read already counts as just come.
void Poller::watch(const Descriptors& descriptors) {
  binder::FileDescriptor epoll = make_epoll();
  const auto add = [&](const std::vector<int>& some, std::uint32_t events) {
    for (const int descriptor : some) {
      epoll_event event{};
      event.events = events;
      event.data.fd = descriptor;
      if (::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
    }
  };
  add(descriptors.readable, EPOLLIN);
  add(descriptors.arriving, EPOLLIN | EPOLLET);
  set_->epoll = std::move(epoll);
  set_->unfinished.clear();
  for (auto* const list : {&set_->ready, &set_->unfinished})  // they are swapped
    list->reserve(descriptors.readable.size() + descriptors.arriving.size());
}

std::span<const int> Poller::wait(int timeout_ms) noexcept {
  Set& set = *set_;
  const int count =
      ::epoll_wait(set.epoll.number(), set.events.data(), static_cast<int>(set.events.size()),
                   set.unfinished.empty() ? timeout_ms : 0);
  set.ready.swap(set.unfinished);
  set.unfinished.clear();
  for (int i = 0; i < count; ++i) {
    const int descriptor = set.events[static_cast<std::size_t>(i)].data.fd;
    if (std::ranges::find(set.ready, descriptor) == set.ready.end())
      set.ready.push_back(descriptor);
  }
  return set.ready;
}

void Poller::again(int descriptor) noexcept { set_->unfinished.push_back(descriptor); }

}  // namespace berth::io
