// Wakes a thread that waits in a Poller: a pipe whose reading end is watched. signal() may be
// called from any thread and never blocks; several signals before a clear() are one.
#pragma once

#include "server/binder/file_descriptor.hpp"

namespace berth::io {

class Wakeup {
 public:
  Wakeup();  // throws std::system_error when the process is out of descriptors

  void signal() noexcept;
  // Consumes what was signalled. Call before looking at what the signal stands for.
  void clear() noexcept;
  int descriptor() const noexcept { return reading_.number(); }

 private:
  binder::FileDescriptor reading_;
  binder::FileDescriptor writing_;
};

}  // namespace berth::io
