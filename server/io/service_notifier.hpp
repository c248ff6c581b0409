// The service manager's notification protocol, sd_notify(3): one datagram of assignments to the
// socket that NOTIFY_SOCKET names. Without that variable every call does nothing. Nothing here
// blocks, and nothing that fails matters to the service.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace berth::io {

class ServiceNotifier {
 public:
  // Reads the environment; call once, early.
  ServiceNotifier();

  void ready(std::string_view status) const;
  // RELOADING needs the monotonic time since systemd 253 (Type=notify-reload).
  void reloading() const;
  void stopping() const;
  void watchdog() const;

  // How often watchdog() is due: half of what WATCHDOG_USEC asks; none when it does not.
  std::optional<std::chrono::microseconds> watchdog_interval() const noexcept { return interval_; }

 private:
  void send(std::string_view assignments) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> interval_;
};

}  // namespace berth::io
