// The shape is described in the help of `berth load`.
#include <boost/json/array.hpp>

#include "protocol/dns/text.hpp"
#include "tools/berth/load/report.hpp"

namespace berth::load {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

double microseconds(Time time) noexcept { return static_cast<double>(time.count()) / 1e3; }

value optional(const std::optional<double>& number) {
  return number ? value(*number) : value(nullptr);
}

value delays(const Histogram& histogram) {
  if (histogram.empty()) return nullptr;
  return object{{"min", microseconds(histogram.min())},
                {"mean", microseconds(histogram.mean())},
                {"p50", microseconds(histogram.percentile(0.5))},
                {"p90", microseconds(histogram.percentile(0.9))},
                {"p99", microseconds(histogram.percentile(0.99))},
                {"p999", microseconds(histogram.percentile(0.999))},
                {"max", microseconds(histogram.max())}};
}

object of_tally(const Tally& tally) {
  object wrong;
  for (std::size_t i = 0; i < wrong_count; ++i) wrong[name(static_cast<Wrong>(i))] = tally.wrong[i];
  array histogram;
  for (const Histogram::Bucket& bucket : tally.latency.buckets())
    histogram.push_back(array{microseconds(bucket.upper), bucket.count});
  return {{"sent", tally.sent},
          {"received", tally.received},
          {"late", tally.late},
          {"never", tally.never()},
          {"naks", tally.naks},
          {"wrong", std::move(wrong)},
          {"loss", tally.loss()},
          {"retransmits", tally.retransmits},
          {"duplicates", tally.duplicates},
          {"foreign", tally.foreign},
          {"latency", delays(tally.latency)},
          {"response", delays(tally.response)},
          {"histogram", std::move(histogram)}};
}

object of_exchanges(const Tallies& tallies) {
  object exchanges;
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Tally& tally = tallies[exchange];
    if (tally.sent == 0) continue;
    if (is_answered(exchange))
      exchanges[name(exchange)] = of_tally(tally);
    else
      exchanges[name(exchange)] = object{{"sent", tally.sent}};
  }
  return exchanges;
}

object of_rcodes(const Progress& progress) {
  object rcodes;
  for (std::size_t i = 0; i < progress.rcodes.size(); ++i) {
    std::string text;
    dns::append_text(text, static_cast<dns::Rcode>(i));
    if (progress.rcodes[i] != 0) rcodes[text] = progress.rcodes[i];
  }
  return rcodes;
}

object of_timeline(const Timeline& timeline) {
  array started;
  array completed;
  array slowest;
  for (const Timeline::Interval& interval : timeline.intervals()) {
    started.push_back(interval.started);
    completed.push_back(interval.completed);
    slowest.push_back(microseconds(interval.slowest));
  }
  return {{"length_s", seconds_of(timeline.length())},
          {"started", std::move(started)},
          {"completed", std::move(completed)},
          {"slowest", std::move(slowest)}};
}

object of_tester(const Summary& summary) {
  array limits;
  for (const std::string& limit : summary.tester_limits()) limits.emplace_back(limit);
  const CarrierFaults& faults = summary.faults;
  return {{"busy_share", summary.busy_share()},
          {"cpu_s", seconds_of(summary.outcome.cpu)},
          {"elapsed_s", seconds_of(summary.outcome.elapsed)},
          {"lag", delays(summary.progress.lag)},
          {"send_errors", faults.send_errors},
          {"receive_errors", faults.receive_errors},
          {"socket_drops", faults.kernel_drops},
          {"broken_connections", faults.broken},
          {"ceiling_rate", optional(summary.ceiling)},
          {"limits", std::move(limits)}};
}

value of_server(const Summary& summary) {
  if (!summary.server) return nullptr;
  const auto each = summary.server_cpu_per_turn();
  array pids;
  for (const pid_t pid : summary.server->pids) pids.push_back(pid);
  return object{{"pids", pids},
                {"cpu_s", seconds_of(summary.server->cpu)},
                {"cpu_per_turn", each ? value(microseconds(*each)) : value(nullptr)}};
}

value of_search(const std::optional<Search>& search) {
  if (!search) return nullptr;
  array trials;
  for (const Search::Trial& trial : search->trials)
    trials.push_back(object{{"rate", trial.rate},
                            {"achieved", trial.achieved},
                            {"loss", trial.loss},
                            {"p99", microseconds(trial.p99)},
                            {"passed", trial.passed},
                            {"tester_limited", trial.tester_limited}});
  return object{{"rate", search->median()},
                {"least", search->least()},
                {"most", search->most()},
                {"found", array(search->found.begin(), search->found.end())},
                {"trials", std::move(trials)}};
}

std::string_view name(RunEnd end) noexcept {
  switch (end) {
    case RunEnd::done: return "done";
    case RunEnd::interrupted: return "interrupted";
    case RunEnd::link_lost: return "link_lost";
  }
  return {};
}

}  // namespace

object json_report(const Summary& summary) {
  const Subject& subject = summary.subject;
  const Progress& progress = summary.progress;
  const bool is_open = subject.loop.is_open();
  object report{{"protocol", subject.protocol},
                {"mode", subject.mode},
                {"scenario", subject.scenario},
                {"target", subject.target},
                {"clients", subject.clients},
                {"seed", subject.seed},
                {"loop", is_open ? "open" : "closed"},
                {"requested_rate", is_open ? value(subject.loop.rate) : value(nullptr)},
                {"at_once", is_open ? value(nullptr) : value(subject.loop.at_once)},
                {"duration_s", seconds_of(summary.elapsed())},
                {"turns", progress.turns},
                {"completed", progress.completed},
                {"achieved_rate", summary.achieved_rate()},
                {"completed_rate", summary.completed_rate()},
                {"ended", name(summary.outcome.end)},
                {"ok", summary.is_ok()},
                {"limited_by", summary.tester_limits().empty() ? "server" : "tester"},
                {"conclusion", summary.conclusion()}};
  report["exchanges"] = of_exchanges(progress.tallies);
  if (subject.protocol == "dns") report["rcodes"] = of_rcodes(progress);
  report["malformed"] = progress.malformed;
  report["unmatched"] = progress.unmatched;
  report["starved"] = progress.starved;
  report["unprepared"] = summary.unprepared;
  report["intervals"] = of_timeline(progress.timeline);
  report["tester"] = of_tester(summary);
  report["server"] = of_server(summary);
  report["find_max"] = of_search(summary.search);
  return report;
}

}  // namespace berth::load
