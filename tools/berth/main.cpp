// berth: arguments, a verb, an exit code. Wiring, no logic.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "tools/berth/command_line.hpp"
#include "tools/berth/verbs.hpp"

namespace {

// https://no-color.org
bool wants_colour() {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (refused != nullptr && *refused != '\0') return false;
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

int run(int argc, char** argv) {
  using namespace berth::tools;
  const auto parsed = parse_command_line(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const ExitCode code = run(std::get<Request>(parsed), {std::cout, std::cerr, wants_colour()});
  std::cout.flush();
  if (std::cout) return code;
  std::cerr << "berth: cannot write the output\n";
  return failure;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failed) {
    std::cerr << "berth: " << failed.what() << '\n';
    return berth::tools::failure;
  }
}
