#include "config/role.hpp"

#include <algorithm>

#include "config/keys.hpp"

namespace berth::config {

Role Role::inside(std::string_view key) const {
  if (kind == Kind::names) return {Kind::section, section};
  if (kind != Kind::section) return *this;
  const auto rows = keys_of(section);
  const auto row = std::ranges::find(rows, key, &Key::name);
  if (row == rows.end()) return {Kind::other, {}};
  const std::string path = (section.empty() ? section : section + '.') + std::string(key);
  switch (row->kind) {
    case ValueKind::section:
    case ValueKind::pool:
    case ValueKind::rebind: return {Kind::section, path};
    case ValueKind::sections: return {Kind::names, path + ".*"};
    case ValueKind::macs: return {Kind::macs, {}};
    default: return {Kind::other, {}};
  }
}

Role Role::of_item() const { return kind == Kind::macs ? *this : Role{Kind::other, {}}; }

std::size_t Role::rank(std::string_view key) const {
  if (kind != Kind::section) return 0;
  const auto rows = keys_of(section);
  return static_cast<std::size_t>(std::ranges::find(rows, key, &Key::name) - rows.begin());
}

bool Role::knows(std::string_view key) const {
  return kind == Kind::section && rank(key) < keys_of(section).size();
}

}  // namespace berth::config
