#include "server/binder/holders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>

#include "server/signals.hpp"

namespace berth::binder {

SocketId id_of(const FileDescriptor& socket) noexcept {
  struct stat status {};
  return ::fstat(socket.number(), &status) == 0 ? SocketId{status.st_ino} : 0;
}

expected<std::pair<FileDescriptor, FileDescriptor>, std::error_code> make_pipe() noexcept {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return unexpected(std::error_code(errno, std::generic_category()));
  std::pair<FileDescriptor, FileDescriptor> pipe(ends[0], ends[1]);
  for (const int end : ends)
    if (::fcntl(end, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(end, F_SETFL, O_NONBLOCK) != 0)
      return unexpected(std::error_code(errno, std::generic_category()));
  return pipe;
}

HolderSearch::HolderSearch(FileDescriptor ready_to_read, FileDescriptor ready_to_write)
    : ready_to_read_(std::move(ready_to_read)),
      ready_to_write_(std::move(ready_to_write)),
      thread_([this] { run(); }) {}

HolderSearch::~HolderSearch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void HolderSearch::ask(HolderQuestion question) {
  {
    const std::lock_guard lock(mutex_);
    questions_.push_back(std::move(question));
  }
  asked_.notify_one();
}

std::vector<HolderReport> HolderSearch::take() {
  std::array<char, 64> signals;
  while (::read(ready_to_read_.number(), signals.data(), signals.size()) > 0) {
  }
  const std::lock_guard lock(mutex_);
  return std::exchange(reports_, {});
}

void HolderSearch::run() {
  block_signals();
  std::map<std::pair<Protocol, std::uint16_t>, KnownHolders> known;
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
    if (stopping_) return;
    const HolderQuestion question = std::move(questions_.front());
    questions_.erase(questions_.begin());
    lock.unlock();
    HolderReport report{question.protocol, question.port,
                        find_holders(question, known[{question.protocol, question.port}])};
    lock.lock();
    reports_.push_back(std::move(report));
    // A full pipe has said it already.
    [[maybe_unused]] const auto written = ::write(ready_to_write_.number(), "", 1);
  }
}

}  // namespace berth::binder
