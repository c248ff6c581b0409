// Back from a value to its place in the file, for the errors of rules that are checked once all is
// read. Internal to config/.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/draft.hpp"
#include "config/place.hpp"

namespace berth::config {

inline std::string line_of(Location where) { return "line " + std::to_string(where.line); }

// The value of a key in a map, where somebody has seen it before. What is no map has none, and that
// has been reported.
inline std::optional<Place> child(const Place& map, std::string_view key) noexcept {
  if (map.node.kind() != TreeNode::Kind::map) return std::nullopt;
  TreeNode name = map.node.first();
  for (std::size_t left = map.node.size(); left > 0; --left) {
    if (name.kind() == TreeNode::Kind::text && name.text() == key)
      return map.entry(name, name.next());
    if (left > 1) name = name.next().next();
  }
  return std::nullopt;
}

// Calls visit(place) with the value of a host's key.
template <class Visit>
void visit_host_key(const Draft& draft, std::size_t host, std::string_view key, Visit visit) {
  const auto hosts = child(draft.place, "hosts");
  const TreeNode name = draft.hosts[host];
  const Place entry = hosts->entry(name, name.next());
  const auto value = child(entry, key);
  visit(value ? *value : entry);
}

// Calls visit(place) with the last item of a host's list of which is_it(text) holds: of one that is
// listed twice, the repetition.
template <class IsIt, class Visit>
void visit_host_item(const Draft& draft, std::size_t host, std::string_view key, IsIt is_it,
                     Visit visit) {
  visit_host_key(draft, host, key, [&](const Place& list) {
    Place found = list;
    for_each_item(list, [&](const Place& item) {
      if (item.node.kind() == TreeNode::Kind::text && is_it(item.node.text())) found = item;
    });
    visit(found);
  });
}

// Calls visit(first, other) for every element whose key an element before it has.
template <class Elements, class KeyOf, class Visit>
void for_each_repeated(const Elements& elements, KeyOf key_of, Visit visit) {
  for (std::size_t i = 1, first = 0; i < elements.size(); ++i) {
    if (key_of(elements[i]) == key_of(elements[first]))
      visit(elements[first], elements[i]);
    else
      first = i;
  }
}

}  // namespace berth::config
