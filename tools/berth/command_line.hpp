// berth's command line: the one definition of its verbs and flags, from which come parsing, help,
// completion and the manual.
#pragma once

#include <memory>
#include <variant>

#include "tools/berth/request.hpp"

namespace CLI {
class App;
}

namespace berth::tools {

// A tree of verbs that writes what it parses to `request`, which must outlive it.
std::shared_ptr<CLI::App> define_command_line(Request& request);

// The request; or an exit code, when help, version or what is wrong with the arguments has been
// printed.
std::variant<Request, int> parse_command_line(int argc, char** argv);

}  // namespace berth::tools
