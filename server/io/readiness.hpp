// Many sockets behind one descriptor, which is readable when any of them is ready: so that who
// polls a few sockets can wait for any number of others beside. (A Poller is who polls: it waits,
// and on macOS it has to be poll(), for the sake of BPF devices.) One file per system. One thread
// at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "server/binder/file_descriptor.hpp"

namespace berth::io {

class Readiness {
 public:
  enum class For : std::uint8_t { reading, writing };

  Readiness();  // throws std::system_error when the process is out of descriptors

  int descriptor() const noexcept { return queue_.number(); }
  // `tag`: what collect() calls it. A socket that is closed takes itself away. False when the
  // system refuses.
  bool add(int socket, std::uint32_t tag, For what) noexcept;
  // For a socket that was added for writing: for reading from now on.
  bool read_now(int socket, std::uint32_t tag) noexcept;

  // The tags of some that are ready, and stay so until they are read; does not wait.
  std::span<const std::uint32_t> collect(std::span<std::uint32_t> room) noexcept;

 private:
  binder::FileDescriptor queue_;
};

}  // namespace berth::io
