#include <fcntl.h>
#include <sys/event.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "server/io/file_watch.hpp"

namespace berth::io {
namespace {

binder::FileDescriptor make_queue() {
  binder::FileDescriptor queue(::kqueue());
  if (!queue.is_open()) throw std::system_error(errno, std::generic_category(), "kqueue");
  return queue;
}

}  // namespace

FileWatch::FileWatch(std::string path) : path_(std::move(path)), queue_(make_queue()) { renew(); }

void FileWatch::renew() {
  const timespec at_once{};
  std::array<struct kevent, 16> sink;
  while (::kevent(queue_.number(), nullptr, 0, sink.data(), sink.size(), &at_once) > 0) {
  }
  watched_.clear();  // closing a file takes its watch away
  watch_all(path_, [&](const std::string& one) {
    binder::FileDescriptor file(::open(one.c_str(), O_EVTONLY | O_CLOEXEC | O_SYMLINK));
    if (!file.is_open()) return;
    struct kevent change {};
    EV_SET(&change, file.number(), EVFILT_VNODE, EV_ADD | EV_CLEAR,
           NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_RENAME | NOTE_ATTRIB | NOTE_LINK, 0,
           nullptr);
    if (::kevent(queue_.number(), &change, 1, nullptr, 0, nullptr) == 0)
      watched_.push_back(std::move(file));
  });
}

}  // namespace berth::io
