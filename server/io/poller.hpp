// Waits until any of a thread's descriptors has something to read. A set that seldom changes is
// told to the kernel once, where that can be done (epoll on Linux); poll() elsewhere. Not shared
// between threads.
#pragma once

#include <memory>
#include <span>

namespace berth::io {

class Poller {
 public:
  Poller();  // throws std::system_error when the process is out of descriptors
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Follows these from now on, and no others. To be called again when one was closed, even if
  // another took its number. Throws std::system_error when the system has no room for them.
  void watch(std::span<const int> descriptors);

  // Those with something to read, or that failed, after `timeout_ms` at the latest; -1 for no end.
  // Valid until the next call.
  std::span<const int> wait(int timeout_ms) noexcept;

 private:
  struct Set;
  std::unique_ptr<Set> set_;
};

}  // namespace berth::io
