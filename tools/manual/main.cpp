// Prints a page of the manual; run while building.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string_view>

#include "server/io/arguments.hpp"
#include "tools/berth/command_line.hpp"
#include "tools/manual/pages.hpp"

namespace {

int run(std::string_view page) {
  using namespace berth::tools;
  Request unused;
  if (page == "berth.1")
    std::cout << command_page(*define_command_line(unused), 1, "berthd(8), berth.yaml(5)");
  else if (page == "berthd.8")
    std::cout << command_page(*berth::io::define_arguments(), 8, "berth(1), berth.yaml(5)");
  else if (page == "berth.yaml.5")
    std::cout << plan_page("berth(1), berthd(8)");
  else
    return 2;
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return argc == 2 ? run(argv[1]) : 2;
  } catch (const std::exception& failure) {
    std::cerr << "berth_manual: " << failure.what() << '\n';
    return 1;
  }
}
