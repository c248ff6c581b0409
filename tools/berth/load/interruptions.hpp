// SIGINT and SIGTERM as something to ask about rather than something that happens: held back while
// one of these lives, so that a run can end in order; SIGPIPE too, which a connection that the
// other end has closed would raise. One at a time.
#pragma once

#include <csignal>

namespace berth::load {

class Interruptions {
 public:
  Interruptions() noexcept;
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;

  // Whether one came since the last time.
  bool take() noexcept;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace berth::load
