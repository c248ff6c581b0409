// Where the datagram path reports to: the ring, and what is worth putting into it at the present
// log level. What a guest can cause is reported so often and counted beyond that, each kind by
// itself, so that none hides another; what was counted is told a second later at most. One writing
// thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/io/event.hpp"
#include "server/time.hpp"

namespace berth::io {

class EventOutput {
 public:
  // Of one kind.
  static constexpr std::uint32_t max_notices_a_second = 20;

  // Whether every datagram is an event (log level debug). From any thread.
  void report_each_datagram(bool wanted) noexcept {
    each_datagram_.store(wanted, std::memory_order_relaxed);
  }
  bool each_datagram() const noexcept { return each_datagram_.load(std::memory_order_relaxed); }

  void push(const Event& event) noexcept { ring_.push(event); }

  // A socket error of the writing thread: for one address and direction at most one event a second,
  // with how many it stands for.
  void push_failure(bool sending, net::Ipv4Address address, int error, std::uint64_t count,
                    TimePoint now) noexcept;

  // At most one event a second, with how many it stands for.
  void push_bad_news(std::string_view reason, std::uint64_t count, TimePoint now) noexcept;

  // The same.
  void push_overload(net::Ipv4Address address, TimePoint now) noexcept;

  // Something an operator should hear of, and that a guest can cause.
  void push_notice(const DhcpNoticed& notice, TimePoint now) noexcept;

  // Reports what was counted. Call at next_deadline().
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept;

  EventRing& ring() noexcept { return ring_; }

 private:
  // Of one address and direction; free when nothing is counted and the time is over.
  struct Failures {
    SocketFailed event;  // its count: those not yet reported
    TimePoint reported_until;

    bool is_of(bool sending, net::Ipv4Address address) const noexcept {
      return event.sending == sending && event.address == address;
    }
  };
  struct BadNews {
    LinkNewsMalformed event;  // its count: those not yet reported
    TimePoint reported_until;
  };
  struct Overloads {
    DhcpOverloaded event;  // its count: those not yet reported
    TimePoint reported_until;
  };
  // Of one kind.
  struct Notices {
    TimePoint since;
    std::uint32_t reported = 0;
    std::uint64_t held_back = 0;
  };

  Failures& failures_of(bool sending, net::Ipv4Address address, TimePoint now) noexcept;
  // Failures, BadNews, Overloads: what is counted, and nothing more for a while.
  template <class Counted>
  void report(Counted& counted, TimePoint now) noexcept;
  void start_second(Notices& notices, dhcp::Notice::Kind kind, TimePoint now) noexcept;

  std::atomic<bool> each_datagram_{false};
  EventRing ring_;
  std::array<Failures, 16> failures_{};
  BadNews bad_news_;
  Overloads overloads_;
  std::array<Notices, dhcp::Notice::kind_count> notices_{};
};

}  // namespace berth::io
