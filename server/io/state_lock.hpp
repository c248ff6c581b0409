// One berthd per state folder: a locked file in it, with our pid for whoever comes second. The lock
// ends with the process, however it ends.
#pragma once

#include <string>

#include "protocol/expected.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::io {

class StateLock {
 public:
  // Makes the folder (0750) when it is missing. The error is a sentence for the operator.
  static expected<StateLock, std::string> acquire(const std::string& folder);

 private:
  explicit StateLock(binder::FileDescriptor file) : file_(std::move(file)) {}

  binder::FileDescriptor file_;
};

}  // namespace berth::io
