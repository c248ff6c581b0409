#include "tools/berth/load/runner.hpp"

#include <algorithm>
#include <vector>

#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

// A sleep is not exact: whoever has to do something this soon stays awake.
constexpr Time too_short_to_sleep = std::chrono::microseconds(40);
constexpr Time between_looks = std::chrono::milliseconds(100);

class Loop {
 public:
  Loop(std::span<const Lane> lanes, const RunnerOptions& options)
      : lanes_(lanes), options_(options) {
    for (const Lane& lane : lanes_) lane.carrier.add_descriptors(descriptors_);
  }

  RunOutcome run() {
    ask_for_exact_timers();
    const Time begin = options_.clock.now();
    const Time cpu = thread_cpu_time();
    Time now = begin;
    for (;;) {
      if (options_.on_round) options_.on_round(now);
      bool is_busy = false;
      for (const Lane& lane : lanes_) is_busy |= begin_what_is_due(lane, now);
      for (const Lane& lane : lanes_) is_busy |= receive(lane);
      if ((now >= next_look_ && !look_around(now)) || is_done()) break;
      if (!is_busy) sleep();
      const Time after = options_.clock.now();
      if (!is_busy) idle_ += after - now;
      now = after;
    }
    return {end_, options_.clock.now() - begin, idle_, thread_cpu_time() - cpu};
  }

 private:
  void flush(const Lane& lane) {
    if (outbox_.empty()) return;
    lane.carrier.send(outbox_.messages());
    outbox_.clear();
  }

  // One batch: answers that wait are looked at in between.
  bool begin_what_is_due(const Lane& lane, Time now) {
    lane.workload.on_timer(now, outbox_);
    if (outbox_.empty()) return false;
    flush(lane);
    return true;
  }

  bool receive(const Lane& lane) {
    const auto messages = lane.carrier.receive();
    if (messages.empty()) return false;
    const Time now = options_.clock.now();
    for (const Message& message : messages) {
      if (outbox_.is_full()) flush(lane);
      lane.workload.on_message(message, now, outbox_);
    }
    flush(lane);
    return true;
  }

  bool is_done() const {
    return std::ranges::all_of(lanes_, [](const Lane& lane) { return lane.workload.is_done(); });
  }

  void stop(Time now, RunEnd end) {
    if (end_ != RunEnd::done) return;
    end_ = end;
    for (const Lane& lane : lanes_) lane.workload.stop(now);
  }

  // False when the run is to end at once.
  bool look_around(Time now) {
    next_look_ = now + between_looks;
    options_.clock.refresh();
    if (options_.on_progress) options_.on_progress(now);
    if (options_.is_interrupted && options_.is_interrupted()) {
      if (end_ == RunEnd::interrupted) return false;
      stop(now, RunEnd::interrupted);
    }
    for (const Lane& lane : lanes_)
      if (lane.carrier.faults().is_lost) stop(now, RunEnd::link_lost);
    return true;
  }

  void sleep() {
    const Time now = options_.clock.now();
    Time until = next_look_;
    for (const Lane& lane : lanes_)
      if (const auto next = lane.workload.next_deadline()) until = std::min(until, *next);
    if (options_.stays_awake || until - now <= too_short_to_sleep) return;
    descriptors_.clear();
    for (const Lane& lane : lanes_) lane.carrier.add_descriptors(descriptors_);
    wait_for(descriptors_, until - now - too_short_to_sleep / 2);
  }

  std::span<const Lane> lanes_;
  const RunnerOptions& options_;
  Outbox outbox_;
  std::vector<pollfd> descriptors_;
  Time next_look_{};
  Time idle_{};
  RunEnd end_ = RunEnd::done;
};

}  // namespace

RunOutcome run(std::span<const Lane> lanes, const RunnerOptions& options) {
  return Loop(lanes, options).run();
}

}  // namespace berth::load
