// What a workload has counted so far: a value to read while it runs and to report in the end.
#pragma once

#include <array>
#include <cstdint>

#include "tools/berth/load/tally.hpp"
#include "tools/berth/load/timeline.hpp"

namespace berth::load {

struct Progress {
  Tallies tallies;
  Timeline timeline;
  Histogram lag;  // from when a turn was to begin until its first message went out

  std::array<std::uint64_t, 16> rcodes{};  // of DNS: how often each came
  std::uint64_t turns = 0;                 // begun and counted
  std::uint64_t completed = 0;             // of those, how many succeeded
  std::uint64_t starved = 0;               // not begun, because every client was still busy
  std::uint64_t malformed = 0;             // answers that are no message
  std::uint64_t unmatched = 0;             // answers to nothing that we asked
  Time begun{};                            // of the counted part
  Time ended{};    // when the last turn was begun or could have been; zero: it runs
  Time settled{};  // when all of them had ended, however they did; zero: not yet
};

}  // namespace berth::load
