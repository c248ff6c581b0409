// What the definitions of a command line say, for what is made from them: completion and manual.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace berth::tools {

// Those right below it.
std::vector<const CLI::App*> verbs_of(const CLI::App& app);

// All below it, in the order of their definition: "check", "load", "load dhcp".
struct Command {
  std::string name;
  const CLI::App* app;
};
std::vector<Command> commands_of(const CLI::App& app);

struct Argument {
  std::vector<std::string> flags;  // "--json", "-h"; empty: it is told by its place
  std::string value;               // "FILE"; empty: it takes none
  std::vector<std::string> words;  // the values it can have, when they are few
  std::string description;
  std::string environment;  // the variable that stands in for it
  bool required = false;

  bool takes_file() const { return value == "FILE"; }
};

// Of the program or of a verb, in the order of their definition.
std::vector<Argument> arguments_of(const CLI::App& app);

}  // namespace berth::tools
