#include "server/io/configuration_source.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "config/default_plan.hpp"
#include "config/diagnostic.hpp"
#include "config/load.hpp"

namespace berth::io {
namespace {

// Everything a person reads at once; the rest is counted.
constexpr std::size_t most_shown = 100;

std::vector<std::string> texts(std::span<const config::Diagnostic> diagnostics,
                               std::string_view file_name, std::string_view text) {
  std::vector<std::string> shown;
  const std::size_t count = std::min(diagnostics.size(), most_shown);
  for (const config::Diagnostic& diagnostic : diagnostics.first(count)) {
    shown.push_back(config::format(std::span(&diagnostic, 1), file_name, text));
  }
  if (count < diagnostics.size()) {
    shown.push_back(std::to_string(diagnostics.size() - count) + " more");
  }
  return shown;
}

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

ConfigurationSource::ConfigurationSource(std::string path, Overrides overrides, bool may_be_absent)
    : path_(std::move(path)), overrides_(std::move(overrides)), may_be_absent_(may_be_absent) {}

ConfigurationSource ConfigurationSource::file(std::string path, Overrides overrides) {
  return {std::move(path), std::move(overrides), /*may_be_absent=*/false};
}

ConfigurationSource ConfigurationSource::usual(std::string path, Overrides overrides) {
  return {std::move(path), std::move(overrides), /*may_be_absent=*/true};
}

ConfigurationSource::Reading ConfigurationSource::read() const {
  Reading reading;
  std::string text;
  errno = 0;
  if (std::ifstream file(path_, std::ios::binary); file) {
    text.assign(std::istreambuf_iterator<char>(file), {});
    if (file.bad()) {
      reading.mistakes.push_back(path_ + ": " + std::generic_category().message(errno));
      return reading;
    }
  } else if (may_be_absent_ && errno == ENOENT) {
    reading.embedded = true;
    text = config::default_plan();
  } else {
    reading.mistakes.push_back(path_ + ": " + std::generic_category().message(errno));
    return reading;
  }

  const std::string_view name = reading.embedded ? "built-in plan" : std::string_view(path_);
  config::Loaded loaded = config::load(text);
  reading.mistakes = texts(loaded.errors, name, text);
  append(reading.mistakes, texts(loaded.not_yet, name, text));
  reading.warnings = texts(loaded.warnings, name, text);
  if (!reading.mistakes.empty()) return reading;

  reading.config = std::move(loaded.config);
  if (overrides_.log_level) reading.config->log.level = *overrides_.log_level;
  if (overrides_.log_format) reading.config->log.format = *overrides_.log_format;
  if (!overrides_.state_folder.empty()) reading.config->state_dir = overrides_.state_folder;
  return reading;
}

}  // namespace berth::io
