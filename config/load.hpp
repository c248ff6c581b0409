// From the file's octets to a checked configuration. Every mistake is reported, not the first; time
// and memory are close to linear in the text, whatever it holds.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostic.hpp"

namespace berth::config {

struct Loaded {
  std::optional<Config> config;  // present exactly when there are no errors

  // In the file's order, at most Diagnostics::max_kept each.
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings;
  std::vector<Diagnostic> not_yet;  // keys that are right, but that this version does not act on
  std::size_t error_count = 0;      // those that were not kept as well
};

// `text` is not needed afterwards. Thread-safe; throws nothing but what a lack of memory throws.
Loaded load(std::string_view text);

}  // namespace berth::config
