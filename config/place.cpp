#include "config/place.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace berth::config {
namespace {

std::string_view kind_name(TreeNode::Kind kind) noexcept {
  switch (kind) {
    case TreeNode::Kind::nothing: return "nothing";
    case TreeNode::Kind::text: return "a single value";
    case TreeNode::Kind::list: return "a list";
    case TreeNode::Kind::map: return "a map";
  }
  return {};
}

void report_twice(const Place& map, TreeNode name, TreeNode first, Report& report) {
  report.error_at(
      name.where(), map.entry(name, name.next()),
      in_quotes(name.text()) + " is already written in line " + std::to_string(first.where().line));
}

}  // namespace

std::string Place::path() const {
  if (up == nullptr || is_start) return {};
  std::string text = up->path();
  if (key.empty()) return text + '[' + std::to_string(index) + ']';
  if (!text.empty()) text += '.';
  const std::string name = in_quotes(key);
  return text.append(name, 1, name.size() - 2);
}

void Report::error(const Place& place, std::string message, std::string_view suggestion) {
  error_at(place.node.where(), place, std::move(message), suggestion);
}

void Report::error_at(Location where, const Place& place, std::string message,
                      std::string_view suggestion) {
  errors.add({where, place.path(), std::move(message), std::string(suggestion)});
}

void Report::warning(const Place& place, std::string message) {
  warnings.add({place.node.where(), place.path(), std::move(message), {}});
}

void report_kind(const Place& place, Report& report, std::string_view expected) {
  report.error(place, "expected " + std::string(expected) + ", found " +
                          std::string(kind_name(place.node.kind())));
}

std::vector<TreeNode> unique_names(const Place& map, Report& report) {
  std::vector<TreeNode> names;
  names.reserve(map.node.size());
  TreeNode name = map.node.first();
  for (std::size_t i = 0; i < map.node.size(); ++i) {
    if (name.kind() == TreeNode::Kind::text)
      names.push_back(name);
    else
      report.error_at(name.where(), map.entry(name, name.next()),
                      "a name must be a single word; a name such as null needs quotes");
    if (i + 1 < map.node.size()) name = name.next().next();
  }
  // Sorted by text, equal ones in the file's order: the first of each run stays.
  std::vector<std::uint32_t> order(names.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return names[i].text(); });
  std::vector<bool> repeated(names.size());
  for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
    if (names[order[i]].text() != names[order[first]].text()) {
      first = i;
      continue;
    }
    repeated[order[i]] = true;
    report_twice(map, names[order[i]], names[order[first]], report);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!repeated[i]) names[kept++] = names[i];
  names.erase(names.begin() + static_cast<std::ptrdiff_t>(kept), names.end());
  return names;
}

}  // namespace berth::config
