#include "server/io/configuration_source.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/diagnostic.hpp"
#include "config/load.hpp"
#include "config/places.hpp"
#include "config/plan_file.hpp"

namespace berth::io {
namespace {

// Everything a person reads at once; the rest is counted.
constexpr std::size_t most_shown = 100;

std::vector<std::string> texts(std::span<const config::Diagnostic> diagnostics, std::size_t count,
                               std::string_view file_name, std::string_view text) {
  std::vector<std::string> shown;
  for (const auto& diagnostic : diagnostics.first(std::min(diagnostics.size(), most_shown))) {
    shown.push_back(config::format(std::span(&diagnostic, 1), file_name, text));
  }
  if (count > shown.size()) {
    shown.push_back("and " + std::to_string(count - shown.size()) + " more\n");
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
  const auto absence = may_be_absent_ ? config::Absence::built_in_plan : config::Absence::mistake;
  const auto file = config::read_plan_file(path_, absence);
  if (!file) {
    reading.mistakes.push_back(path_ + ": " + file.error().message() + "\n");
    reading.mistake_count = 1;
    return reading;
  }

  reading.embedded = file->embedded;
  const std::string_view name = file->name();
  const std::string_view text = file->text;
  config::Loaded loaded = config::load(text);
  reading.mistakes = texts(loaded.errors, loaded.error_count, name, text);
  append(reading.mistakes, texts(loaded.not_yet, loaded.not_yet.size(), name, text));
  reading.mistake_count = loaded.error_count + loaded.not_yet.size();
  reading.warnings = texts(loaded.warnings, loaded.warnings.size(), name, text);
  if (reading.mistake_count != 0) return reading;

  reading.config = std::move(loaded.config);
  if (overrides_.log_level) reading.config->log.level = *overrides_.log_level;
  if (overrides_.log_format) reading.config->log.format = *overrides_.log_format;
  if (!overrides_.state_folder.empty()) reading.config->state_dir = overrides_.state_folder;
  if (reading.config->state_dir.empty()) reading.config->state_dir = config::usual_state_folder();
  return reading;
}

}  // namespace berth::io
