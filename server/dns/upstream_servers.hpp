// How the servers that are asked are, and the slots from which: which of them answers, how fast
// (RFC 6298), whether it knows EDNS, and when it is to be looked at again. One thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "server/dns/forwarding.hpp"
#include "server/dns/random_numbers.hpp"
#include "server/time.hpp"

namespace berth::dns {

// Servers by index, a bit each.
using ServerSet = std::uint64_t;
static_assert(max_upstreams <= 64);
constexpr ServerSet set_of(UpstreamIndex server) noexcept { return ServerSet{1} << server; }

class UpstreamServers {
 public:
  using Milliseconds = std::chrono::milliseconds;

  struct Slot {
    UpstreamIndex server = 0;
    SlotIndex slot = 0;
  };

  // Of `list`, the one to ask: not `excluded`; such as answer before such as do not, the fastest
  // first, one that nobody has measured before those. None when all are excluded.
  std::optional<UpstreamIndex> choose(std::span<const UpstreamIndex> list, ServerSet excluded,
                                      TimePoint now) const noexcept;
  // How long to wait for its answer before another is asked.
  Milliseconds patience(UpstreamIndex server) const noexcept;

  // It has answered; true when it had not, lately. Without a time it says nothing of how fast.
  bool on_answer(UpstreamIndex server, std::optional<Milliseconds> time, TimePoint now) noexcept;
  // Nothing came of a query sent at `sent`; true when it is given up now.
  bool on_timeout(UpstreamIndex server, TimePoint sent, TimePoint now) noexcept;
  // True when that is news.
  bool on_unreachable(UpstreamIndex server, TimePoint now) noexcept;
  bool unreachable_since(UpstreamIndex server, TimePoint since) const noexcept;
  bool knows(UpstreamIndex server) const noexcept {
    return server < state_.size() && state_[server].named;
  }
  bool answers(UpstreamIndex server) const noexcept { return !state_[server].lost; }
  std::optional<Milliseconds> latency(UpstreamIndex server) const noexcept;

  void on_no_edns(UpstreamIndex server, TimePoint now) noexcept;
  bool knows_edns(UpstreamIndex server, TimePoint now) const noexcept;

  // Servers are looked at while questions come.
  void on_question(TimePoint now) noexcept;
  std::optional<TimePoint> next_probe() const noexcept;
  // A server whose time it is; it is not due again before its turn.
  std::optional<UpstreamIndex> take_probe(TimePoint now) noexcept;

  // A slot for the next query to `server`. release() it when nothing is awaited there any more.
  SlotIndex take_slot(UpstreamIndex server, const ForwardingOptions& options, RandomNumbers& random,
                      TimePoint now) noexcept;
  void release_slot(Slot slot) noexcept;
  std::optional<Slot> take_closed() noexcept;
  std::uint32_t pending(UpstreamIndex server) const noexcept;

  // Forgets those that are not named, and gives up their slots.
  void replace(const Forwarding& forwarding, TimePoint now);

 private:
  struct SlotState {
    std::uint32_t pending = 0;
    std::uint16_t uses = 0;
    bool open = false;
    bool retired = false;  // closed as soon as nothing is pending
    TimePoint opened;
  };
  struct State {
    bool named = false;
    bool lost = false;
    bool measured = false;
    std::uint8_t timeouts = 0;  // in a row
    Milliseconds srtt{0};
    Milliseconds rttvar{0};
    TimePoint heard = TimePoint::min();
    TimePoint unreachable = TimePoint::min();
    TimePoint no_edns_until = TimePoint::min();
    TimePoint probe;  // the next
    Milliseconds probe_interval{0};
    std::array<SlotState, max_slots> slots;
  };

  void lose(State& state, TimePoint now) noexcept;
  void close(UpstreamIndex server, SlotIndex slot) noexcept;

  std::vector<State> state_;  // by index
  std::vector<Slot> closed_;  // for take_closed()
  TimePoint asked_ = TimePoint::min();
};

}  // namespace berth::dns
