#include "server/io/state_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace berth::io {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::string holder(int file) {
  std::array<char, 32> text{};
  const auto size = ::pread(file, text.data(), text.size(), 0);
  const std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return pid.empty() ? "another process" : "pid " + pid.substr(0, pid.find('\n'));
}

}  // namespace

expected<StateLock, std::string> StateLock::acquire(const std::string& folder) {
  std::error_code failure;
  if (std::filesystem::create_directories(folder, failure)) {
    using std::filesystem::perms;
    std::filesystem::permissions(folder, perms::owner_all | perms::group_read | perms::group_exec,
                                 failure);
  }
  if (failure)
    return unexpected("cannot make the state folder " + folder + ": " + failure.message());

  const std::string path = folder + "/berthd.lock";
  binder::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!file.is_open()) return unexpected("cannot open " + path + ": " + reason(errno));
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unexpected("cannot lock " + path + ": " + reason(errno));
    return unexpected("another berthd (" + holder(file.number()) + ") runs with the state folder " +
                      folder + "; stop it, or give this one another --state-dir");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return unexpected("cannot write " + path + ": " + reason(errno));
  }
  return StateLock(std::move(file));
}

}  // namespace berth::io
