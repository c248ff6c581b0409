#include "tools/berth/load/interruptions.hpp"

#include <signal.h>

namespace berth::load {

Interruptions::Interruptions() noexcept {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  sigset_t blocked = signals_;
  sigaddset(&blocked, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before_);
}

Interruptions::~Interruptions() {
  while (take()) {
  }
  sigset_t pending{};
  sigset_t pipe{};
  int number = 0;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  if (::sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1) ::sigwait(&pipe, &number);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interruptions::take() noexcept {
  sigset_t pending{};
  if (::sigpending(&pending) != 0) return false;
  if (sigismember(&pending, SIGINT) != 1 && sigismember(&pending, SIGTERM) != 1) return false;
  int number = 0;
  return ::sigwait(&signals_, &number) == 0;
}

}  // namespace berth::load
