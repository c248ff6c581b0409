#include "tools/berth/definitions.hpp"

#include <sstream>

namespace berth::tools {

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* const verb : verbs_of(app)) {
    commands.push_back({verb->get_name(), verb});
    for (const Command& below : commands_of(*verb))
      commands.push_back({verb->get_name() + ' ' + below.name, below.app});
  }
  return commands;
}

std::vector<Argument> arguments_of(const CLI::App& app) {
  std::vector<Argument> arguments;
  for (const CLI::Option* const option : app.get_options()) {
    Argument argument;
    for (const std::string& name : option->get_snames()) argument.flags.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) argument.flags.push_back("--" + name);
    if (option->get_items_expected_max() != 0) argument.value = option->get_type_name();
    // Of an enumeration the type is its words: "bash|zsh".
    if (argument.value.find('|') != std::string::npos) {
      std::istringstream list(argument.value);
      for (std::string word; std::getline(list, word, '|');) argument.words.push_back(word);
    }
    argument.description = option->get_description();
    argument.environment = option->get_envname();
    argument.required = option->get_required();
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace berth::tools
