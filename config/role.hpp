// What a place of the file is, by the key table: a section whose keys have an order, a map of the
// operator's own names, hardware addresses, or something that formatting leaves alone. Internal to
// config/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::config {

struct Role {
  enum class Kind : std::uint8_t { section, names, macs, other } kind = Kind::section;
  std::string section = {};  // of a section its own path, of names that of what they name

  bool is_host() const noexcept { return kind == Kind::section && section == "networks.*.hosts.*"; }
  // Whether it is never written in brackets: the outline of the file.
  bool is_outline() const noexcept {
    return kind == Kind::names ||
           (kind == Kind::section && (section.empty() || section == "networks.*"));
  }

  Role inside(std::string_view key) const;  // of what stands behind a key
  Role of_item() const;                     // of what stands in a list
  // The key's place among those of its section; unknown ones come last, in no order.
  std::size_t rank(std::string_view key) const;
  bool knows(std::string_view key) const;
};

}  // namespace berth::config
