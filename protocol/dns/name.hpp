// Domain names (RFC 1035 3.1, 4.1.4; RFC 4343 for case). Name owns up to 255 octets inline, in wire
// form and uncompressed; NameView is a name inside a message, possibly compressed, whose every
// pointer parse() has followed once. Case is kept and ignored in comparison. Nothing allocates but
// to_string(). Thread-safe: values.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

enum class NameError : std::uint8_t {
  truncated,    // runs past the end of the message, or no root label
  bad_pointer,  // a compression pointer that does not point strictly backwards, before the name's
                // own start
  bad_label,    // a label type other than 00 and 11 (RFC 1035 4.1.4), or text that makes no label
  too_long,     // over 255 octets, or a label over 63
  empty_label,  // text only: "a..b"
  bad_escape,   // text only: "\" with nothing, or not a number up to 255, behind it
};
std::string_view name(NameError error) noexcept;

class NameView;  // name_view.hpp: a name in a message

// RFC 4343: the octet without ASCII case. Label lengths lie below 'A', so whole wire forms may be
// folded, too.
constexpr std::byte fold(std::byte octet) noexcept {
  const auto value = std::to_integer<unsigned>(octet);
  return value - 'A' < 26u ? std::byte(value | 0x20u) : octet;
}

class Name {
 public:
  // The root.
  constexpr Name() noexcept { wire_[0] = std::byte{0}; }

  // Presentation form (RFC 1035 5.1: \X and \DDD escapes). A name without a trailing dot is
  // relative to `origin`. "@" is the origin itself; "." is the root.
  static expected<Name, NameError> parse(std::string_view text, const Name& origin) noexcept;
  static expected<Name, NameError> parse(std::string_view text) noexcept {
    return parse(text, Name());
  }

  // From uncompressed wire form, which must be all of `wire`.
  static expected<Name, NameError> from_wire(wire::Bytes wire) noexcept;

  // d.c.b.a.in-addr.arpa
  static Name reverse(std::uint32_t ipv4_host_order) noexcept;

  wire::Bytes wire() const noexcept { return wire::Bytes(wire_).first(size_); }
  std::size_t size() const noexcept { return size_; }
  std::size_t label_count() const noexcept;  // without the root label: 0 for the root
  bool is_root() const noexcept { return size_ == 1; }

  // Without its first label. REQUIRES: !is_root()
  Name parent() const noexcept;
  // True for the name itself and everything below it.
  bool is_at_or_below(const Name& ancestor) const noexcept;

  // "control0.kubenet." with the final dot, escapes where needed.
  std::string to_string() const;
  void append_text(std::string& out) const;

  // RFC 4343: ASCII case does not count.
  friend bool operator==(const Name& left, const Name& right) noexcept;
  // RFC 4034 6.1 canonical order.
  friend std::strong_ordering operator<=>(const Name& left, const Name& right) noexcept;

 private:
  friend class NameView;
  std::array<std::byte, max_name_size> wire_;  // the first size_ octets count
  std::uint8_t size_ = 1;
};

}  // namespace berth::dns
