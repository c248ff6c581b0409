// A bounded number of objects, in memory that is taken for all of them with the first and touched
// as far as it is used: from then on taking and giving back allocates nothing. Objects do not move,
// and each has a number for good. One thread at a time.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace berth::dns {

template <class T>
class Pool {
 public:
  using Number = std::uint32_t;

  explicit Pool(std::size_t limit) : limit_(limit) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (Number number = 0; number < used_; ++number) std::destroy_at(&(*this)[number]);
  }

  // Null when `limit` objects are taken. What it holds is what it held when it was given back.
  T* take() {
    if (taken_ >= limit_) return nullptr;
    if (free_.empty() && used_ == capacity_) grow();
    ++taken_;
    if (!free_.empty()) {
      T* const object = free_.back();
      free_.pop_back();
      return object;
    }
    const Number number = used_++;
    T* const object = std::construct_at(&(*this)[number]);
    object->number = number;
    return object;
  }
  // REQUIRES: `object` is taken
  void give_back(T& object) noexcept {
    assert(taken_ > 0);
    --taken_;
    free_.push_back(&object);  // never grows: grow() has reserved
  }

  T& operator[](Number number) noexcept {
    std::size_t chunk = 0;
    while (number - chunks_[chunk].first >= chunks_[chunk].size) ++chunk;
    return chunks_[chunk].memory.get()[number - chunks_[chunk].first];
  }
  // Whether an object of that number exists, taken or not.
  bool knows(Number number) const noexcept { return number < used_; }

  std::size_t taken() const noexcept { return taken_; }
  std::size_t limit() const noexcept { return limit_; }
  // Those beyond it that are taken stay. For more than before, memory is taken with the first that
  // needs it.
  void limit(std::size_t limit) noexcept { limit_ = limit; }

 private:
  struct Release {
    std::size_t size = 0;
    void operator()(T* memory) const noexcept { std::allocator<T>().deallocate(memory, size); }
  };
  // Memory for objects, of which the first `used_` of all chunks are there.
  struct Chunk {
    Number first = 0;
    std::size_t size = 0;
    std::unique_ptr<T, Release> memory;
  };

  // REQUIRES: limit_ > capacity_
  void grow() {
    const std::size_t size = limit_ - capacity_;
    free_.reserve(limit_);
    chunks_.push_back({.first = static_cast<Number>(capacity_),
                       .size = size,
                       .memory = {std::allocator<T>().allocate(size), Release{size}}});
    capacity_ = limit_;
  }

  std::size_t limit_;
  std::size_t capacity_ = 0;
  std::size_t taken_ = 0;
  Number used_ = 0;  // objects that have ever been taken
  std::vector<Chunk> chunks_;
  std::vector<T*> free_;  // of those
};

}  // namespace berth::dns
