// berthd: arguments, configuration, the lock, the server, an exit code. Wiring, no logic.
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string_view>
#include <utility>

#include "config/print.hpp"
#include "config/version.hpp"
#include "server/io/arguments.hpp"
#include "server/io/event_log.hpp"
#include "server/io/explain_bind.hpp"
#include "server/io/host.hpp"
#include "server/io/log.hpp"
#include "server/io/replay.hpp"
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

std::string_view plan_name(const Arguments& arguments,
                           const ConfigurationSource::Reading& reading) {
  return reading.embedded ? "the built-in plan" : std::string_view(arguments.source.path());
}

int explain(const Arguments& arguments, const ConfigurationSource::Reading& reading) {
  const auto text = berth::io::explain_bind(*reading.config);
  if (!text) {
    std::cerr << "berthd: the links of this machine: " << text.error().message() << '\n';
    return cannot_run;
  }
  std::cout << plan_name(arguments, reading) << " on " << *text;
  return 0;
}

int check(const Arguments& arguments, const ConfigurationSource::Reading& reading) {
  if (arguments.action == Arguments::Action::print_config) {
    std::cout << berth::config::print(*reading.config);
  } else {
    std::cout << plan_name(arguments, reading) << ": ok\n";
  }
  return 0;
}

int replay(const Arguments& arguments, const ConfigurationSource::Reading& reading) {
  if (reading.embedded)
    std::cerr << arguments.source.path() << " does not exist: the built-in plan answers\n";
  const auto fault = berth::io::replay(*reading.config, arguments.capture, std::cout);
  if (fault) std::cerr << arguments.capture << ": " << *fault << '\n';
  return fault ? cannot_run : 0;
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

  berth::io::raise_descriptor_limit();
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

int act(int argc, char** argv) {
  const auto started = std::chrono::steady_clock::now();
  const auto parsed = berth::io::parse_arguments(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<Arguments>(parsed);

  ConfigurationSource::Reading reading = arguments.source.read();
  show(reading);
  if (!reading.config) return configuration_invalid;
  if (arguments.action == Arguments::Action::replay) return replay(arguments, reading);
  if (arguments.action == Arguments::Action::explain_bind) return explain(arguments, reading);
  if (arguments.action != Arguments::Action::serve) return check(arguments, reading);
  return serve(arguments, std::move(reading), started);
}

int run(int argc, char** argv) {
  const int code = act(argc, argv);
  if (std::cout.flush()) return code;
  std::cerr << "berthd: the output could not be written\n";
  return code == 0 ? cannot_run : code;
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
