#include <poll.h>

#include <vector>

#include "server/io/poller.hpp"

namespace berth::io {

// Not kqueue: what a BPF device has to read it tells poll() in the same way as everything else.
struct Poller::Set {
  std::vector<pollfd> polled;
  std::vector<int> ready;
};

Poller::Poller() : set_(std::make_unique<Set>()) {}
Poller::~Poller() = default;

void Poller::watch(const Descriptors& descriptors) {
  set_->polled.clear();
  for (const auto* some : {&descriptors.readable, &descriptors.arriving})
    for (const int descriptor : *some) set_->polled.push_back({descriptor, POLLIN, 0});
  set_->ready.reserve(set_->polled.size());
}

std::span<const int> Poller::wait(int timeout_ms) noexcept {
  set_->ready.clear();
  if (::poll(set_->polled.data(), static_cast<nfds_t>(set_->polled.size()), timeout_ms) <= 0)
    return {};
  for (const pollfd& one : set_->polled)
    if (one.revents != 0) set_->ready.push_back(one.fd);
  return set_->ready;
}

void Poller::again(int) noexcept {}  // poll() names it by itself

}  // namespace berth::io
