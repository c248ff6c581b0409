// The manual: pages made from what the programs themselves parse with.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace berth::tools {

// berth(1), berthd(8): from the definitions of a command line.
std::string command_page(const CLI::App& app, int section, const std::string& see_also);

// berth.yaml(5): from the table of keys.
std::string plan_page(const std::string& see_also);

}  // namespace berth::tools
