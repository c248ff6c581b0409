// Who has sockets on a port. Looking can take long (every descriptor of every process), so a thread
// of its own does it; answers wait behind a descriptor that polls readable.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/expected.hpp"
#include "server/binder/endpoint.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder {

// A socket as the system numbers it.
using SocketId = std::uint64_t;

SocketId id_of(const FileDescriptor& socket) noexcept;

// Everyone with a socket on that port that can be in the way of an IPv4 one, except those sockets
// of ours. What may not be seen is left empty. May block; any thread.
std::vector<Holder> find_holders(Protocol protocol, std::uint16_t port,
                                 std::span<const SocketId> ours);

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
  void ask(Protocol protocol, std::uint16_t port, std::vector<SocketId> ours);
  std::vector<HolderReport> take();

 private:
  struct Question {
    Protocol protocol;
    std::uint16_t port;
    std::vector<SocketId> ours;
  };

  void run();

  FileDescriptor ready_to_read_;
  FileDescriptor ready_to_write_;
  std::mutex mutex_;  // guards the three below
  std::condition_variable asked_;
  std::vector<Question> questions_;
  std::vector<HolderReport> reports_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// Both ends non-blocking and closed on exec: reading end first.
expected<std::pair<FileDescriptor, FileDescriptor>, std::error_code> make_pipe() noexcept;

}  // namespace berth::binder
