#include "server/io/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "server/binder/file_descriptor.hpp"

namespace berth::io {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? std::string() : value;
}

template <class T>
std::optional<T> number(const std::string& text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ServiceNotifier::ServiceNotifier() : socket_(environment("NOTIFY_SOCKET")) {
  const auto interval = number<std::uint64_t>(environment("WATCHDOG_USEC"));
  const auto pid = number<pid_t>(environment("WATCHDOG_PID"));
  if (interval && *interval > 0 && (!pid || *pid == ::getpid())) {
    interval_ = std::chrono::microseconds(*interval / 2);
  }
}

void ServiceNotifier::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceNotifier::reloading() const {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  const auto microseconds = static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
                            static_cast<std::uint64_t>(time.tv_nsec) / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceNotifier::stopping() const { send("STOPPING=1"); }

void ServiceNotifier::watchdog() const { send("WATCHDOG=1"); }

void ServiceNotifier::send(std::string_view assignments) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // Linux's abstract names
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const binder::FileDescriptor descriptor(::socket(AF_UNIX, SOCK_DGRAM, 0));
  if (!descriptor.is_open()) return;
  [[maybe_unused]] const auto sent =
      ::sendto(descriptor.number(), assignments.data(), assignments.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace berth::io
