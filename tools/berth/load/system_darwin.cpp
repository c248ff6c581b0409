#include <libproc.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

// What macOS gives at most, kern.ipc.maxsockbuf, is a few mebibytes.
constexpr int receive_buffer = 4 << 20;

}  // namespace

void prepare_socket(int socket) noexcept {
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(int));
}

std::uint64_t dropped_datagrams(int /*socket*/) noexcept { return 0; }

// poll() counts in milliseconds; pselect() does not.
void wait_for(std::span<pollfd> descriptors, Time at_most) noexcept {
  fd_set readable;
  fd_set writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  int most = -1;
  for (const pollfd& each : descriptors) {
    if (each.fd >= FD_SETSIZE) continue;
    if ((each.events & POLLIN) != 0) FD_SET(each.fd, &readable);
    if ((each.events & POLLOUT) != 0) FD_SET(each.fd, &writable);
    most = std::max(most, each.fd);
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (at_most - seconds).count()};
  ::pselect(most + 1, &readable, &writable, nullptr, &limit, nullptr);
}

void ask_for_exact_timers() noexcept {}

Time thread_cpu_time() noexcept {
  timespec time{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return Time{};
  return std::chrono::seconds(time.tv_sec) + Time(time.tv_nsec);
}

std::optional<Time> process_cpu_time(pid_t process) noexcept {
  proc_taskinfo info{};
  if (::proc_pidinfo(process, PROC_PIDTASKINFO, 0, &info, sizeof info) != sizeof info)
    return std::nullopt;
  return Time(static_cast<std::int64_t>(info.pti_total_user + info.pti_total_system));
}

// Its frames have another header than Ethernet's.
std::string loopback_for_frames() { return {}; }

// Only what is known to lead nowhere but to this machine's guests is taken to carry no default
// route: en0 may be one's way out of the house.
bool carries_default_route(const std::string& interface) {
  constexpr std::array<std::string_view, 6> lab{"lo", "bridge", "vmenet", "feth", "tap", "vlan"};
  return std::ranges::none_of(lab,
                              [&](std::string_view kind) { return interface.starts_with(kind); });
}

}  // namespace berth::load
