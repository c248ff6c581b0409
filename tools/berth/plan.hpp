// The plan that a verb is about, read and checked, and how its mistakes are told.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "tools/berth/request.hpp"

namespace berth::tools {

struct Plan {
  std::string name;  // of the file, for messages
  std::string text;
  bool embedded = false;
  // With the configuration, when there are no mistakes.
  config::Loaded loaded;

  // What makes berthd refuse it: errors, and keys that this version does not act on yet.
  std::size_t mistake_count() const noexcept { return loaded.error_count + loaded.not_yet.size(); }
};

// The file that is named, or the one that berthd would serve.
Plan read_plan(const std::string& path, bool path_is_given);

// As berthd tells them, with the line and a caret.
void print_mistakes(const Plan& plan, const Streams& streams);
void print_diagnostics(std::span<const config::Diagnostic> diagnostics, std::size_t count,
                       std::string_view prefix, const std::string& name, std::string_view text,
                       const Streams& streams);

// {"file","line","column","key","message","suggestion"} each; null for what is not known.
boost::json::array to_json(std::span<const config::Diagnostic> diagnostics,
                           std::string_view file_name);

// "1 mistake", "2 mistakes"
std::string counted(std::size_t count, std::string_view noun);

}  // namespace berth::tools
