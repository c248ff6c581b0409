// Where the loader stands in the file, and whom it tells about mistakes. For config/ and
// for the command, whose own files are read in the same manner.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/yaml_tree.hpp"

namespace berth::config {

// A value and the way to it: a chain through the callers' stack frames, which becomes the text
// "hosts.worker0.mac" only in a message.
struct Place {
  TreeNode node;
  const Place* up = nullptr;
  std::string_view key = {};  // empty for the root and for an item of a list
  std::size_t index = 0;      // of an item of a list
  // Messages name the way from here on: a file with a single network need not repeat its name.
  bool is_start = false;

  Place entry(TreeNode name, TreeNode value) const noexcept {
    return {value, this,
            name.kind() == TreeNode::Kind::text ? name.text() : std::string_view("null")};
  }
  Place item(TreeNode value, std::size_t at) const noexcept { return {value, this, {}, at}; }

  std::string path() const;
};

// All that load() finds to say.
struct Report {
  Diagnostics errors;
  Diagnostics warnings;
  Diagnostics not_yet;

  // True when no further error is kept, so that none needs a search for what was meant.
  bool is_full() const noexcept { return errors.count() >= Diagnostics::max_kept; }

  void error(const Place& place, std::string message, std::string_view suggestion = {});
  // At another place than the value's own: its key, or a column inside it.
  void error_at(Location where, const Place& place, std::string message,
                std::string_view suggestion = {});
  void warning(const Place& place, std::string message);
};

// Calls visit(name node, place of the value) for each entry of a map of the operator's own names,
// and reports names written twice and keys that are no words. Of something else than a map, which
// it reports as well, there are no entries; `nothing` is an empty map.
template <class Visit>
void for_each_entry(const Place& place, Report& report, Visit visit);

// Calls visit(place) for each item of a list, or once for a single value.
template <class Visit>
void for_each_item(const Place& place, Visit visit);

// The same of a list that is short by nature, such as a host's hardware addresses; a longer one
// than max_few is reported and left out.
inline constexpr std::size_t max_few = 256;
template <class Visit>
void for_each_of_few(const Place& place, Report& report, Visit visit);

// "expected a list, found a map"
void report_kind(const Place& place, Report& report, std::string_view expected);

// The keys of `map` that are words written once, in the file's order; reports the others.
std::vector<TreeNode> unique_names(const Place& map, Report& report);

template <class Visit>
void for_each_entry(const Place& place, Report& report, Visit visit) {
  if (place.node.kind() == TreeNode::Kind::nothing) return;
  if (place.node.kind() != TreeNode::Kind::map) return report_kind(place, report, "a map");
  for (const TreeNode name : unique_names(place, report))
    visit(name, place.entry(name, name.next()));
}

template <class Visit>
void for_each_item(const Place& place, Visit visit) {
  if (place.node.kind() != TreeNode::Kind::list) return visit(place);
  if (place.node.size() == 0) return;
  TreeNode item = place.node.first();
  for (std::size_t i = 0; i < place.node.size(); ++i) {
    visit(place.item(item, i));
    if (i + 1 < place.node.size()) item = item.next();
  }
}

template <class Visit>
void for_each_of_few(const Place& place, Report& report, Visit visit) {
  if (place.node.kind() == TreeNode::Kind::list && place.node.size() > max_few)
    return report.error(place, "the list is longer than " + std::to_string(max_few));
  for_each_item(place, visit);
}

}  // namespace berth::config
