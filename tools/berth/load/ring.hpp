// Members waiting for their turn, first come first served; each is in it once at most. Allocates
// only when made. Not synchronised.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace berth::load {

class Ring {
 public:
  // With all of them, in order.
  explicit Ring(std::uint32_t members) : members_(members), size_(members) {
    for (std::uint32_t i = 0; i < members; ++i) members_[i] = i;
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  // REQUIRES: !empty()
  std::uint32_t take() noexcept {
    assert(size_ != 0);
    const std::uint32_t member = members_[first_];
    first_ = (first_ + 1) % members_.size();
    --size_;
    return member;
  }

  // REQUIRES: fewer than all are in it
  void put(std::uint32_t member) noexcept {
    assert(size_ < members_.size());
    members_[(first_ + size_) % members_.size()] = member;
    ++size_;
  }

  void clear() noexcept { size_ = 0; }

 private:
  std::vector<std::uint32_t> members_;
  std::size_t first_ = 0;
  std::size_t size_;
};

}  // namespace berth::load
