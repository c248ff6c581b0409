// Options as they stand in a message: a view of one, and the walk over an option area. Validation
// and iteration go through the same next_option(), so what was accepted is exactly what is
// iterated. Views borrow from the datagram. Thread-safe: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// One option. The typed getters own the length check: a value of another length is not usable, and
// that is never zero.
struct OptionView {
  OptionCode code = OptionCode::pad;
  wire::Bytes value;

  constexpr std::optional<std::uint8_t> u8() const noexcept {
    if (value.size() != 1) return std::nullopt;
    return wire::load_u8(value, 0);
  }
  constexpr std::optional<std::uint16_t> u16() const noexcept {
    if (value.size() != 2) return std::nullopt;
    return wire::load_u16(value, 0);
  }
  constexpr std::optional<std::uint32_t> u32() const noexcept {
    if (value.size() != 4) return std::nullopt;
    return wire::load_u32(value, 0);
  }
  constexpr std::optional<net::Ipv4Address> ipv4() const noexcept {
    if (value.size() != 4) return std::nullopt;
    return net::Ipv4Address{wire::load_u32(value, 0)};
  }
};

// What stands at the front of an option area (RFC 2132 section 2).
struct OptionStep {
  enum class Kind : std::uint8_t { option, end, truncated } kind = Kind::end;
  OptionView option;
  wire::Bytes rest;
};

// RFC 2131 4.1 wants `end` last; an area that simply stops is accepted, because clients in the
// field leave it out.
constexpr OptionStep next_option(wire::Bytes area) noexcept {
  OptionCode code = OptionCode::pad;
  do {
    if (area.empty()) return {OptionStep::Kind::end, {}, {}};
    code = OptionCode{wire::load_u8(area, 0)};
    area = area.subspan(1);
  } while (code == OptionCode::pad);
  if (code == OptionCode::end) return {OptionStep::Kind::end, {}, {}};
  if (area.empty()) return {OptionStep::Kind::truncated, {}, {}};
  const std::size_t length = wire::load_u8(area, 0);
  area = area.subspan(1);
  if (area.size() < length) return {OptionStep::Kind::truncated, {}, {}};
  return {OptionStep::Kind::option, {code, area.first(length)}, area.subspan(length)};
}

// The options field, then `file`, then `sname` when option 52 puts options there: the order in
// which RFC 3396 concatenates.
using OptionAreas = std::array<wire::Bytes, 3>;

// The options of validated areas, as a range.
class OptionRange {
 public:
  class Iterator {
   public:
    using value_type = OptionView;
    using difference_type = std::ptrdiff_t;

    constexpr Iterator() noexcept = default;
    constexpr explicit Iterator(const OptionAreas& areas) noexcept
        : rest_(areas[0]), second_(areas[1]), third_(areas[2]), left_(areas.size()) {
      ++*this;
    }

    constexpr const OptionView& operator*() const noexcept { return current_; }
    constexpr const OptionView* operator->() const noexcept { return &current_; }
    constexpr Iterator& operator++() noexcept {
      while (left_ != 0) {
        const OptionStep step = next_option(rest_);
        rest_ = step.rest;
        current_ = step.option;
        if (step.kind == OptionStep::Kind::option) break;
        rest_ = second_;
        second_ = third_;
        --left_;
      }
      return *this;
    }
    constexpr void operator++(int) noexcept { ++*this; }
    constexpr bool operator==(std::default_sentinel_t) const noexcept { return left_ == 0; }

   private:
    // Named rather than an array with an index, so that the walk stays in registers.
    wire::Bytes rest_;  // of the area at hand
    wire::Bytes second_;
    wire::Bytes third_;
    std::size_t left_ = 0;  // areas
    OptionView current_;
  };

  constexpr explicit OptionRange(const OptionAreas& areas) noexcept : areas_(areas) {}
  constexpr Iterator begin() const noexcept { return Iterator(areas_); }
  constexpr std::default_sentinel_t end() const noexcept { return {}; }

 private:
  OptionAreas areas_;
};

}  // namespace berth::dhcp
