#include "config/plan_file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "config/default_plan.hpp"
#include "config/yaml_tree.hpp"

namespace berth::config {
namespace {

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

}  // namespace

expected<std::string, std::error_code> read_file(const std::string& path) {
  // "e": no child inherits it.
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unexpected(last_error());
  return read_stream(file.get());
}

expected<std::string, std::error_code> read_stream(std::FILE* file) {
  std::string text;
  constexpr std::size_t chunk = 65'536;
  while (text.size() <= max_file_size) {
    const std::size_t size = text.size();
    text.resize(size + chunk);
    const std::size_t got = std::fread(text.data() + size, 1, chunk, file);
    if (got == 0 && std::ferror(file) != 0) return unexpected(last_error());
    text.resize(size + got);
    if (got == 0) break;
  }
  return text;
}

expected<PlanFile, std::error_code> read_plan_file(const std::string& path, Absence absence) {
  auto text = read_file(path);
  if (text) return PlanFile{path, std::move(*text), false};
  if (absence == Absence::built_in_plan && text.error() == std::errc::no_such_file_or_directory)
    return PlanFile{path, std::string(default_plan()), true};
  return unexpected(text.error());
}

}  // namespace berth::config
