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
    OptionCode code = OptionCode::pad;  // pad: there is none
    wire::Bytes encoded;                // empty for a value of more than 255 octets (RFC 3396)
    wire::Bytes value;

    explicit operator bool() const noexcept { return code != OptionCode::pad; }
  };

  // `options` are ascending by code, none twice; suppressed ones count as absent. At most 254.
  explicit StoredOptions(std::span<const config::Option> options);

  Stored find(OptionCode code) const noexcept {
    const std::uint8_t place = places_[static_cast<std::uint8_t>(code)];
    return place == 0 ? Stored{} : stored(entries_[place - 1u]);
  }
  bool has(OptionCode code) const noexcept { return places_[static_cast<std::uint8_t>(code)] != 0; }

  // Ascending by code.
  std::size_t size() const noexcept { return entries_.size(); }
  OptionCode code_at(std::size_t at) const noexcept { return entries_[at].code; }

 private:
  struct Entry {
    std::uint32_t offset = 0;  // of the code octet in octets_
    std::uint16_t length = 0;  // of the value
    OptionCode code{};
  };

  Stored stored(const Entry& entry) const noexcept {
    const wire::Bytes encoded = wire::Bytes(octets_).subspan(entry.offset, 2u + entry.length);
    return {entry.code, entry.length > 255 ? wire::Bytes{} : encoded, encoded.subspan(2)};
  }

  std::array<std::uint8_t, 256> places_{};  // by code: index in entries_ plus one
  std::vector<Entry> entries_;
  std::vector<std::byte> octets_;
};

}  // namespace berth::dhcp
