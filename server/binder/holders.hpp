// Who has sockets on a port. Looking can take long (every descriptor of every process), so a thread
// of its own does it; answers wait behind a descriptor that polls readable.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/expected.hpp"
#include "server/binder/endpoint.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/binder/recipe.hpp"
#include "server/time.hpp"

namespace berth::binder {

// A socket as the system numbers it.
using SocketId = std::uint64_t;

SocketId id_of(const FileDescriptor& socket) noexcept;

// Linux tells a socket's options only to who has it: for them each is duplicated, for a moment.
enum class HolderDetail : std::uint8_t { names, options };

struct HolderQuestion {
  Protocol protocol = Protocol::udp;
  std::uint16_t port = 0;
  std::vector<SocketId> ours{};  // are left out
  TimePoint now{};
  HolderDetail detail = HolderDetail::names;
};

// Whose the sockets of a port were when that was last looked up: while they are the same sockets,
// and not for long, no process need be asked again.
struct KnownHolders {
  std::vector<SocketId> sockets;
  std::vector<Holder> holders;  // of the sockets, in the same order
  TimePoint until{};
};

// Everyone with a socket on that port that can be in the way of one of ours. What may not be seen
// is left empty. `known` is of this port and detail. May block; any thread.
std::vector<Holder> find_holders(const HolderQuestion& question, KnownHolders& known);

struct HolderReport {
  Protocol protocol = Protocol::udp;
  std::uint16_t port = 0;
  std::vector<Holder> holders;
};

// ask() and take() belong to one thread, which never waits.
class HolderSearch {
 public:
  // Polls readable, from `ready_to_read`, when there is something to take; `ready_to_write` is its
  // other end.
  HolderSearch(FileDescriptor ready_to_read, FileDescriptor ready_to_write);
  ~HolderSearch();
  HolderSearch(const HolderSearch&) = delete;
  HolderSearch& operator=(const HolderSearch&) = delete;

  int descriptor() const noexcept { return ready_to_read_.number(); }
  void ask(HolderQuestion question);
  std::vector<HolderReport> take();

 private:
  void run();

  FileDescriptor ready_to_read_;
  FileDescriptor ready_to_write_;
  std::mutex mutex_;  // guards the three below
  std::condition_variable asked_;
  std::vector<HolderQuestion> questions_;
  std::vector<HolderReport> reports_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// Both ends non-blocking and closed on exec: reading end first.
expected<std::pair<FileDescriptor, FileDescriptor>, std::error_code> make_pipe() noexcept;

}  // namespace berth::binder
