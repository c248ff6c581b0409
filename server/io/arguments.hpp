// berthd's command line and environment.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "config/config.hpp"
#include "server/io/configuration_source.hpp"

namespace CLI {
class App;
}

namespace berth::io {

struct Arguments {
  enum class Action { serve, check, print_config, explain_bind, replay } action = Action::serve;
  ConfigurationSource source;
  std::string capture;  // of replay: the file
};

// The arguments; or an exit code, when help, version or an explanation of what is wrong with them
// has been printed.
std::variant<Arguments, int> parse_arguments(int argc, char** argv);

// The flags by themselves, for the manual.
std::shared_ptr<const CLI::App> define_arguments();

}  // namespace berth::io
