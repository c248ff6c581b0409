// A deadline for each of a fixed number of members: a wheel of lists, so that setting and taking
// back cost the same however many there are. Deadlines are kept to a millisecond, late rather than
// early. Nothing allocates after construction. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/berth/load/time.hpp"

namespace berth::load {

class Timers {
 public:
  using Member = std::uint32_t;

  explicit Timers(std::size_t members);

  // In place of the deadline it had.
  void set(Member member, Time deadline) noexcept;
  void clear(Member member) noexcept;
  bool has(Member member) const noexcept { return members_[member].slot != nowhere; }
  bool empty() const noexcept { return set_ == 0; }

  // Takes one whose deadline has come; none when there is none.
  std::optional<Member> take(Time now) noexcept;

  // When to look again: at the next deadline, or after a turn of the wheel where that comes first.
  std::optional<Time> next() const noexcept;

 private:
  static constexpr std::size_t slot_count = 4096;  // of a millisecond each
  static constexpr std::uint32_t nowhere = 0xffffffff;

  struct Node {
    std::int64_t tick = 0;
    std::uint32_t slot = nowhere;
    Member before = nowhere;
    Member behind = nowhere;
  };

  static std::int64_t tick_of(Time time) noexcept;

  std::vector<Node> members_;
  std::vector<Member> first_;   // of each slot
  std::int64_t looked_at_ = 0;  // ticks before this one have nothing left
  std::size_t set_ = 0;
};

}  // namespace berth::load
