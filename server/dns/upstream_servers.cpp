#include "server/dns/upstream_servers.hpp"

#include <algorithm>
#include <tuple>

namespace berth::dns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds unmeasured_patience{400};
constexpr milliseconds min_patience{150};
constexpr milliseconds max_patience{1000};
constexpr std::uint8_t max_timeouts = 3;
// One that answered as lately is not given up for questions that it does not answer.
constexpr milliseconds grace{1000};
// What the system says of a server counts for so long; anybody can make it say so.
constexpr milliseconds unreachable_for{1000};
constexpr milliseconds first_probe{500};
constexpr milliseconds max_probe{4000};
// One that is not asked, since others are faster, is measured as often.
constexpr seconds measured_every{60};
constexpr seconds measured_again{5};
// Without questions for so long, servers are left alone.
constexpr seconds idle{60};
constexpr std::chrono::minutes no_edns_for{15};
constexpr seconds slot_lifetime{60};

bool within(TimePoint since, milliseconds span, TimePoint now) noexcept {
  return since != TimePoint::min() && now - since < span;
}

}  // namespace

std::optional<UpstreamIndex> UpstreamServers::choose(std::span<const UpstreamIndex> list,
                                                     ServerSet excluded,
                                                     TimePoint now) const noexcept {
  std::optional<UpstreamIndex> best;
  const auto rank = [&](UpstreamIndex server) {
    const State& state = state_[server];
    const bool doubtful = state.lost || within(state.unreachable, unreachable_for, now);
    return std::tuple(doubtful, state.measured, state.srtt);
  };
  for (const UpstreamIndex server : list) {
    if ((excluded & set_of(server)) != 0) continue;
    if (!best || rank(server) < rank(*best)) best = server;
  }
  return best;
}

milliseconds UpstreamServers::patience(UpstreamIndex server) const noexcept {
  const State& state = state_[server];
  if (!state.measured) return unmeasured_patience;
  return std::clamp(state.srtt + 4 * state.rttvar, min_patience, max_patience);
}

bool UpstreamServers::on_answer(UpstreamIndex server, std::optional<milliseconds> time,
                                TimePoint now) noexcept {
  State& state = state_[server];
  const bool is_back = state.lost;
  state.lost = false;
  state.timeouts = 0;
  state.heard = now;
  state.unreachable = TimePoint::min();
  state.probe = now + measured_every;
  if (!time) return is_back;
  if (!state.measured) {
    state.srtt = *time;
    state.rttvar = *time / 2;
    state.measured = true;
  } else {
    const milliseconds off = state.srtt > *time ? state.srtt - *time : *time - state.srtt;
    state.rttvar = (3 * state.rttvar + off) / 4;
    state.srtt = (7 * state.srtt + *time) / 8;
  }
  return is_back;
}

bool UpstreamServers::on_timeout(UpstreamIndex server, TimePoint sent, TimePoint now) noexcept {
  State& state = state_[server];
  if (state.heard >= sent || state.lost) return false;
  // Slower than it was, until it is measured again: soon.
  const milliseconds waited = std::min(now - sent, max_patience);
  state.srtt = state.measured ? std::min(state.srtt + waited / 4, max_patience) : waited;
  state.measured = true;
  state.probe = std::min(state.probe, now + measured_again);
  if (state.timeouts < max_timeouts) ++state.timeouts;
  if (state.timeouts < max_timeouts || within(state.heard, grace, now)) return false;
  lose(state, now);
  return true;
}

void UpstreamServers::lose(State& state, TimePoint now) noexcept {
  state.lost = true;
  state.probe_interval = first_probe;
  state.probe = now + first_probe;
}

bool UpstreamServers::on_unreachable(UpstreamIndex server, TimePoint now) noexcept {
  State& state = state_[server];
  const bool is_news = !within(state.unreachable, unreachable_for / 10, now);
  if (is_news) state.unreachable = now;
  return is_news;
}

bool UpstreamServers::unreachable_since(UpstreamIndex server, TimePoint since) const noexcept {
  return state_[server].unreachable >= since;
}

std::optional<milliseconds> UpstreamServers::latency(UpstreamIndex server) const noexcept {
  const State& state = state_[server];
  return state.measured ? std::optional(state.srtt) : std::nullopt;
}

void UpstreamServers::on_no_edns(UpstreamIndex server, TimePoint now) noexcept {
  state_[server].no_edns_until = now + no_edns_for;
}

bool UpstreamServers::knows_edns(UpstreamIndex server, TimePoint now) const noexcept {
  return now >= state_[server].no_edns_until;
}

void UpstreamServers::on_question(TimePoint now) noexcept {
  if (asked_ == TimePoint::min())
    for (State& state : state_) state.probe = now + measured_every;
  asked_ = now;
}

std::optional<TimePoint> UpstreamServers::next_probe() const noexcept {
  std::optional<TimePoint> next;
  if (asked_ == TimePoint::min()) return next;
  for (const State& state : state_) {
    if (!state.named || state.probe >= asked_ + idle) continue;
    next = next ? std::min(*next, state.probe) : state.probe;
  }
  return next;
}

std::optional<UpstreamIndex> UpstreamServers::take_probe(TimePoint now) noexcept {
  if (!within(asked_, idle, now)) {
    // Nobody asks: those whose time has come wait for the next question.
    for (State& state : state_) state.probe = std::max(state.probe, asked_ + idle);
    return std::nullopt;
  }
  for (std::size_t i = 0; i < state_.size(); ++i) {
    const auto server = static_cast<UpstreamIndex>(i);
    State& state = state_[server];
    if (!state.named || now < state.probe) continue;
    if (state.lost) state.probe_interval = std::min(2 * state.probe_interval, max_probe);
    state.probe = now + (state.lost ? state.probe_interval : milliseconds(measured_every));
    if (pending(server) == 0) return server;  // or else it is being measured
  }
  return std::nullopt;
}

SlotIndex UpstreamServers::take_slot(UpstreamIndex server, const ForwardingOptions& options,
                                     RandomNumbers& random, TimePoint now) noexcept {
  auto& slots = state_[server].slots;
  const std::uint16_t first = random.below(options.slots);
  std::uint16_t chosen = first;
  for (std::uint16_t i = 0; i < options.slots; ++i) {
    chosen = static_cast<std::uint16_t>((first + i) % options.slots);
    if (!slots[chosen].retired) break;
  }
  SlotState& slot = slots[chosen];
  if (!slot.open) slot = {.open = true, .opened = now};
  ++slot.pending;
  ++slot.uses;
  slot.retired |= slot.uses >= options.slot_uses || now - slot.opened >= slot_lifetime;
  return static_cast<SlotIndex>(chosen);
}

void UpstreamServers::release_slot(Slot slot) noexcept {
  SlotState& state = state_[slot.server].slots[slot.slot];
  if (state.pending > 0) --state.pending;
  if (state.retired && state.pending == 0) close(slot.server, slot.slot);
}

void UpstreamServers::close(UpstreamIndex server, SlotIndex slot) noexcept {
  state_[server].slots[slot] = {};
  closed_.push_back({server, slot});  // never grows: replace() has reserved
}

std::optional<UpstreamServers::Slot> UpstreamServers::take_closed() noexcept {
  if (closed_.empty()) return std::nullopt;
  const Slot slot = closed_.back();
  closed_.pop_back();
  return slot;
}

std::uint32_t UpstreamServers::pending(UpstreamIndex server) const noexcept {
  std::uint32_t pending = 0;
  for (const SlotState& slot : state_[server].slots) pending += slot.pending;
  return pending;
}

void UpstreamServers::replace(const Forwarding& forwarding, TimePoint now) {
  for (UpstreamIndex server = 0; server < max_upstreams; ++server) {
    const bool named = forwarding.names(server);
    if (server >= state_.size()) {
      if (!named) continue;
      state_.resize(server + 1u);
    }
    State& state = state_[server];
    if (named == state.named) continue;
    if (!named) {
      for (SlotIndex slot = 0; slot < max_slots; ++slot)
        if (state.slots[slot].open) close(server, slot);
      state = {};
    }
    state.named = named;
    state.probe = now + measured_every;
  }
  closed_.reserve(state_.size() * max_slots);
}

}  // namespace berth::dns
