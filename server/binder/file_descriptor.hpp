// An open descriptor with one owner, closed when the owner goes. Not thread-safe.
#pragma once

#include <unistd.h>

#include <utility>

namespace berth::binder {

class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  explicit FileDescriptor(int number) noexcept : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    FileDescriptor(std::move(other)).swap(*this);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool is_open() const noexcept { return number_ >= 0; }
  // Borrowed; -1 when there is none.
  int number() const noexcept { return number_; }
  // Gives up ownership.
  int release() noexcept { return std::exchange(number_, -1); }
  void swap(FileDescriptor& other) noexcept { std::swap(number_, other.number_); }

 private:
  int number_ = -1;
};

}  // namespace berth::binder
