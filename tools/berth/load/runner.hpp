// The loop around the workloads: one thread that tells them the time, sends what they write and
// gives them what comes, sleeping when there is nothing to do.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/clock.hpp"
#include "tools/berth/load/workload.hpp"

namespace berth::load {

// A workload and what carries its messages; both outlive the run.
struct Lane {
  Workload& workload;
  Carrier& carrier;
};

struct RunnerOptions {
  Clock& clock;
  std::function<bool()> is_interrupted;   // asked now and then; the second yes ends the run at once
  std::function<void(Time)> on_progress;  // called now and then
  std::function<void(Time)> on_round;     // called often, before anything is sent at that time
  bool stays_awake = false;               // takes a processor, and is never late for having slept
};

enum class RunEnd : std::uint8_t { done, interrupted, link_lost };

struct RunOutcome {
  RunEnd end = RunEnd::done;
  Time elapsed{};
  Time idle{};  // neither sending nor receiving, asleep or waiting for the next start
  Time cpu{};   // of this thread
};

// Until every workload is done.
RunOutcome run(std::span<const Lane> lanes, const RunnerOptions& options);

}  // namespace berth::load
