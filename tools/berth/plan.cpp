#include "tools/berth/plan.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <ostream>
#include <utility>

#include "config/places.hpp"
#include "config/plan_file.hpp"
#include "tools/berth/json.hpp"

namespace berth::tools {
namespace {

// Everything a person reads at once; the rest is counted.
constexpr std::size_t most_shown = 100;

boost::json::value number_or_null(std::uint32_t number) {
  if (number == 0) return nullptr;
  return number;
}

}  // namespace

Plan read_plan(const std::string& path, bool path_is_given) {
  const std::string where = path_is_given ? path : std::string(config::usual_configuration_file());
  auto file = config::read_plan_file(
      where, path_is_given ? config::Absence::mistake : config::Absence::built_in_plan);
  Plan plan{.name = where, .text = {}, .embedded = false, .loaded = {}};
  if (!file) {
    plan.loaded.errors.push_back({{}, {}, file.error().message(), {}});
    plan.loaded.error_count = 1;
    return plan;
  }
  plan.embedded = file->embedded;
  plan.name = file->name();
  plan.text = std::move(file->text);
  plan.loaded = config::load(plan.text);
  return plan;
}

void print_diagnostics(std::span<const config::Diagnostic> diagnostics, std::size_t count,
                       std::string_view prefix, const std::string& name, std::string_view text,
                       const Streams& streams) {
  const auto colour = streams.colour ? config::Colour::always : config::Colour::never;
  const std::size_t shown = std::min(diagnostics.size(), most_shown);
  for (const auto& diagnostic : diagnostics.first(shown))
    streams.err << prefix << config::format(std::span(&diagnostic, 1), name, text, colour);
  if (count > shown) streams.err << prefix << "and " << count - shown << " more\n";
}

void print_mistakes(const Plan& plan, const Streams& streams) {
  const config::Loaded& loaded = plan.loaded;
  const auto print = [&](const auto& list, std::size_t count, std::string_view prefix) {
    print_diagnostics(list, count, prefix, plan.name, plan.text, streams);
  };
  print(loaded.warnings, loaded.warnings.size(), "warning: ");
  print(loaded.errors, loaded.error_count, "");
  print(loaded.not_yet, loaded.not_yet.size(), "");
}

boost::json::array to_json(std::span<const config::Diagnostic> diagnostics,
                           std::string_view file_name) {
  boost::json::array list;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    list.push_back({{"file", file_name},
                    {"line", number_or_null(diagnostic.where.line)},
                    {"column", number_or_null(diagnostic.where.column)},
                    {"key", text_or_null(diagnostic.path)},
                    {"message", diagnostic.message},
                    {"suggestion", text_or_null(diagnostic.suggestion)}});
  }
  return list;
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace berth::tools
