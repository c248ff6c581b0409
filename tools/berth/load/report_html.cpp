// One page that needs nothing from elsewhere: plots as SVG, colours that follow the reader's light
// or dark. Text in it is ours but for the target's name, which is escaped.
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "tools/berth/load/chart.hpp"
#include "tools/berth/load/figures.hpp"
#include "tools/berth/load/report.hpp"

namespace berth::load {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #d5dae2; --page: #fff;
  --a: #1f6feb; --b: #d9730d; --c: #2da44e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #39424f;
  --page: #12161c; --a: #6cb0ff; --b: #ffab5e; --c: #5ad07c; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.conclusion { font-size: 1.1rem; border-left: 4px solid var(--a); padding-left: .8rem; }
.tester { border-color: var(--b); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
.note { color: var(--soft); }
)";

std::string cell(std::string_view text, std::string_view tag = "td") {
  return std::string("<").append(tag).append(">").append(escaped(text)).append("</").append(tag) +
         '>';
}

template <class Row>
std::string table(std::initializer_list<std::string_view> titles, const Tallies& tallies, Row row) {
  std::string text = "<div class=scroll><table><tr>";
  for (const std::string_view title : titles) text += cell(title, "th");
  text += "</tr>\n";
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    if (tallies[exchange].sent == 0 || !is_answered(exchange)) continue;
    text += "<tr>" + cell(title(exchange)) + row(tallies[exchange]) + "</tr>\n";
  }
  return text + "</table></div>\n";
}

std::string delays(const Tallies& tallies) {
  return table(
      {"delay", "min", "mean", "p50", "p90", "p99", "p99.9", "max"}, tallies,
      [](const Tally& tally) {
        const Histogram& all = tally.latency;
        std::string cells;
        for (const Time time : {all.min(), all.mean(), all.percentile(0.5), all.percentile(0.9),
                                all.percentile(0.99), all.percentile(0.999), all.max()})
          cells += cell(all.empty() ? "–" : time_text(time));
        return cells;
      });
}

std::string counts(const Tallies& tallies) {
  return table({"answers", "sent", "received", "never", "late", "wrong", "NAKs", "asked again",
                "twice", "foreign", "loss"},
               tallies, [](const Tally& tally) {
                 std::string cells;
                 for (const std::uint64_t number :
                      {tally.sent, tally.received, tally.never(), tally.late, tally.all_wrong(),
                       tally.naks, tally.retransmits, tally.duplicates, tally.foreign})
                   cells += cell(count_text(static_cast<double>(number)));
                 return cells + cell(percent_text(tally.loss()));
               });
}

// How long the slowest share of all takes, at least: the axis gives each nine as much room as the
// one before it.
std::string distribution(const Tallies& tallies) {
  Chart chart({.title = "Delay by percentile",
               .x_title = "percentile",
               .y_title = "delay",
               .is_y_logarithmic = true});
  chart.x_tick(0, "0");
  double place = 1;
  for (const char* const text : {"90", "99", "99.9", "99.99"}) chart.x_tick(place++, text);
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    const Histogram& all = tallies[exchange].latency;
    if (all.empty()) continue;
    std::vector<Chart::Point> points;
    constexpr int steps = 160;
    for (int step = 0; step <= steps; ++step) {
      const double nines = 4.0 * step / steps;
      const double missing = std::pow(10.0, -nines);
      // Beyond one of all that were measured there is nothing to know.
      if (missing * static_cast<double>(all.count()) < 1 && step != 0) break;
      points.push_back({nines, seconds_of(all.percentile(1 - missing))});
    }
    chart.line(std::string(title(exchange)), points);
  }
  return chart.svg([](double seconds) { return time_text(time_of(seconds)); });
}

// Up to the end of the turns: what came behind it is only what was left.
std::string over_time(const Timeline& timeline, Time elapsed) {
  Chart chart({.title = "Turns over time", .x_title = "seconds", .y_title = "a second"});
  const double length = seconds_of(timeline.length());
  std::vector<Chart::Point> started;
  std::vector<Chart::Point> completed;
  double at = 0;
  for (const Timeline::Interval& interval : timeline.intervals()) {
    if (at + length > seconds_of(elapsed) * 1.001) break;
    started.push_back({at, static_cast<double>(interval.started) / length});
    completed.push_back({at, static_cast<double>(interval.completed) / length});
    at += length;
  }
  for (int tick = 0; tick <= 4; ++tick) {
    const double second = at * tick / 4;
    chart.x_tick(second, decimal(second, at < 10 ? 1 : 0));
  }
  chart.line("begun", started);
  chart.line("completed", completed);
  return chart.svg([](double rate) { return count_text(rate); });
}

std::string search(const Search& search) {
  std::string text =
      "<h2>Search for the highest rate</h2>\n<p>" + count_text(search.median()) +
      " a second, the median of " + std::to_string(search.found.size()) +
      " searches, which found " + count_text(search.least()) + " to " + count_text(search.most()) +
      ". The rest of this page is about the best trial.</p>\n<div class=scroll><table><tr>";
  for (const char* const title : {"rate", "begun", "loss", "p99", "result"})
    text += cell(title, "th");
  text += "</tr>\n";
  for (const Search::Trial& trial : search.trials)
    text += "<tr>" + cell(count_text(trial.rate)) + cell(count_text(trial.achieved)) +
            cell(percent_text(trial.loss)) + cell(time_text(trial.p99)) +
            cell(std::string(trial.passed ? "passed" : "failed") +
                 (trial.tester_limited ? ", limited by the tester" : "")) +
            "</tr>\n";
  return text + "</table></div>\n";
}

std::string machine(const Summary& summary) {
  std::string text = "<p>The tester was at work " + decimal(summary.busy_share() * 100, 0) +
                     " % of the time and late by " +
                     time_text(summary.progress.lag.percentile(0.99)) +
                     " at the 99th percentile; " + std::to_string(summary.faults.send_errors) +
                     " messages were refused by the system and " +
                     std::to_string(summary.faults.kernel_drops) + " answers lost in its sockets.";
  if (summary.ceiling)
    text += " By itself it can do " + count_text(*summary.ceiling) + " turns a second.";
  if (const auto each = summary.server_cpu_per_turn())
    text += " The server spent " + time_text(*each) + " of processor time for each completed turn.";
  return text + "</p>\n";
}

}  // namespace

std::string html_report(const Summary& summary) {
  const Subject& subject = summary.subject;
  const std::string title = "Load of " + escaped(subject.target);
  std::string page =
      "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport "
      "content=\"width=device-width\">\n<title>" +
      title + "</title>\n<style>" + std::string(style) + "</style>\n<h1>" + title + "</h1>\n";
  page += std::string("<p class=\"conclusion") +
          (summary.tester_limits().empty() ? "\">" : " tester\">") + escaped(summary.conclusion()) +
          "</p>\n";
  page += "<p>" + escaped(subject.protocol + ' ' + subject.scenario + ", " + subject.mode) + ": " +
          (subject.loop.is_open() ? count_text(subject.loop.rate) + " turns a second asked for"
                                  : std::to_string(subject.loop.at_once) + " turns at once") +
          ", " + count_text(summary.achieved_rate()) + " begun and " +
          count_text(summary.completed_rate()) + " completed a second, over " +
          time_text(summary.elapsed()) + ", by " +
          count_text(static_cast<double>(subject.clients)) + " clients.</p>\n";
  if (summary.search) page += search(*summary.search);
  page += "<h2>How long it took</h2>\n" + distribution(summary.progress.tallies) +
          delays(summary.progress.tallies);
  page +=
      "<p class=note>Delays count from when a message was to be sent: a server that stalls is "
      "charged for all that had to wait.</p>\n";
  page += "<h2>What became of it</h2>\n" + over_time(summary.progress.timeline, summary.elapsed()) +
          counts(summary.progress.tallies);
  return page + "<h2>Who set the pace</h2>\n" + machine(summary) + "</html>\n";
}

}  // namespace berth::load
