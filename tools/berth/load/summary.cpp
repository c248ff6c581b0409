#include "tools/berth/load/summary.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tools/berth/load/figures.hpp"

namespace berth::load {
namespace {

// A result this near to what the tester can do says as much about the tester.
constexpr double near = 1.5;
constexpr double kept_up = 0.98;  // of the rate that was asked for
constexpr Time noticeable_lag = std::chrono::microseconds(100);

double per_second(std::uint64_t count, Time elapsed) noexcept {
  return elapsed > Time{} ? static_cast<double>(count) / seconds_of(elapsed) : 0;
}

}  // namespace

double Search::median() const {
  if (found.empty()) return 0;
  std::vector<double> sorted = found;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Search::least() const { return found.empty() ? 0 : std::ranges::min(found); }
double Search::most() const { return found.empty() ? 0 : std::ranges::max(found); }

double Summary::achieved_rate() const noexcept { return per_second(progress.turns, elapsed()); }

double Summary::completed_rate() const noexcept {
  return per_second(progress.completed, elapsed());
}

double Summary::busy_share() const noexcept {
  if (outcome.elapsed <= Time{}) return 0;
  return 1 - seconds_of(outcome.idle) / seconds_of(outcome.elapsed);
}

double Summary::rate_of_a_core() const noexcept {
  return per_second(progress.completed, outcome.cpu);
}

Exchange Summary::headline() const noexcept {
  for (const Exchange exchange :
       {Exchange::renew, Exchange::rebind, Exchange::reboot, Exchange::inform, Exchange::handshake})
    if (progress.tallies[exchange].sent != 0) return exchange;
  return subject.protocol == "dns" ? Exchange::query : Exchange::handshake;
}

std::uint64_t Summary::answered() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < exchange_count; ++i)
    if (static_cast<Exchange>(i) != Exchange::handshake)
      sum += progress.tallies[static_cast<Exchange>(i)].received;
  return sum;
}

std::optional<Time> Summary::server_cpu_per_turn() const noexcept {
  if (!server || progress.completed == 0) return std::nullopt;
  return server->cpu / static_cast<std::int64_t>(progress.completed);
}

std::vector<std::string> Summary::tester_limits() const {
  std::vector<std::string> reasons;
  const Tally& main = progress.tallies[headline()];
  if (faults.is_lost) reasons.emplace_back("the link went away");
  if (faults.send_errors != 0)
    reasons.push_back("the system refused " + std::to_string(faults.send_errors) +
                      " of its messages (" + std::strerror(faults.last_error) + ')');
  if (faults.kernel_drops != 0)
    reasons.push_back("its sockets had no room for " + std::to_string(faults.kernel_drops) +
                      " answers");
  if (progress.starved != 0)
    reasons.push_back(std::to_string(progress.starved) +
                      " turns found every client busy: give it more of them");
  if (subject.loop.is_open() && outcome.end == RunEnd::done &&
      achieved_rate() + per_second(progress.starved, elapsed()) < kept_up * subject.loop.rate)
    reasons.push_back("it began " + count_text(achieved_rate()) + " turns a second of the " +
                      count_text(subject.loop.rate) + " asked for");
  const Time lag = progress.lag.percentile(0.99);
  if (lag > noticeable_lag && lag * 2 > main.latency.percentile(0.99) && !main.latency.empty())
    reasons.push_back("it was late by " + time_text(lag) + " itself at the 99th percentile");
  if (busy_share() > 1 / near)
    reasons.push_back("it was at work " + decimal(busy_share() * 100, 0) + " % of the time");
  if (ceiling && completed_rate() * near > *ceiling)
    reasons.push_back("by itself it can do no more than " + count_text(*ceiling) + " a second");
  return reasons;
}

bool Summary::is_ok() const noexcept {
  if (progress.turns == 0 || answered() == 0) return false;
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Tally& tally = progress.tallies[exchange];
    if (!is_answered(exchange)) continue;
    if (limits.max_loss && tally.loss() > *limits.max_loss) return false;
    if (limits.max_p99 && tally.latency.percentile(0.99) > *limits.max_p99) return false;
  }
  return true;
}

std::string Summary::conclusion() const {
  if (progress.turns == 0)
    return unprepared != 0 ? "Nothing was measured: no client got its first address."
                           : "Nothing was measured: the run ended before it began.";
  if (answered() == 0) {
    const Tally& asked = progress.tallies[headline()];
    return asked.never() == asked.sent ? "Nobody answered." : "No answer was right and in time.";
  }
  if (is_self_check)
    return "The tester by itself can do " + count_text(rate_of_a_core()) +
           " a second with a processor to itself.";
  const auto own = tester_limits();
  if (!own.empty()) {
    std::string text = "Limited by the tester: ";
    for (std::size_t i = 0; i < own.size(); ++i) text += (i == 0 ? "" : "; ") + own[i];
    return text + '.';
  }
  const Tally& main = progress.tallies[headline()];
  if (main.loss() > 0)
    return "The server lost " + percent_text(main.loss()) +
           " of what it was asked; the tester had room to spare.";
  if (subject.loop.is_open())
    return "The server kept up with the rate; it was not pushed to its limit.";
  return "The server set the pace; the tester had room to spare.";
}

}  // namespace berth::load
