#include "server/io/arguments.hpp"

#include <CLI/CLI.hpp>
#include <map>

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

Signals:
  HUP   read the configuration again; a file with mistakes changes nothing
  USR1  log every counter
  TERM  stop

Exit codes: 0 stopped, 1 cannot run, 2 usage, 3 configuration invalid)";

const std::map<std::string, config::LogLevel> levels{
    {"trace", config::LogLevel::trace}, {"debug", config::LogLevel::debug},
    {"info", config::LogLevel::info},   {"warning", config::LogLevel::warning},
    {"error", config::LogLevel::error},
};
const std::map<std::string, config::LogFormat> formats{
    {"text", config::LogFormat::text},
    {"json", config::LogFormat::json},
};

constexpr int usage_error = 2;

// `--config "$FILE"` with FILE unset names no file; it does not ask for the built-in plan.
std::string refuse_empty(const std::string& text) {
  return text.empty() ? "the name is empty" : std::string();
}

}  // namespace

std::variant<Arguments, int> parse_arguments(int argc, char** argv) {
  CLI::App app("DHCP and DNS for clusters of virtual machines.", "berthd");
  app.footer(examples);
  app.get_formatter()->column_width(28);

  std::string file;
  std::string state_folder;
  config::LogLevel level{};
  config::LogFormat format{};
  bool check = false;
  bool print = false;
  app.set_version_flag("--version", std::string(version), "Print the version and exit");
  const auto* const config_file = app.add_option("--config", file, "The configuration file")
                                      ->type_name("FILE")
                                      ->check(refuse_empty)
                                      ->envname("BERTH_CONFIG");
  auto* const checking =
      app.add_flag("--check", check, "Check the configuration, say every mistake, and exit");
  app.add_flag("--print-config", print, "Print the configuration in force, with defaults, and exit")
      ->excludes(checking);
  auto* const log_level =
      app.add_option("--log-level", level, "debug, info, warning or error; trace is debug as yet")
          ->type_name("LEVEL")
          ->transform(CLI::CheckedTransformer(levels).description(""));
  auto* const log_format = app.add_option("--log-format", format, "text or json")
                               ->type_name("FORMAT")
                               ->transform(CLI::CheckedTransformer(formats).description(""));
  app.add_option("--state-dir", state_folder, "The state folder")
      ->type_name("DIR")
      ->check(refuse_empty)
      ->envname("BERTH_STATE_DIR");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    return app.exit(outcome) == 0 ? 0 : usage_error;
  }

  ConfigurationSource::Overrides overrides;
  if (log_level->count() != 0) overrides.log_level = level;
  if (log_format->count() != 0) overrides.log_format = format;
  overrides.state_folder = state_folder;
  using Action = Arguments::Action;
  return Arguments{
      .action = check   ? Action::check
                : print ? Action::print_config
                        : Action::serve,
      .source = config_file->count() != 0
                    ? ConfigurationSource::file(file, std::move(overrides))
                    : ConfigurationSource::usual(std::string(config::usual_configuration_file()),
                                                 std::move(overrides)),
  };
}

}  // namespace berth::io
