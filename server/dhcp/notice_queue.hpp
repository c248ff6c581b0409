// Notices on their way to whoever logs them: a ring of fixed size. What does not fit is lost, the
// newest first; a batch of datagrams makes fewer than fit. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "server/dhcp/outcome.hpp"

namespace berth::dhcp {

class NoticeQueue {
 public:
  static constexpr std::size_t capacity = 128;

  void push(const Notice& notice) noexcept {
    if (count_ == capacity) return;
    notices_[(first_ + count_) % capacity] = notice;
    ++count_;
  }

  std::optional<Notice> pop() noexcept {
    if (count_ == 0) return std::nullopt;
    const Notice notice = notices_[first_];
    first_ = (first_ + 1) % capacity;
    --count_;
    return notice;
  }

 private:
  std::array<Notice, capacity> notices_{};
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace berth::dhcp
