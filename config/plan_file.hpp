// The plan as a text, before anybody understands it: a file, or the plan built into the programs
// when there is no file at the usual place. Thread-safe: functions of their arguments and the file.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include "protocol/expected.hpp"

namespace berth::config {

// The whole file; or the system's reason why not. Of one that is longer than max_file_size a part
// that is longer too, so that load() refuses it.
expected<std::string, std::error_code> read_file(const std::string& path);
// The same of what is open already, such as standard input; it stays open.
expected<std::string, std::error_code> read_stream(std::FILE* file);

// A file that was asked for must exist; at the usual place its absence means the built-in plan.
enum class Absence : bool { mistake, built_in_plan };

struct PlanFile {
  std::string path;
  std::string text;
  bool embedded = false;  // the built-in plan, because there is no such file

  // For messages.
  std::string_view name() const noexcept {
    return embedded ? std::string_view("built-in plan") : std::string_view(path);
  }
};

expected<PlanFile, std::error_code> read_plan_file(const std::string& path, Absence absence);

}  // namespace berth::config
