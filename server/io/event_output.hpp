// Where the datagram path reports to: the ring, and what is worth putting into it at the present
// log level. One writing thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/io/event.hpp"
#include "server/time.hpp"

namespace berth::io {

class EventOutput {
 public:
  static constexpr std::uint32_t max_notices_a_second = 20;

  // Whether every datagram is an event (log level debug or finer). From any thread.
  void report_each_datagram(bool wanted) noexcept {
    each_datagram_.store(wanted, std::memory_order_relaxed);
  }
  bool each_datagram() const noexcept { return each_datagram_.load(std::memory_order_relaxed); }

  void push(const Event& event) noexcept { ring_.push(event); }

  // A socket error of the writing thread: at most one event a second, with how many it stands for.
  void push_failure(bool sending, net::Ipv4Address address, int error, std::uint64_t count,
                    TimePoint now) noexcept {
    unreported_failures_ += count;
    if (now < next_failure_) return;
    next_failure_ = now + std::chrono::seconds(1);
    ring_.push(SocketFailed{sending, address, error, unreported_failures_});
    unreported_failures_ = 0;
  }

  // Something an operator should hear of, and that a guest can cause: so many a second, and the
  // number of the others.
  void push_notice(const DhcpNoticed& notice, TimePoint now) noexcept {
    if (now >= notices_since_ + std::chrono::seconds(1)) {
      if (notices_held_back_ != 0) ring_.push(NoticesHeldBack{notices_held_back_});
      notices_since_ = now;
      notices_ = 0;
      notices_held_back_ = 0;
    }
    if (notices_ == max_notices_a_second) {
      ++notices_held_back_;
      return;
    }
    ++notices_;
    ring_.push(notice);
  }

  EventRing& ring() noexcept { return ring_; }

 private:
  std::atomic<bool> each_datagram_{false};
  EventRing ring_;
  TimePoint next_failure_{};
  std::uint64_t unreported_failures_ = 0;
  TimePoint notices_since_{};
  std::uint32_t notices_ = 0;
  std::uint64_t notices_held_back_ = 0;
};

}  // namespace berth::io
