// What the policy has to know of a system: what is opened there, and when that fails.
#pragma once

#include <span>
#include <string_view>

#include "server/binder/port_conflict.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder {

struct System {
  std::string_view name;
  std::span<const Recipe> recipes;
  PortConflict conflicts;
};

inline constexpr System linux_system{"Linux", linux_recipes, conflicts_on_linux};
inline constexpr System darwin_system{"macOS", darwin_recipes, conflicts_on_darwin};

}  // namespace berth::binder
