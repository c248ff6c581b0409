// A map whose keys are those of one section of the key table. Internal to config/.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "config/keys.hpp"
#include "config/place.hpp"

namespace berth::config {

class Section {
 public:
  // Reports what is no map, unknown and repeated keys, and what is not acted on yet.
  // `place` and `report` must outlive it.
  Section(const Place& place, std::string_view section, Report& report);

  // False when it is no map, so that nothing can be said of its keys.
  bool is_readable() const noexcept {
    return place_.node.kind() == TreeNode::Kind::map ||
           place_.node.kind() == TreeNode::Kind::nothing;
  }

  // The value of a key, if written. REQUIRES: the table has it.
  std::optional<Place> operator[](std::string_view key) const noexcept;

  // The words between which a key chooses. REQUIRES: the table has the key.
  std::string_view choices(std::string_view key) const noexcept;

 private:
  static constexpr std::size_t max_keys = 24;

  std::size_t slot_of(std::string_view key) const noexcept;
  void take(TreeNode name);
  void report_unknown(const Place& entry, TreeNode name) const;

  const Place& place_;
  Report& report_;
  std::span<const Key> keys_;
  std::array<std::optional<TreeNode>, max_keys> names_;
};

}  // namespace berth::config
