// Options ready for replies: each stands encoded, code and length octets included, so that putting
// one into a reply is a copy, and finding one by its code is an array access. Immutable once built;
// thread-safe for any number of readers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/config.hpp"
#include "protocol/dhcp/option_code.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

class StoredOptions {
 public:
  // Borrowed from the set.
  struct Stored {
    OptionCode code{};
    wire::Bytes encoded;  // empty for a value of more than 255 octets (RFC 3396)
    wire::Bytes value;
  };

  // `options` are ascending by code, none twice; suppressed ones count as absent. At most 254.
  explicit StoredOptions(std::span<const config::Option> options);

  // Where the option stands among all, ascending by code, counted from 1; 0 for none.
  std::uint8_t place_of(OptionCode code) const noexcept {
    return places_[static_cast<std::uint8_t>(code)];
  }
  // REQUIRES: 1 <= place <= size()
  Stored at(std::size_t place) const noexcept {
    const Entry& entry = entries_[place - 1];
    const wire::Bytes encoded = wire::Bytes(octets_).subspan(entry.offset, 2u + entry.length);
    return {entry.code, entry.length > 255 ? wire::Bytes{} : encoded, encoded.subspan(2)};
  }
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::uint32_t offset = 0;  // of the code octet in octets_
    std::uint16_t length = 0;  // of the value
    OptionCode code{};
  };

  std::array<std::uint8_t, 256> places_{};  // by code
  std::vector<Entry> entries_;
  std::vector<std::byte> octets_;
};

}  // namespace berth::dhcp
