#include "server/io/arguments.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string_view>
#include <utility>

#include "config/places.hpp"
#include "config/version.hpp"

namespace berth::io {
namespace {

constexpr const char* examples = R"(
Examples:
  berthd                           serve /etc/berth/berth.yaml, or the built-in plan without it
  berthd --config lab.yaml         serve another file
  berthd --config lab.yaml --check say everything that is wrong with it
  berthd --print-config            the configuration in force, defaults included
  berthd --replay lab.pcap         what it would answer to captured packets, and why
  berthd --explain-bind            which sockets it would open here, why, and who is in the way

Signals:
  HUP   read the configuration again; a file with mistakes changes nothing
  USR1  log every counter
  TERM  stop

Exit codes: 0 stopped, 1 cannot run, 2 usage, 3 configuration invalid)";

template <class Value>
struct Word {
  std::string_view name;
  Value value;
};

constexpr Word<config::LogLevel> levels[] = {
    {"trace", config::LogLevel::trace}, {"debug", config::LogLevel::debug},
    {"info", config::LogLevel::info},   {"warning", config::LogLevel::warning},
    {"error", config::LogLevel::error},
};
constexpr Word<config::LogFormat> formats[] = {
    {"text", config::LogFormat::text},
    {"json", config::LogFormat::json},
};

// A flag whose value is one of a few words.
template <class Value, std::size_t count>
CLI::Option* add_word(CLI::App& app, const std::string& flag, Value& target,
                      const Word<Value> (&words)[count], const std::string& description) {
  const auto read = [&target, &words, flag](const std::string& text) {
    std::string all;
    for (const auto& [name, value] : words) {
      if (name == text) return void(target = value);
      all += (all.empty() ? "" : ", ") + std::string(name);
    }
    throw CLI::ValidationError(flag, '"' + text + "\" is not one of " + all);
  };
  return app.add_option_function<std::string>(flag, read, description);
}

constexpr int usage_error = 2;

// `--config "$FILE"` with FILE unset names no file; it does not ask for the built-in plan.
std::string refuse_empty(const std::string& text) {
  return text.empty() ? "the name is empty" : std::string();
}

// The flags, with room for what is parsed.
struct Definition {
  CLI::App app{"DHCP and DNS for clusters of virtual machines.", "berthd"};
  std::string file;
  std::string state_folder;
  config::LogLevel level{};
  config::LogFormat format{};
  std::string capture;
  bool check = false;
  bool print = false;
  bool explain = false;
  const CLI::Option* config_file = nullptr;
  const CLI::Option* replay = nullptr;
  CLI::Option* log_level = nullptr;
  CLI::Option* log_format = nullptr;

  Definition();
};

Definition::Definition() {
  app.footer(examples);
  app.get_formatter()->column_width(28);
  app.set_version_flag("--version", std::string(version), "Print the version and exit");
  config_file = app.add_option("--config", file, "The configuration file")
                    ->type_name("FILE")
                    ->check(refuse_empty)
                    ->envname("BERTH_CONFIG");
  auto* const checking =
      app.add_flag("--check", check, "Check the configuration, say every mistake, and exit");
  auto* const printing = app.add_flag("--print-config", print,
                                      "Print the configuration in force, with defaults, and exit")
                             ->excludes(checking);
  auto* const replaying =
      app.add_option("--replay", capture,
                     "Print what would be answered to the packets of a capture, and exit; "
                     "touches no network and needs no privilege")
          ->type_name("FILE")
          ->check(refuse_empty)
          ->excludes(checking)
          ->excludes(printing);
  app.add_flag("--explain-bind", explain,
               "Say which sockets would be opened on this machine, how and why, how each would "
               "stand now, and who is in the way; bind nothing, and exit")
      ->excludes(checking)
      ->excludes(printing)
      ->excludes(replaying);
  replay = replaying;
  log_level = add_word(app, "--log-level", level, levels,
                       "debug, info, warning or error; trace is debug as yet")
                  ->type_name("LEVEL");
  log_format = add_word(app, "--log-format", format, formats, "text or json")->type_name("FORMAT");
  app.add_option("--state-dir", state_folder, "The state folder")
      ->type_name("DIR")
      ->check(refuse_empty)
      ->envname("BERTH_STATE_DIR");
}

// What is wrong, and for a file that stands by itself, as other servers take it, how it is told.
std::string mistake_text(const CLI::App& app, const CLI::ParseError& mistake) {
  std::string text = app.get_name() + ": " + mistake.what() + '\n';
  const auto words = app.remaining();
  if (words.size() == 1 && !words.front().starts_with('-'))
    text += "    did you mean `--config " + words.front() + "`?\n";
  return text + '`' + app.get_name() + " --help` has examples.\n";
}

}  // namespace

std::shared_ptr<const CLI::App> define_arguments() {
  auto definition = std::make_shared<Definition>();
  const CLI::App* const app = &definition->app;
  return {std::move(definition), app};
}

std::variant<Arguments, int> parse_arguments(int argc, char** argv) {
  Definition given;
  try {
    given.app.parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    if (outcome.get_exit_code() == 0) return given.app.exit(outcome);  // help or version
    std::cerr << mistake_text(given.app, outcome);
    return usage_error;
  }

  ConfigurationSource::Overrides overrides;
  if (given.log_level->count() != 0) overrides.log_level = given.level;
  if (given.log_format->count() != 0) overrides.log_format = given.format;
  overrides.state_folder = given.state_folder;
  using Action = Arguments::Action;
  return Arguments{
      .action = given.check                  ? Action::check
                : given.print                ? Action::print_config
                : given.explain              ? Action::explain_bind
                : given.replay->count() != 0 ? Action::replay
                                             : Action::serve,
      .source = given.config_file->count() != 0
                    ? ConfigurationSource::file(given.file, std::move(overrides))
                    : ConfigurationSource::usual(std::string(config::usual_configuration_file()),
                                                 std::move(overrides)),
      .capture = given.capture,
  };
}

}  // namespace berth::io
