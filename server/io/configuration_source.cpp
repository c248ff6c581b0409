#include "server/io/configuration_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "config/default_plan.hpp"
#include "config/diagnostic.hpp"
#include "config/load.hpp"
#include "config/yaml_tree.hpp"
#include "protocol/expected.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/io/places.hpp"

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

// The whole file; or the system's reason why not.
expected<std::string, std::error_code> read_file(const std::string& path) {
  const binder::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return unexpected(std::error_code(errno, std::generic_category()));
  std::string text;
  constexpr std::size_t chunk = 65'536;
  while (text.size() <= config::max_file_size) {
    const std::size_t size = text.size();
    text.resize(size + chunk);
    const auto got = ::read(file.number(), text.data() + size, chunk);
    if (got < 0) return unexpected(std::error_code(errno, std::generic_category()));
    text.resize(size + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  return text;  // one that is too long is the loader's to refuse
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
  auto text = read_file(path_);
  if (!text && may_be_absent_ && text.error() == std::errc::no_such_file_or_directory) {
    reading.embedded = true;
    text = std::string(config::default_plan());
  }
  if (!text) {
    reading.mistakes.push_back(path_ + ": " + text.error().message() + "\n");
    reading.mistake_count = 1;
    return reading;
  }

  const std::string_view name = reading.embedded ? "built-in plan" : std::string_view(path_);
  config::Loaded loaded = config::load(*text);
  reading.mistakes = texts(loaded.errors, loaded.error_count, name, *text);
  append(reading.mistakes, texts(loaded.not_yet, loaded.not_yet.size(), name, *text));
  reading.mistake_count = loaded.error_count + loaded.not_yet.size();
  reading.warnings = texts(loaded.warnings, loaded.warnings.size(), name, *text);
  if (reading.mistake_count != 0) return reading;

  reading.config = std::move(loaded.config);
  if (overrides_.log_level) reading.config->log.level = *overrides_.log_level;
  if (overrides_.log_format) reading.config->log.format = *overrides_.log_format;
  if (!overrides_.state_folder.empty()) reading.config->state_dir = overrides_.state_folder;
  if (reading.config->state_dir.empty()) reading.config->state_dir = usual_state_folder();
  return reading;
}

}  // namespace berth::io
