#include "tools/berth/load/timers.hpp"

#include <algorithm>

namespace berth::load {
namespace {

constexpr Time tick_length = std::chrono::milliseconds(1);

}  // namespace

Timers::Timers(std::size_t members) : members_(members), first_(slot_count, nowhere) {}

// The first tick that is not before the time.
std::int64_t Timers::tick_of(Time time) noexcept {
  return (std::max(time, Time{}).count() + tick_length.count() - 1) / tick_length.count();
}

void Timers::set(Member member, Time deadline) noexcept {
  clear(member);
  Node& node = members_[member];
  node.tick = std::max(tick_of(deadline), looked_at_);
  node.slot = static_cast<std::uint32_t>(static_cast<std::size_t>(node.tick) % slot_count);
  node.before = nowhere;
  node.behind = first_[node.slot];
  if (node.behind != nowhere) members_[node.behind].before = member;
  first_[node.slot] = member;
  ++set_;
}

void Timers::clear(Member member) noexcept {
  Node& node = members_[member];
  if (node.slot == nowhere) return;
  if (node.before == nowhere)
    first_[node.slot] = node.behind;
  else
    members_[node.before].behind = node.behind;
  if (node.behind != nowhere) members_[node.behind].before = node.before;
  node.slot = nowhere;
  --set_;
}

std::optional<Timers::Member> Timers::take(Time now) noexcept {
  const std::int64_t today = now / tick_length;
  if (empty()) {
    looked_at_ = std::max(looked_at_, today);
    return std::nullopt;
  }
  // Whoever was away for longer than a turn of the wheel looks at every slot once.
  const std::int64_t one_turn_ago = today - static_cast<std::int64_t>(slot_count) + 1;
  for (std::int64_t tick = std::max(looked_at_, one_turn_ago); tick <= today; ++tick) {
    looked_at_ = tick;
    Member member = first_[static_cast<std::size_t>(tick) % slot_count];
    for (; member != nowhere; member = members_[member].behind) {
      if (members_[member].tick > today) continue;  // of a later turn
      clear(member);
      return member;
    }
  }
  return std::nullopt;
}

std::optional<Time> Timers::next() const noexcept {
  if (empty()) return std::nullopt;
  constexpr auto turn = static_cast<std::int64_t>(slot_count);
  for (std::int64_t tick = looked_at_; tick < looked_at_ + turn; ++tick)
    for (Member member = first_[static_cast<std::size_t>(tick) % slot_count]; member != nowhere;
         member = members_[member].behind)
      if (members_[member].tick <= tick) return tick * tick_length;
  return (looked_at_ + turn) * tick_length;
}

}  // namespace berth::load
