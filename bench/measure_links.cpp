// How soon berthd serves a link that appears, whether it ever misses one that is made anew, and how
// soon it takes a port that somebody gives up. Runs berthd itself, in network namespaces of its
// own.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/links/machine.hpp"

namespace {

using namespace berth::bench;
using std::chrono::milliseconds;

constexpr milliseconds give_up_after{10'000};
constexpr milliseconds served_after{10};        // the bar for a link that appears
constexpr double taken_within = 250;            // ms, the bar for a port that is given up
constexpr std::size_t memory_may_differ = 256;  // KiB

struct Rounds {
  int appearing = 100;
  int again = 1000;
  int conflicts = 20;
};

class Report {
 public:
  void times(const std::string& what, std::vector<double> all, double most_median,
             double most_of_all) {
    std::ranges::sort(all);
    const auto at = [&all](double share) {
      return all[static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size()))) - 1];
    };
    std::cout << std::left << std::setw(52) << what << std::right << std::fixed
              << std::setprecision(1) << std::setw(5) << all.size() << " times";
    const std::pair<const char*, double> columns[] = {{"median", 0.5}, {"p95", 0.95}, {"max", 1.0}};
    for (const auto& [name, share] : columns)
      std::cout << "  " << name << ' ' << std::setw(6) << at(share) << " ms";
    const bool is_by_median = std::isfinite(most_median);
    tell(is_by_median ? "median" : "max", is_by_median ? most_median : most_of_all,
         at(0.5) <= most_median && all.back() <= most_of_all);
  }

  void growth(const std::string& what, std::size_t before, std::size_t after, std::size_t most) {
    std::cout << std::left << std::setw(52) << what << ' ' << before << " before, " << after
              << " after";
    tell("growth", static_cast<double>(most), after <= before + most);
  }

  void lost(const std::string& what, std::size_t count) {
    std::cout << std::left << std::setw(52) << what << ' ' << count;
    tell("lost", 0, count == 0);
  }

  bool is_met() const noexcept { return is_met_; }

 private:
  void tell(const char* what, double most, bool is_met) {
    is_met_ = is_met_ && is_met;
    std::cout << std::setprecision(0) << "  [" << what << " <= " << most
              << (is_met ? "]" : ": MISSED]") << std::endl;
  }

  bool is_met_ = true;
};

// Asks each millisecond, as an impatient client; in milliseconds since that moment.
std::vector<double> until_answered(Guest& guest, Clock::time_point since,
                                   std::initializer_list<Ask> asks) {
  guest.begin();
  const auto is_answered = [&guest](Ask what) { return guest.answered(what).has_value(); };
  while (!std::ranges::all_of(asks, is_answered)) {
    if (Clock::now() - since > give_up_after) throw std::runtime_error("no answer within 10 s");
    for (const Ask what : asks)
      if (!is_answered(what)) guest.ask(what);
    guest.listen_until(Clock::now() + milliseconds{1});
  }
  std::vector<double> times;
  for (const Ask what : asks)
    times.push_back(
        std::chrono::duration<double, std::milli>(*guest.answered(what) - since).count());
  return times;
}

void measure_appearing(Machine& machine, int rounds, Report& report) {
  std::vector<double> offers;
  std::vector<double> answers;
  for (int round = 0; round < rounds; ++round) {
    machine.add_bridge();
    const auto appeared = machine.add_address();
    const auto times = until_answered(machine.guest(), appeared, {Ask::discover, Ask::name});
    offers.push_back(times[0]);
    answers.push_back(times[1]);
    machine.remove_bridge();
  }
  constexpr double bar = served_after.count();
  report.times("address appears -> first OFFER", std::move(offers), bar, INFINITY);
  report.times("address appears -> first DNS answer", std::move(answers), bar, INFINITY);
}

// Once they stay as they are: after a link has come, a thread looks through /proc for who else
// holds the ports, and a socket waits for what it finds.
std::size_t settled_descriptors(const Berthd& berthd) {
  constexpr int looks = 50;
  std::size_t count = berthd.descriptors();
  for (int same = 0, all = 0; same < looks && all < 100 * looks; ++same, ++all) {
    std::this_thread::sleep_for(milliseconds{1});
    const std::size_t now = berthd.descriptors();
    if (now != count) same = 0;
    count = now;
  }
  return count;
}

// One DISCOVER and one query, ten milliseconds after the address: neither is sent twice.
void measure_again(Machine& machine, Berthd& berthd, int rounds, Report& report) {
  const int warm_up = std::min(10, rounds / 2);
  std::size_t lost_offers = 0;
  std::size_t lost_answers = 0;
  std::size_t memory = 0;
  std::size_t descriptors = 0;
  Guest& guest = machine.guest();
  for (int round = 0; round < rounds; ++round) {
    machine.add_bridge();
    const auto appeared = machine.add_address();
    std::this_thread::sleep_until(appeared + served_after);
    guest.begin();
    guest.ask(Ask::discover);
    guest.ask(Ask::name);
    guest.listen_until(Clock::now() + milliseconds{2000});
    lost_offers += guest.answered(Ask::discover) ? 0U : 1U;
    lost_answers += guest.answered(Ask::name) ? 0U : 1U;
    if (round == warm_up) {
      memory = berthd.private_kilobytes();
      descriptors = settled_descriptors(berthd);
    }
    machine.remove_bridge();
  }
  machine.add_bridge();
  machine.add_address();
  until_answered(guest, Clock::now(), {Ask::discover, Ask::name});
  const std::string what = "made again " + std::to_string(rounds) + " times";
  report.lost(what + ": DISCOVERs lost", lost_offers);
  report.lost(what + ": DNS queries lost", lost_answers);
  report.growth(what + ": descriptors", descriptors, settled_descriptors(berthd), 0);
  report.growth(what + ": private memory, KiB", memory, berthd.private_kilobytes(),
                memory_may_differ);
  machine.remove_bridge();
}

struct Conflict {
  const char* what;
  std::uint16_t port;
  const char* service;  // in the log
  Ask ask;
};

// Long enough for any back-off to have grown, and ended at another moment each time.
void measure_conflict(Machine& machine, const std::string& program, const Folder& folder,
                      const Conflict& conflict, int rounds, Report& report) {
  constexpr milliseconds held_for{1000};
  constexpr int spread = 37;  // of 200 ms, that of our attempts
  std::vector<double> times;
  machine.add_bridge();
  machine.add_address();
  for (int round = 0; round < rounds; ++round) {
    const auto holder = hold(conflict.port);
    Berthd berthd(program, folder);
    berthd.wait_for_log("endpoint.conflict", conflict.service);
    std::this_thread::sleep_for(held_for + milliseconds{round * spread % 200});
    const auto released = Clock::now();
    holder->end(SIGKILL);
    times.push_back(until_answered(machine.guest(), released, {conflict.ask})[0]);
    berthd.stop();
  }
  machine.remove_bridge();
  report.times(conflict.what, std::move(times), INFINITY, taken_within);
}

Report measure(const std::string& program, const Rounds& rounds) {
  Report report;
  Machine machine;
  const Folder folder;
  {
    Berthd berthd(program, folder);
    measure_appearing(machine, rounds.appearing, report);
    measure_again(machine, berthd, rounds.again, report);
    berthd.stop();
  }
  constexpr Conflict conflicts[] = {
      {"port 53 of our address is given up -> DNS answer", 53, "service=dns", Ask::name},
      {"port 67 of our address is given up -> renewal", 67, "service=dhcp", Ask::renewal},
  };
  for (const Conflict& conflict : conflicts)
    measure_conflict(machine, program, folder, conflict, rounds.conflicts, report);
  return report;
}

std::string beside_us() {
  const auto bench = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (bench.parent_path() / "server" / "berthd").string();
}

}  // namespace

int main(int count, char** words) {
  CLI::App app{
      "How soon berthd serves a link that appears, and a port that is given up. Needs root."};
  std::string program = beside_us();
  bool is_smoke = false;
  bool is_check = false;
  app.add_option("--berthd", program, "the program to measure")->capture_default_str();
  app.add_flag("--smoke", is_smoke, "a few rounds, to see that it runs");
  app.add_flag("--check", is_check, "exit with 1 when a bar is missed");
  CLI11_PARSE(app, count, words);
  try {
    const Report report = measure(program, is_smoke ? Rounds{3, 3, 1} : Rounds{});
    return is_check && !report.is_met() ? 1 : 0;
  } catch (const std::exception& error) {
    std::cerr << "measure_links: " << error.what() << '\n';
    return 1;
  }
}
