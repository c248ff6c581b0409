// Where the configuration comes from: a file, or the plan built into the program when there is no
// file at the usual place; and what the command line puts above it. Reading gives the configuration
// or everything that is wrong with it. Thread-safe: a read touches nothing shared.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace berth::io {

class ConfigurationSource {
 public:
  // What the command line says wins over the file, on every reading.
  struct Overrides {
    std::optional<config::LogLevel> log_level;
    std::optional<config::LogFormat> log_format;
    std::string state_folder;  // empty: none
  };

  // A file that was asked for, by flag or environment, must exist; at the usual place its absence
  // means the built-in plan.
  static ConfigurationSource file(std::string path, Overrides overrides);
  static ConfigurationSource usual(std::string path, Overrides overrides);

  struct Reading {
    std::optional<config::Config> config;  // with its state folder; absent: there are mistakes
    bool embedded = false;                 // the built-in plan, because the file does not exist
    std::vector<std::string> mistakes;     // each with its place, the line and a caret
    std::size_t mistake_count = 0;         // also those too many to be shown
    std::vector<std::string> warnings;     // as mistakes
  };
  Reading read() const;

  // The same, but the file must exist: once it was read, its absence is a mistake.
  ConfigurationSource required() const { return {path_, overrides_, /*may_be_absent=*/false}; }

  const std::string& path() const noexcept { return path_; }

 private:
  ConfigurationSource(std::string path, Overrides overrides, bool may_be_absent);

  std::string path_;
  Overrides overrides_;
  bool may_be_absent_;
};

}  // namespace berth::io
