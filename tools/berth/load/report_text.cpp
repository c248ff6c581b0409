#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "tools/berth/load/figures.hpp"
#include "tools/berth/load/report.hpp"

namespace berth::load {
namespace {

std::string count(std::uint64_t number) { return count_text(static_cast<double>(number)); }

std::string heading(const Summary& summary) {
  const Subject& subject = summary.subject;
  const std::string loop = subject.loop.is_open()
                               ? count_text(subject.loop.rate) + " a second"
                               : std::to_string(subject.loop.at_once) + " at once";
  return subject.protocol + ' ' + subject.scenario + ", " + subject.mode + ", to " +
         subject.target + ": " + loop + ", " + count(subject.clients) + " clients, " +
         count(summary.progress.turns) + " turns\n";
}

// A row of a table: the first column at the left, the others at the right.
std::string row(std::span<const std::string> cells, std::size_t columns) {
  std::string line = left(cells.front(), 15);
  for (const std::string& cell : cells.subspan(1)) line += right(cell, columns);
  return line + '\n';
}

std::string counts_table(const Tallies& tallies) {
  constexpr std::size_t columns = 10;
  const std::array<std::string, 11> titles{"",     "sent",  "received", "never",   "late", "wrong",
                                           "NAKs", "again", "twice",    "foreign", "loss"};
  std::string table = row(titles, columns);
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Tally& tally = tallies[exchange];
    if (tally.sent == 0) continue;
    const std::array<std::string, 11> cells{std::string(title(exchange)),
                                            count(tally.sent),
                                            count(tally.received),
                                            count(tally.never()),
                                            count(tally.late),
                                            count(tally.all_wrong()),
                                            count(tally.naks),
                                            count(tally.retransmits),
                                            count(tally.duplicates),
                                            count(tally.foreign),
                                            percent_text(tally.loss())};
    table += row(std::span(cells).first(is_answered(exchange) ? cells.size() : 2), columns);
  }
  return table;
}

std::string delays_table(const Tallies& tallies) {
  constexpr std::size_t columns = 10;
  const std::array<std::string, 8> titles{"delay", "min", "mean",  "p50",
                                          "p90",   "p99", "p99.9", "max"};
  std::string table = row(titles, columns);
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Histogram& delays = tallies[exchange].latency;
    if (delays.empty()) continue;
    const std::array<std::string, 8> cells{std::string(title(exchange)),
                                           time_text(delays.min()),
                                           time_text(delays.mean()),
                                           time_text(delays.percentile(0.5)),
                                           time_text(delays.percentile(0.9)),
                                           time_text(delays.percentile(0.99)),
                                           time_text(delays.percentile(0.999)),
                                           time_text(delays.max())};
    table += row(cells, columns);
  }
  return table;
}

std::string wrong_lines(const Summary& summary) {
  std::string lines;
  for (std::size_t i = 0; i < exchange_count; ++i)
    for (std::size_t kind = 0; kind < wrong_count; ++kind) {
      const auto exchange = static_cast<Exchange>(i);
      const std::uint64_t number = summary.progress.tallies[exchange].wrong[kind];
      if (number == 0 || exchange == Exchange::handshake) continue;
      lines.append(title(exchange)).append(": ").append(count(number)).append(" wrong: ");
      lines.append(name(static_cast<Wrong>(kind))).append("\n");
    }
  const auto add = [&](std::uint64_t number, std::string_view what) {
    if (number != 0) lines.append(count(number)).append(what).append("\n");
  };
  add(summary.progress.malformed, " answers were malformed");
  add(summary.progress.unmatched, " answers were to nothing that was asked");
  add(summary.unprepared, " clients got no first address and were left out");
  return lines;
}

std::string search_lines(const Search& search) {
  std::string lines;
  for (const Search::Trial& trial : search.trials)
    lines += right(count_text(trial.rate), 12) + " a second: loss " + percent_text(trial.loss) +
             ", p99 " + time_text(trial.p99) + (trial.passed ? ": passed" : ": failed") +
             (trial.tester_limited ? ", limited by the tester\n" : "\n");
  return lines + "highest rate: " + count_text(search.median()) + " a second, of " +
         std::to_string(search.found.size()) + " searches that found " +
         count_text(search.least()) + " to " + count_text(search.most()) + '\n';
}

}  // namespace

std::string progress_line(const Progress& progress, const Subject& subject, Time now) {
  if (progress.begun == Time{}) return "preparing";
  const double seconds = seconds_of(std::max(now - progress.begun, Time{}));
  Exchange exchange = Exchange::query;
  for (std::size_t i = 0; i < exchange_count; ++i)
    if (progress.tallies[static_cast<Exchange>(i)].received != 0) {
      exchange = static_cast<Exchange>(i);
      break;
    }
  const Tally& tally = progress.tallies[exchange];
  const std::string end = subject.extent.duration == Time{}
                              ? std::string()
                              : " of " + decimal(seconds_of(subject.extent.duration), 0);
  return decimal(seconds, 1) + end + " s: " + count(progress.turns) + " begun, " +
         count(progress.completed) + " completed, p99 " + time_text(tally.latency.percentile(0.99));
}

std::string text_report(const Summary& summary) {
  const Progress& progress = summary.progress;
  std::string text = heading(summary);
  text += count_text(summary.achieved_rate()) + " begun and " +
          count_text(summary.completed_rate()) + " completed a second, over " +
          time_text(summary.elapsed()) + "\n\n";
  text += counts_table(progress.tallies) + '\n' + delays_table(progress.tallies) + '\n';
  text += wrong_lines(summary);
  if (summary.search) text += search_lines(*summary.search);
  if (const auto each = summary.server_cpu_per_turn())
    text += "server: " + time_text(*each) + " of processor time for each completed turn\n";
  text += "tester: at work " + decimal(summary.busy_share() * 100, 0) + " % of the time, late by " +
          time_text(progress.lag.percentile(0.99)) + " at p99\n";
  if (summary.ceiling && !summary.is_self_check)
    text += "tester: by itself it can do " + count_text(*summary.ceiling) + " a second\n";
  return text + summary.conclusion() + '\n';
}

}  // namespace berth::load
