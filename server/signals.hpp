// Signals are for the control thread, and for it only until it stops: every other thread of the
// server begins by blocking them. POSIX; thread-safe.
#pragma once

#include <csignal>

namespace berth {

// From now on no signal is delivered to the calling thread; what comes meanwhile waits.
inline void block_signals() noexcept {
  sigset_t all;
  sigfillset(&all);  // a macro on macOS
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace berth
