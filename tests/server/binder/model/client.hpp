// A client of RFC 2131: the machine of figure 5, on virtual time. A value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "server/time.hpp"
#include "tests/server/binder/model/dhcp.hpp"
#include "tests/server/binder/model/digest.hpp"

namespace berth::binder::model {

class Client {
 public:
  enum class Phase : std::uint8_t {
    off,
    init,
    selecting,
    requesting,
    rebooting,
    bound,
    renewing,
    rebinding
  };

  // `checking`: for so long after an ACK it tries out its address, and still believes a NAK.
  explicit Client(std::chrono::milliseconds checking) noexcept : checking_(checking) {}

  void boot(TimePoint now);
  void stop() noexcept { phase_ = Phase::off; }
  Phase phase() const noexcept { return phase_; }
  bool has_address() const noexcept { return phase_ >= Phase::bound; }
  net::Ipv4Address address() const noexcept { return address_; }

  std::optional<TimePoint> next_deadline() const noexcept;
  // What it sends when its time has come.
  std::optional<DhcpMessage> on_timer(TimePoint now);
  // What it sends at once.
  std::optional<DhcpMessage> on_message(const DhcpMessage& message, TimePoint now);

  void add_to(Digest& digest) const;

 private:
  DhcpMessage request(Asking asking) const;
  void restart(TimePoint at);

  std::chrono::milliseconds checking_;
  Phase phase_ = Phase::off;
  TimePoint next_{};
  unsigned tries_ = 0;
  net::Ipv4Address address_;
  net::Ipv4Address server_;
  bool remembers_ = false;  // an address of before
  TimePoint bound_at_{};
  std::chrono::milliseconds lease_{};
};

}  // namespace berth::binder::model
