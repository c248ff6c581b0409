// `berth fmt`: plans in their canonical form.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "config/formatted.hpp"
#include "config/places.hpp"
#include "config/plan_file.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/plan.hpp"
#include "tools/berth/replace_file.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {
namespace {

constexpr std::string_view standard_input = "-";

// A file and what became of it.
struct Formatted {
  std::string name;
  std::string before;
  std::string after;
  std::optional<config::Diagnostic> mistake;  // why there is no `after`
  std::error_code write_failure;
  bool was_written = false;

  bool is_same() const noexcept { return !mistake && before == after; }
};

expected<config::PlanFile, std::error_code> read(const std::string& path, bool is_given) {
  if (path == standard_input)
    return config::PlanFile{"standard input",
                            std::string(std::istreambuf_iterator<char>(std::cin), {}), false};
  return config::read_plan_file(
      path, is_given ? config::Absence::mistake : config::Absence::built_in_plan);
}

Formatted format_file(const std::string& path, bool is_given, bool is_to_be_written) {
  Formatted result;
  result.name = path;
  auto file = read(path, is_given);
  if (!file) {
    result.mistake = config::Diagnostic{{}, {}, file.error().message(), {}};
    return result;
  }
  result.name = file->name();
  result.before = std::move(file->text);
  auto text = config::formatted(result.before);
  if (!text) {
    result.mistake = text.error();
    return result;
  }
  result.after = std::move(*text);
  if (!is_to_be_written || result.is_same()) return result;
  result.write_failure = replace_file(path, result.after);
  result.was_written = !result.write_failure;
  return result;
}

void print_text(const Request& request, const Formatted& file, const Streams& streams) {
  if (file.mistake) {
    print_diagnostics(std::span(&*file.mistake, 1), 1, "", file.name, file.before, streams);
  } else if (file.write_failure) {
    streams.err << file.name << ": cannot be written: " << file.write_failure.message() << '\n';
  } else if (request.check_only || request.write) {
    if (!file.is_same()) streams.out << file.name << '\n';
  } else {
    streams.out << file.after;
  }
}

boost::json::object entry_of(const Formatted& file) {
  boost::json::object entry{{"file", file.name},
                            {"formatted", file.is_same()},
                            {"written", file.was_written},
                            {"text", nullptr},
                            {"mistake", nullptr}};
  if (file.mistake)
    entry["mistake"] = to_json(std::span(&*file.mistake, 1), file.name).front();
  else
    entry["text"] = file.after;
  return entry;
}

ExitCode exit_code(const Request& request, const Formatted& file) {
  if (file.mistake) return configuration_invalid;
  if (file.write_failure || (request.check_only && !file.is_same())) return failure;
  return ok;
}

}  // namespace

ExitCode fmt(const Request& request, const Streams& streams) {
  const bool is_given = !request.files.empty();
  const std::vector<std::string> paths =
      is_given ? request.files
               : std::vector<std::string>{std::string(config::usual_configuration_file())};
  if (request.write && (!is_given || std::ranges::count(paths, standard_input) != 0)) {
    streams.err << "--write needs the names of files to write\n";
    return usage;
  }
  boost::json::array list;
  ExitCode code = ok;
  for (const std::string& path : paths) {
    const Formatted file = format_file(path, is_given, request.write);
    code = std::max(code, exit_code(request, file));
    if (request.json)
      list.push_back(entry_of(file));
    else
      print_text(request, file, streams);
  }
  if (!request.json) return code;
  auto report = envelope("fmt");
  report["files"] = std::move(list);
  print_line(streams.out, report);
  return code;
}

}  // namespace berth::tools
