// Scripts that make a shell complete berth's verbs, flags and files, from the definitions of its
// command line.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace berth::tools {

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);

}  // namespace berth::tools
