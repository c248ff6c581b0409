// A name written in a message, perhaps compressed (RFC 1035 4.1.4). parse() follows every pointer
// once, so that nothing after it can fail. A pointer must point backwards, before the octets it
// continues and behind the header (RFC 9267 2), so that every name ends; and a name has a bounded
// number of them, so that a message full of names is read in linear time. Borrows from the message.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

class NameView {
 public:
  // The name at `at` of `message`, which begins with its header.
  static expected<NameView, NameError> parse(wire::Bytes message, std::size_t at) noexcept;

  // A name that parse() has accepted before, and found uncompressed and of `size` octets.
  static NameView uncompressed(wire::Bytes message, std::size_t at, std::uint8_t size) noexcept {
    NameView view(message, at);
    view.in_place_ = view.size_ = size;
    return view;
  }

  std::size_t offset() const noexcept { return at_; }
  std::size_t size() const noexcept { return size_; }           // uncompressed: 1 to 255
  std::size_t wire_size() const noexcept { return in_place_; }  // up to the root or first pointer
  std::size_t end() const noexcept { return at_ + in_place_; }
  bool is_compressed() const noexcept { return compressed_; }
  bool is_root() const noexcept { return size_ == 1; }

  // The octets in the message. REQUIRES: !is_compressed()
  wire::Bytes wire() const noexcept {
    assert(!compressed_);
    return message_.subspan(at_, size_);
  }

  // Writes the uncompressed form to the front of `out` and returns it.
  // REQUIRES: out.size() >= size()
  wire::MutableBytes copy_to(wire::MutableBytes out) const noexcept;
  Name to_name() const noexcept;
  std::string to_string() const { return to_name().to_string(); }

  // RFC 4343: ASCII case does not count.
  friend bool operator==(const NameView& left, const NameView& right) noexcept;
  friend bool operator==(const NameView& left, const Name& right) noexcept;

 private:
  NameView(wire::Bytes message, std::size_t at) noexcept
      : message_(message), at_(static_cast<std::uint32_t>(at)) {}

  wire::Bytes message_;
  std::uint32_t at_;
  std::uint16_t in_place_ = 0;  // one more than a name has when its last octet is a pointer
  std::uint8_t size_ = 0;
  bool compressed_ = false;
};

}  // namespace berth::dns
