#include "server/io/wakeup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace berth::io {
namespace {

void make_nonblocking(int descriptor) {
  if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "fcntl");
  }
}

}  // namespace

Wakeup::Wakeup() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  reading_ = binder::FileDescriptor(ends[0]);
  writing_ = binder::FileDescriptor(ends[1]);
  make_nonblocking(ends[0]);
  make_nonblocking(ends[1]);
}

void Wakeup::signal() noexcept {
  // A full pipe has woken the reader already.
  const char octet = 0;
  [[maybe_unused]] const auto written = ::write(writing_.number(), &octet, 1);
}

void Wakeup::clear() noexcept {
  std::array<char, 64> sink;
  while (::read(reading_.number(), sink.data(), sink.size()) > 0) {
  }
}

}  // namespace berth::io
