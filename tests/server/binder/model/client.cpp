#include "tests/server/binder/model/client.hpp"

#include <ratio>

namespace berth::binder::model {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{4000};  // RFC 2131 4.1: the first wait for a reply
constexpr milliseconds after_nak{1000};
constexpr unsigned tries_before_init = 2;
constexpr milliseconds our_lease = std::chrono::hours{12};
constexpr milliseconds bootpd_lease = std::chrono::hours{24};

// On the half second, of which all passing of time is a multiple: what a few milliseconds of
// latency make of a timer is no state of its own.
TimePoint on_the_half_second(TimePoint time) {
  return std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<1, 2>>>(time);
}

}  // namespace

void Client::boot(TimePoint now) {
  if (!remembers_) return restart(now);
  phase_ = Phase::rebooting;
  next_ = now;
  tries_ = 0;
}

void Client::restart(TimePoint at) {
  phase_ = Phase::init;
  next_ = at;
  tries_ = 0;
  remembers_ = false;
  address_ = {};
}

std::optional<TimePoint> Client::next_deadline() const noexcept {
  if (phase_ == Phase::off) return std::nullopt;
  return next_;
}

DhcpMessage Client::request(Asking asking) const {
  DhcpMessage message{Kind::request, asking, {}, address_};
  if (asking == Asking::selecting) message.server = server_;
  if (asking == Asking::renewing) message.destination = server_;
  return message;
}

// T1 at half of the lease, T2 at seven eighths; one request at each, which is the least that a
// client may do.
std::optional<DhcpMessage> Client::on_timer(TimePoint now) {
  switch (phase_) {
    case Phase::off: return std::nullopt;
    case Phase::init:
    case Phase::selecting:
      phase_ = Phase::selecting;
      next_ = on_the_half_second(now + patience);
      return DhcpMessage{};
    case Phase::requesting:
    case Phase::rebooting:
      if (tries_++ == tries_before_init) {
        restart(now);
        return on_timer(now);
      }
      next_ = on_the_half_second(now + patience);
      return request(phase_ == Phase::requesting ? Asking::selecting : Asking::init_reboot);
    case Phase::bound:
      phase_ = Phase::renewing;
      next_ = bound_at_ + lease_ / 8 * 7;
      return request(Asking::renewing);
    case Phase::renewing:
      phase_ = Phase::rebinding;
      next_ = bound_at_ + lease_;
      return request(Asking::rebinding);
    case Phase::rebinding: restart(now); return on_timer(now);
  }
  return std::nullopt;
}

std::optional<DhcpMessage> Client::on_message(const DhcpMessage& message, TimePoint now) {
  const bool is_asking = phase_ == Phase::requesting || phase_ == Phase::rebooting ||
                         phase_ == Phase::renewing || phase_ == Phase::rebinding;
  if (message.kind == Kind::offer && phase_ == Phase::selecting) {
    phase_ = Phase::requesting;
    address_ = message.address;
    server_ = message.server;
    tries_ = 0;
    return on_timer(now);
  }
  if (message.kind == Kind::ack && is_asking && message.address == address_) {
    phase_ = Phase::bound;
    server_ = message.server;
    remembers_ = true;
    bound_at_ = on_the_half_second(now);
    lease_ = address_ == reserved ? our_lease : bootpd_lease;
    next_ = bound_at_ + lease_ / 2;
  }
  const bool is_checking = phase_ == Phase::bound && now < bound_at_ + checking_;
  if (message.kind == Kind::nak && (is_asking || is_checking))
    restart(on_the_half_second(now + after_nak));
  return std::nullopt;
}

void Client::add_to(Digest& digest) const {
  digest.add(phase_);
  digest.add(remembers_);
  if (phase_ == Phase::off && !remembers_) return;
  digest.add(address_.value);
  if (phase_ == Phase::off) return;
  const bool counts = phase_ == Phase::requesting || phase_ == Phase::rebooting;
  digest.add(counts ? tries_ : 0);
  const bool knows_server = phase_ == Phase::requesting || phase_ == Phase::bound;
  digest.add(knows_server ? server_.value : 0);
  digest.add(std::optional(next_));
  digest.add(phase_ == Phase::bound ? std::optional(bound_at_ + checking_) : std::nullopt);
}

}  // namespace berth::binder::model
