// Whole frames by the batch, from a packet socket on Linux and a BPF device on macOS, with what the
// system knows of each. Buffers are made once and used again; nothing allocates after construction.
// Not shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/wire/cursor.hpp"

namespace berth::io {

// Where a frame comes from.
enum class FrameOrigin : std::uint8_t {
  unknown,  // the system does not tell
  host,     // a process of this machine
  link,
};

struct ReceivedFrame {
  wire::Bytes octets;
  FrameOrigin origin = FrameOrigin::unknown;
  // The sender left the UDP checksum to hardware that a frame between machines of one host never
  // meets, or the system does not tell.
  bool checksum_open = false;
  bool truncated = false;          // was larger than what was read of it
  std::uint32_t kernel_drops = 0;  // frames the descriptor had no room for, since it was opened
};

class FrameReceiver {
 public:
  FrameReceiver();
  ~FrameReceiver();
  FrameReceiver(const FrameReceiver&) = delete;
  FrameReceiver& operator=(const FrameReceiver&) = delete;

  // What the descriptor holds, at most as much as one system call takes; valid until the next call.
  // Empty when there is nothing, or when `error` (an errno value, 0 otherwise) says why.
  std::span<const ReceivedFrame> receive(int descriptor, int& error) noexcept;

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// Whether this errno value of a descriptor for frames says that it is of no use any more, although
// its link may be there: it was made again.
bool means_lost(int error) noexcept;

}  // namespace berth::io
