// What clients hold: one Binding for each host, in arrays that outlive the plan that named the
// host.
//
// A plan is built on a thread with time, next to the one in force, and takes over its arrays: a
// host that stays keeps its slot, a new one gets a free slot or new room. Coming into force is then
// the exchange of a pointer, however many hosts there are. Slots are used again, so each carries
// the number of its tenant; the first touch by another tenant clears it.
//
// Building a plan touches the arrays' shape only; the contents belong to the one thread that serves
// datagrams. Nothing here allocates after construction.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/net/mac.hpp"
#include "server/time.hpp"

namespace berth::dhcp {

// One cache line.
struct alignas(64) Binding {
  enum class State : std::uint8_t { none, offered, bound, released, declined };

  TimePoint last_seen;          // of any message by this host
  TimePoint expires;            // of the lease, when bound; TimePoint::max() for an infinite one
  std::uint64_t client_id = 0;  // digest of option 61 as last sent; 0: none
  std::uint64_t reported_client_id = 0;  // the digest that was reported as shared
  // Until when what its client does again is not news.
  TimePoint refusals_reported_until;
  TimePoint declines_reported_until;
  std::uint32_t tenant = 0;
  net::MacAddress mac;  // that spoke last: a host may have several
  State state = State::none;
  bool was_bound = false;  // at any time since start
};

// Where a host's binding lies. `tenant` is unique among all hosts of all plans built in a row.
struct Slot {
  std::uint32_t number = 0;
  std::uint32_t tenant = 0;
};

class Bindings {
 public:
  // Room for `slots` bindings, shared with `previous`, if any, as far as that reaches.
  Bindings(std::uint32_t slots, const Bindings* previous);

  // The binding at `slot`, cleared if it was another tenant's.
  Binding& at(Slot slot) noexcept {
    Binding& binding = raw(slot.number);
    if (binding.tenant != slot.tenant) {
      binding = Binding{};
      binding.tenant = slot.tenant;
    }
    return binding;
  }

  // Hints that a client's binding, or the memory of its client identifier, is needed soon: among
  // many hosts neither is in the cache, and the reply can be composed while they come.
  void prefetch(std::uint32_t slot) const noexcept { __builtin_prefetch(&raw(slot), 1); }
  void prefetch_client_id(std::uint64_t digest) const noexcept {
    __builtin_prefetch(&senders_[digest & (senders_.size() - 1)], 1);
  }

  // Remembers who sends a client identifier. Gives the binding of another host of this plan, with
  // another MAC, that has sent the same one, else null. The memory is an array on which identifiers
  // may displace each other: among many thousands of hosts a pair may be noticed only at a later
  // exchange. REQUIRES: `own` is the binding at `slot`; digest != 0
  Binding* note_client_id(Binding& own, std::uint32_t slot, std::uint64_t digest) noexcept {
    own.client_id = digest;
    std::uint32_t& sender = senders_[digest & (senders_.size() - 1)];
    return sender == slot ? nullptr : note_sender(own, slot, sender);
  }

  std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(chunks_.size() * chunk_size);
  }

 private:
  static constexpr std::uint32_t chunk_size = 64;
  static constexpr std::uint32_t nobody = 0xffffffff;
  using Chunk = std::array<Binding, chunk_size>;

  // The same where another host, or none, is known to send it.
  Binding* note_sender(Binding& own, std::uint32_t slot, std::uint32_t& sender) noexcept;

  Binding& raw(std::uint32_t number) const noexcept {
    return (*chunks_[number / chunk_size])[number % chunk_size];
  }

  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> senders_;  // by digest: slot of the host that sent it; a power of two
};

}  // namespace berth::dhcp
