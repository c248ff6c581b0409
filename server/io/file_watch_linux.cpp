#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "server/io/file_watch.hpp"

namespace berth::io {
namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

binder::FileDescriptor make_queue() {
  binder::FileDescriptor queue(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!queue.is_open()) throw std::system_error(errno, std::generic_category(), "inotify_init1");
  return queue;
}

}  // namespace

FileWatch::FileWatch(std::string path) : path_(std::move(path)), queue_(make_queue()) { renew(); }

// Watches of what is gone have gone by themselves; to watch what is watched already changes
// nothing. A file behind a bind mount has another folder than its path says: so that files are
// watched themselves, too.
void FileWatch::renew() {
  std::array<char, 4096> sink;
  while (::read(queue_.number(), sink.data(), sink.size()) > 0) {
  }
  watch_all(path_, [&](const std::string& one) {
    ::inotify_add_watch(queue_.number(), one.c_str(), changes);
  });
}

}  // namespace berth::io
