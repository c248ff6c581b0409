// What a run came to, as values: what text, JSON and HTML are made from, and who set the result.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/dhcp_settings.hpp"
#include "tools/berth/load/progress.hpp"
#include "tools/berth/load/runner.hpp"

namespace berth::load {

// What was asked for.
struct Subject {
  std::string protocol;  // "dhcp"
  std::string mode;      // "relay", "client", "udp", "tcp"
  std::string scenario;  // "dora", "query"
  std::string target;    // "192.168.200.1:67", or the link: "eth0"
  Loop loop;
  Extent extent;
  std::uint64_t seed = 1;
  std::uint64_t clients = 0;
};

struct ServerUse {
  std::vector<pid_t> pids;
  Time cpu{};  // from the first counted turn until the last had ended
};

struct Limits {
  std::optional<double> max_loss;  // a share
  std::optional<Time> max_p99;

  bool empty() const noexcept { return !max_loss && !max_p99; }
};

// A search's trials, in order, and the highest rates that its repeats found.
struct Search {
  struct Trial {
    double rate = 0;
    double achieved = 0;
    double loss = 0;
    Time p99{};
    bool passed = false;
    bool tester_limited = false;
  };
  std::vector<Trial> trials;
  std::vector<double> found;

  double median() const;
  double least() const;
  double most() const;
};

struct Summary {
  Subject subject;
  Progress progress;
  RunOutcome outcome;
  CarrierFaults faults;
  std::size_t unprepared = 0;
  std::optional<ServerUse> server;
  std::optional<double> ceiling;  // of the tester by itself: rate_of_a_core()
  Limits limits;
  std::optional<Search> search;
  bool is_self_check = false;  // there was no server but the tester's own

  Time elapsed() const noexcept { return progress.ended - progress.begun; }
  // Turns begun, and completed, per second of the counted part.
  double achieved_rate() const noexcept;
  double completed_rate() const noexcept;
  double busy_share() const noexcept;
  // Turns for each second of the tester's own processor time: what a processor to itself would
  // allow.
  double rate_of_a_core() const noexcept;
  // By which the run is judged: the handshake where there is one.
  Exchange headline() const noexcept;
  std::uint64_t answered() const noexcept;  // answers that came in time, of all exchanges
  // Of the server, for each turn that was completed.
  std::optional<Time> server_cpu_per_turn() const noexcept;

  // Why the figures are the tester's rather than the server's; empty when they are the server's.
  std::vector<std::string> tester_limits() const;
  // Whether anything was measured and the limits hold.
  bool is_ok() const noexcept;
  // Who set the result: one sentence.
  std::string conclusion() const;
};

}  // namespace berth::load
