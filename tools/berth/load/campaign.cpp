#include "tools/berth/load/campaign.hpp"

#include <algorithm>

#include "tools/berth/load/counted_part.hpp"
#include "tools/berth/load/rate_search.hpp"
#include "tools/berth/load/report.hpp"
#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

// A server at its limit is one that loses more than this or keeps its clients waiting longer.
constexpr double usual_max_loss = 0.001;
constexpr Time usual_max_p99 = std::chrono::milliseconds(50);
constexpr double first_rate = 1000;
constexpr double kept_up = 0.98;  // of what was asked for

// What the tester was late by itself is not the server's.
bool has_passed(const Summary& summary, const Limits& limits) {
  const Tally& main = summary.progress.tallies[summary.headline()];
  const Time p99 = main.latency.percentile(0.99) - summary.progress.lag.percentile(0.99);
  return main.received != 0 && main.loss() <= limits.max_loss.value_or(usual_max_loss) &&
         p99 <= limits.max_p99.value_or(usual_max_p99) &&
         summary.achieved_rate() >= kept_up * summary.subject.loop.rate;
}

Search::Trial trial_of(const Summary& summary, bool passed) {
  const Tally& main = summary.progress.tallies[summary.headline()];
  return {.rate = summary.subject.loop.rate,
          .achieved = summary.achieved_rate(),
          .loss = main.loss(),
          .p99 = main.latency.percentile(0.99),
          .passed = passed,
          .tester_limited = !summary.tester_limits().empty()};
}

// The search, repeated; the summary is of the best trial that passed, else of the last.
expected<Summary, std::string> find_max(Campaign& campaign, const Options& options,
                                        const Limits& limits, const Campaign::Hooks& hooks) {
  Search search;
  std::optional<Summary> best;
  bool best_passed = false;
  bool is_interrupted = false;
  for (std::uint32_t repeat = 0; repeat < options.repeats && !is_interrupted; ++repeat) {
    // Those that come later know about where to begin.
    const double known = search.found.empty() ? first_rate : search.found.back() / 2;
    RateSearch rates({.first = options.rate > 0 ? options.rate : std::max(known, 1.0)});
    while (const auto rate = rates.rate()) {
      Extent extent = options.extent;
      extent.duration = options.trial;
      extent.count = 0;
      auto summary = campaign.run({.rate = *rate}, extent, hooks);
      if (!summary) return unexpected(summary.error());
      is_interrupted = summary->outcome.end != RunEnd::done;
      if (is_interrupted) break;
      const bool passed = has_passed(*summary, limits);
      search.trials.push_back(trial_of(*summary, passed));
      passed ? rates.passed() : rates.failed();
      if (!best || (passed && (!best_passed || *rate > best->subject.loop.rate)) ||
          (!passed && !best_passed))
        best = *summary;
      best_passed |= passed;
    }
    if (!is_interrupted) search.found.push_back(rates.found());
  }
  if (!best) return unexpected(std::string("interrupted before the first trial ended"));
  best->search = std::move(search);
  return std::move(*best);
}

}  // namespace

void run_lanes(std::span<const Lane> lanes, const Progress& progress, Clock& clock,
               const Options& options, const Campaign::Hooks& hooks, Summary& summary) {
  const auto server_cpu = [&]() -> std::optional<Time> {
    std::optional<Time> sum;
    for (const pid_t pid : options.server_pids) {
      const auto one = process_cpu_time(pid);
      if (!one) return std::nullopt;
      sum = sum.value_or(Time{}) + *one;
    }
    return sum;
  };
  CountedPart counted(progress, server_cpu);
  summary.outcome =
      run(lanes, {.clock = clock,
                  .is_interrupted = [&] { return hooks.interruptions.take(); },
                  .on_progress =
                      [&](Time now) {
                        if (hooks.progress)
                          hooks.progress(progress_line(progress, summary.subject, now));
                      },
                  .on_round = [&](Time now) { counted.look(now); },
                  .stays_awake = options.stays_awake});
  if (const auto cpu = counted.spent()) summary.server = ServerUse{options.server_pids, *cpu};
  for (const Lane& lane : lanes) {
    const CarrierFaults& faults = lane.carrier.faults();
    summary.faults.send_errors += faults.send_errors;
    summary.faults.receive_errors += faults.receive_errors;
    summary.faults.kernel_drops += faults.kernel_drops;
    summary.faults.broken += faults.broken;
    if (faults.last_error != 0) summary.faults.last_error = faults.last_error;
    summary.faults.is_lost |= faults.is_lost;
  }
}

expected<Summary, std::string> run(Campaign& campaign, const Options& options,
                                   const Campaign::Hooks& hooks) {
  const Limits limits{options.max_loss, options.max_p99};
  std::optional<double> ceiling;
  if (options.self_check) {
    auto own = campaign.self_check(hooks);
    if (!own) return unexpected(own.error());
    ceiling = own->rate_of_a_core();
    if (!campaign.has_target()) {
      Summary alone = std::move(*own);
      alone.is_self_check = true;
      alone.ceiling = ceiling;
      return alone;
    }
  }
  auto summary = options.find_max ? find_max(campaign, options, limits, hooks)
                                  : campaign.run({.rate = options.rate, .at_once = options.at_once},
                                                 options.extent, hooks);
  if (!summary) return unexpected(summary.error());
  Summary result = std::move(*summary);
  result.limits = limits;
  result.ceiling = ceiling;
  return result;
}

}  // namespace berth::load
