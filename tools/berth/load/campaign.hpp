// A load test from its options to its summary: who takes part, what carries it, the run or the
// search made of runs.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/expected.hpp"
#include "tools/berth/load/clock.hpp"
#include "tools/berth/load/interruptions.hpp"
#include "tools/berth/load/options.hpp"
#include "tools/berth/load/summary.hpp"

namespace berth::load {

// A run of one rate and extent, made anew as often as a search takes.
class Campaign {
 public:
  Campaign() = default;
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;
  virtual ~Campaign() = default;

  struct Hooks {
    Interruptions& interruptions;
    std::function<void(const std::string& line)> progress;  // may be empty
  };
  // The summary, or why nothing could be run.
  virtual expected<Summary, std::string> run(const Loop& loop, const Extent& extent,
                                             const Hooks& hooks) = 0;
  // How many take part.
  virtual std::size_t clients() const = 0;
  // Whether there is a server to test, beside the tester itself.
  virtual bool has_target() const = 0;
  // The tester by itself, as fast as it can, against a server that answers at once and knows
  // nothing.
  virtual expected<Summary, std::string> self_check(const Hooks& hooks) = 0;
};

// Runs the lanes to their end and notes in `summary` what the tester and the server spent; the
// progress is of the lane that the line on the terminal is about.
void run_lanes(std::span<const Lane> lanes, const Progress& progress, Clock& clock,
               const Options& options, const Campaign::Hooks& hooks, Summary& summary);

// With the options' loop and extent, or the search for the highest rate.
expected<Summary, std::string> run(Campaign& campaign, const Options& options,
                                   const Campaign::Hooks& hooks);

}  // namespace berth::load
