// berthd: arguments, configuration, the lock, the server, an exit code. Wiring, no logic.
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <utility>

#include "config/print.hpp"
#include "config/version.hpp"
#include "server/io/arguments.hpp"
#include "server/io/event_log.hpp"
#include "server/io/host.hpp"
#include "server/io/log.hpp"
#include "server/io/server.hpp"
#include "server/io/state_lock.hpp"

namespace {

using berth::io::Arguments;
using berth::io::ConfigurationSource;
using berth::io::Log;
using berth::io::LogEvent;

constexpr int cannot_run = 1;
constexpr int configuration_invalid = 3;

void show(const ConfigurationSource::Reading& reading) {
  for (const std::string& warning : reading.warnings) std::cerr << "warning: " << warning;
  for (const std::string& mistake : reading.mistakes) std::cerr << mistake;
}

int check(const Arguments& arguments, const ConfigurationSource::Reading& reading) {
  if (arguments.action == Arguments::Action::print_config) {
    std::cout << berth::config::print(*reading.config);
  } else {
    std::cout << (reading.embedded ? "the built-in plan" : arguments.source.path()) << ": ok\n";
  }
  return 0;
}

int serve(const Arguments& arguments, ConfigurationSource::Reading reading,
          std::chrono::steady_clock::time_point started) {
  berth::config::Config& config = *reading.config;
  Log log(config.log.level, config.log.format);
  log.write(LogEvent::start, {{"version", berth::version},
                              {"file", reading.embedded ? "built-in" : arguments.source.path()}});
  if (reading.embedded) {
    berth::io::write_embedded_plan(log, arguments.source.path(), config.networks.front().subnet);
  }

  const std::string folder = config.state_dir;
  const auto lock = berth::io::StateLock::acquire(folder);
  if (!lock) {
    log.write(LogEvent::start_refused, {{"why", lock.error()}});
    return cannot_run;
  }

  berth::io::Snapshot snapshot = berth::io::make_snapshot(config, /*previous=*/nullptr);
  reading.config.reset();
  berth::io::release_free_memory();
  berth::io::Server server(reading.embedded ? arguments.source : arguments.source.required(),
                           std::move(snapshot), folder, log, started);
  return server.run();
}

int run(int argc, char** argv) {
  const auto started = std::chrono::steady_clock::now();
  const auto parsed = berth::io::parse_arguments(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<Arguments>(parsed);

  ConfigurationSource::Reading reading = arguments.source.read();
  show(reading);
  if (!reading.config) return configuration_invalid;
  if (arguments.action != Arguments::Action::serve) return check(arguments, reading);
  return serve(arguments, std::move(reading), started);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "berthd: " << failure.what() << '\n';
    return cannot_run;
  }
}
