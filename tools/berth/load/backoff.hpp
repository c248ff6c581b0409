// How long a client waits for an answer before it asks again: RFC 2131 4.1 has it double the delay
// each time, up to sixteen times the first, and vary each by a random second either way where the
// first is four seconds; a shorter first delay varies as much less. Values.
#pragma once

#include <cstdint>

#include "tools/berth/load/random.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

struct Patience {
  Time first = std::chrono::seconds(4);  // before the second message
  std::uint32_t tries = 1;               // messages in all
  Time last = std::chrono::seconds(1);   // after the last one, until it is given up

  // How long to wait after message number `sent`, counted from 1.
  Time after(std::uint32_t sent, Random& random) const noexcept;
};

}  // namespace berth::load
