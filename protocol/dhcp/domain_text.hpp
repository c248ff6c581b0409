// Domain names inside option values, between wire form (RFC 1035 3.1) and text. Hosts and search
// domains only: a label is letters, digits, hyphens and underscores, so that a name needs no
// escapes and can forge nothing; other names are refused. Nothing allocates. Thread-safe: values.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

inline constexpr std::size_t domain_wire_size_max = 255;
inline constexpr std::size_t label_size_max = 63;

// A name as text, without a trailing dot: "control0.kubenet". Empty for the root.
class DomainText {
 public:
  std::string_view view() const noexcept { return {text_.data(), size_}; }
  // Ended by the root label; false for a partial name (RFC 4702 2.3.1).
  bool is_absolute() const noexcept { return absolute_; }

  // False, and nothing changed, for a label that is none or would make the name too long.
  bool append_label(std::string_view label) noexcept;
  void end_at_root() noexcept { absolute_ = true; }

 private:
  std::array<char, domain_wire_size_max - 2> text_{};
  std::size_t size_ = 0;
  bool absolute_ = false;
};

// "control0.kubenet", absolute with a trailing dot; "." is the root. None when it is no name.
std::optional<DomainText> parse_domain(std::string_view text) noexcept;

// Uncompressed, with the root label if the name is absolute.
void write_domain(const DomainText& name, wire::Writer& out) noexcept;

// Where a name may end in wire form.
enum class DomainEnd : std::uint8_t { root_label, root_label_or_value };

struct DomainStep {
  DomainText name;
  std::size_t next = 0;  // the offset behind the name
};

// Reads the name at `at`. A compression pointer must point before the start of the labels that led
// to it, so that following it ends.
std::optional<DomainStep> read_domain(wire::Bytes value, std::size_t at, DomainEnd end) noexcept;

}  // namespace berth::dhcp
