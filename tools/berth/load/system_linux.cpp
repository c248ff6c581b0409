#include <linux/sock_diag.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <ctime>
#include <fstream>
#include <sstream>

#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

constexpr int receive_buffer = 64 << 20;

Time time_of_clock(clockid_t clock) noexcept {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return Time{};
  return std::chrono::seconds(time.tv_sec) + Time(time.tv_nsec);
}

}  // namespace

void prepare_socket(int socket) noexcept {
  const int on = 1;
  // Past the limit of net.core.rmem_max where we may.
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(int)) != 0)
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(int));
  ::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::uint64_t dropped_datagrams(int socket) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> values{};
  socklen_t size = sizeof values;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values.data(), &size) != 0) return 0;
  return size > SK_MEMINFO_DROPS * sizeof(std::uint32_t) ? values[SK_MEMINFO_DROPS] : 0;
}

void wait_for(std::span<pollfd> descriptors, Time at_most) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at_most);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (at_most - seconds).count()};
  ::ppoll(descriptors.data(), descriptors.size(), &limit, nullptr);
}

void ask_for_exact_timers() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

Time thread_cpu_time() noexcept { return time_of_clock(CLOCK_THREAD_CPUTIME_ID); }

std::optional<Time> process_cpu_time(pid_t process) noexcept {
  clockid_t clock{};
  if (::clock_getcpuclockid(process, &clock) != 0) return std::nullopt;
  const Time time = time_of_clock(clock);
  if (time == Time{}) return std::nullopt;
  return time;
}

std::string loopback_for_frames() { return "lo"; }

// proc(5): the table of IPv4 routes, destination and mask in hexadecimal.
bool carries_default_route(const std::string& interface) {
  std::ifstream table("/proc/net/route");
  std::string line;
  for (std::getline(table, line); std::getline(table, line);) {
    std::istringstream fields(line);
    std::string name;
    std::string destination;
    std::string skipped;
    std::string mask;
    fields >> name >> destination;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    fields >> mask;
    if (name == interface && destination == "00000000" && mask == "00000000") return true;
  }
  return false;
}

}  // namespace berth::load
