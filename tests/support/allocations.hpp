// Counts what goes through global operator new. A test that links allocations.cpp has it replaced,
// in its whole executable.
#pragma once

#include <cstddef>

namespace berth::test {

// The allocations of this thread since construction.
class AllocationCount {
 public:
  AllocationCount() noexcept;
  std::size_t value() const noexcept;

 private:
  std::size_t at_start_;
};

}  // namespace berth::test
