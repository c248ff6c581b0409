// Waits until any of a thread's descriptors has something to read. A set that seldom changes is
// told to the kernel once, where that can be done (epoll on Linux); poll() elsewhere. Not shared
// between threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace berth::io {

// What is waited for.
struct Descriptors {
  std::vector<int> readable;  // named as long as there is something to read
  // Sockets read by the batch: where the system can, named once when something comes, which spares
  // it a look at each before each wait. Who has not read one empty says so, by again().
  std::vector<int> arriving;
};

// What became of a descriptor that was named.
enum class Reading : std::uint8_t { not_ours, done, may_have_more };

class Poller {
 public:
  Poller();  // throws std::system_error when the process is out of descriptors
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Follows these from now on, and no others. To be called again when one was closed, even if
  // another took its number. Throws std::system_error when the system has no room for them.
  void watch(const Descriptors& descriptors);

  // Those with something to read, or that failed, after `timeout_ms` at the latest; -1 for no end.
  // Valid until the next call.
  std::span<const int> wait(int timeout_ms) noexcept;

  // One of `arriving` that was named and not read empty: the next wait() names it without waiting.
  void again(int descriptor) noexcept;

 private:
  struct Set;
  std::unique_ptr<Set> set_;
};

}  // namespace berth::io
