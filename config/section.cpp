#include "config/section.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace berth::config {
namespace {

// True when a value that is not acted on asks for nothing but what is done anyway.
bool holds_already(const Key& key, TreeNode value) noexcept {
  switch (value.kind()) {
    case TreeNode::Kind::text: return !key.in_force.empty() && value.text() == key.in_force;
    case TreeNode::Kind::nothing: return false;
    case TreeNode::Kind::list:
    case TreeNode::Kind::map: return value.size() == 0;
  }
  return false;
}

std::string section_title(std::string_view section) {
  if (section.empty()) return "at the top of the file";
  return std::string("in ").append(section);
}

}  // namespace

Section::Section(const Place& place, std::string_view section, Report& report)
    : place_(place), report_(report), keys_(keys_of(section)) {
  assert(keys_.size() <= max_keys);
  if (!is_readable()) report_kind(place, report, "a map");
  if (place.node.kind() != TreeNode::Kind::map) return;
  TreeNode name = place.node.first();
  for (std::size_t i = 0; i < place.node.size(); ++i) {
    take(name);
    if (i + 1 < place.node.size()) name = name.next().next();
  }
}

void Section::take(TreeNode name) {
  const Place entry = place_.entry(name, name.next());
  if (name.kind() != TreeNode::Kind::text)
    return report_.error_at(name.where(), entry, "a key must be a single word");
  const auto row = std::ranges::find(keys_, name.text(), &Key::name);
  if (row == keys_.end()) return report_unknown(entry, name);
  auto& slot = names_[static_cast<std::size_t>(row - keys_.begin())];
  if (slot)
    return report_.error_at(name.where(), entry,
                            in_quotes(name.text()) + " is already written in line " +
                                std::to_string(slot->where().line));
  slot = name;
  if (!row->acted_on && !holds_already(*row, entry.node))
    report_.not_yet.add(
        {name.where(), entry.path(), "this version does not act on this key yet", {}});
}

void Section::report_unknown(const Place& entry, TreeNode name) const {
  const std::string_view word = name.text();
  const std::string_view section = keys_.front().section;
  const std::size_t colon = word.find(':');
  if (colon != std::string_view::npos && entry.node.kind() == TreeNode::Kind::nothing)
    return report_.error_at(
        name.where(), entry, "a space is missing behind the colon",
        std::string(word.substr(0, colon + 1)).append(1, ' ').append(word.substr(colon + 1)));
  const std::string_view near = report_.is_full() ? "" : suggest_key(section, word);
  std::string message = "there is no such key";
  if (const Key* const other = find_elsewhere(word); near.empty() && other != nullptr)
    message += " here; it belongs " + section_title(other->section);
  report_.error_at(name.where(), entry, std::move(message), near);
}

std::size_t Section::slot_of(std::string_view key) const noexcept {
  const auto row = std::ranges::find(keys_, key, &Key::name);
  assert(row != keys_.end());
  return static_cast<std::size_t>(row - keys_.begin());
}

std::optional<Place> Section::operator[](std::string_view key) const noexcept {
  const auto& name = names_[slot_of(key)];
  if (!name) return std::nullopt;
  return place_.entry(*name, name->next());
}

std::string_view Section::choices(std::string_view key) const noexcept {
  return keys_[slot_of(key)].choices;
}

}  // namespace berth::config
