#include "server/io/event_output.hpp"

#include <algorithm>
#include <chrono>

namespace berth::io {
namespace {

constexpr std::chrono::seconds interval{1};

}  // namespace

template <class Counted>
void EventOutput::report(Counted& counted, TimePoint now) noexcept {
  ring_.push(counted.event);
  counted.event.count = 0;
  counted.reported_until = now + interval;
}

// When all are in use, what cannot be told apart shares one without an address.
EventOutput::Failures& EventOutput::failures_of(bool sending, net::Ipv4Address address,
                                                TimePoint now) noexcept {
  const auto known = std::ranges::find_if(
      failures_, [&](const Failures& failures) { return failures.is_of(sending, address); });
  if (known != failures_.end()) return *known;
  const auto free =
      std::find_if(failures_.begin(), failures_.end() - 1, [now](const Failures& failures) {
        return failures.event.count == 0 && failures.reported_until <= now;
      });
  const bool is_found = free != failures_.end() - 1;
  free->event.sending = sending;
  free->event.address = is_found ? address : net::Ipv4Address::any();
  return *free;
}

void EventOutput::push_failure(bool sending, net::Ipv4Address address, int error,
                               std::uint64_t count, TimePoint now) noexcept {
  Failures& failures = failures_of(sending, address, now);
  failures.event.error = error;
  failures.event.count += count;
  if (failures.reported_until <= now) report(failures, now);
}

void EventOutput::push_bad_news(std::string_view reason, std::uint64_t count,
                                TimePoint now) noexcept {
  bad_news_.event.reason = reason;
  bad_news_.event.count += count;
  if (bad_news_.reported_until <= now) report(bad_news_, now);
}

void EventOutput::push_overload(net::Ipv4Address address, TimePoint now) noexcept {
  overloads_.event.address = address;
  ++overloads_.event.count;
  if (overloads_.reported_until <= now) report(overloads_, now);
}

void EventOutput::push_notice(const DhcpNoticed& notice, TimePoint now) noexcept {
  const dhcp::Notice::Kind kind = notice.notice.kind;
  Notices& notices = notices_[static_cast<std::size_t>(kind)];
  if (notices.since + interval <= now) start_second(notices, kind, now);
  if (notices.reported == max_notices_a_second) {
    ++notices.held_back;
  } else {
    ++notices.reported;
    ring_.push(notice);
  }
}

void EventOutput::start_second(Notices& notices, dhcp::Notice::Kind kind, TimePoint now) noexcept {
  if (notices.held_back != 0) ring_.push(NoticesHeldBack{kind, notices.held_back});
  notices = {.since = now};
}

void EventOutput::on_timer(TimePoint now) noexcept {
  for (Failures& failures : failures_)
    if (failures.event.count != 0 && failures.reported_until <= now) report(failures, now);
  if (bad_news_.event.count != 0 && bad_news_.reported_until <= now) report(bad_news_, now);
  if (overloads_.event.count != 0 && overloads_.reported_until <= now) report(overloads_, now);
  for (std::size_t kind = 0; kind < notices_.size(); ++kind) {
    Notices& notices = notices_[kind];
    if (notices.held_back != 0 && notices.since + interval <= now)
      start_second(notices, dhcp::Notice::Kind{static_cast<std::uint8_t>(kind)}, now);
  }
}

std::optional<TimePoint> EventOutput::next_deadline() const noexcept {
  std::optional<TimePoint> next;
  const auto consider = [&next](TimePoint time) { next = next ? std::min(*next, time) : time; };
  for (const Failures& failures : failures_)
    if (failures.event.count != 0) consider(failures.reported_until);
  if (bad_news_.event.count != 0) consider(bad_news_.reported_until);
  if (overloads_.event.count != 0) consider(overloads_.reported_until);
  for (const Notices& notices : notices_)
    if (notices.held_back != 0) consider(notices.since + interval);
  return next;
}

}  // namespace berth::io
