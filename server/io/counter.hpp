// A count that one thread writes and any thread may read: no lock, no read-modify-write.
#pragma once

#include <atomic>
#include <cstdint>

namespace berth::io {

class Counter {
 public:
  // Only from the owning thread.
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  // Of what is counted elsewhere. Only from the owning thread.
  void set(std::uint64_t count) noexcept { value_.store(count, std::memory_order_relaxed); }
  // What a count that the kernel keeps has grown by since `last`. Only from the owning thread.
  void add_growth(std::uint32_t& last, std::uint32_t current) noexcept {
    if (current > last) add(current - last);
    last = current;
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace berth::io
