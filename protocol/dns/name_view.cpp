#include "protocol/dns/name_view.hpp"

#include <array>

namespace berth::dns {
namespace {

// A pointer is of use only behind a label, of which a name has at most 127.
constexpr std::size_t max_pointers = 127;
constexpr unsigned label_type_mask = 0xc0;
constexpr unsigned pointer_type = 0xc0;

}  // namespace

expected<NameView, NameError> NameView::parse(wire::Bytes message, std::size_t at) noexcept {
  NameView view(message, at);
  std::size_t size = 0;
  std::size_t segment = at;  // where the octets being read began
  std::size_t pointers = 0;
  while (at < message.size()) {
    const unsigned octet = wire::load_u8(message, at);
    if ((octet & label_type_mask) == pointer_type) {
      if (at + 1 >= message.size()) return unexpected(NameError::truncated);
      if (!view.compressed_) view.in_place_ = static_cast<std::uint16_t>(at + 2 - view.at_);
      view.compressed_ = true;
      const std::size_t target = wire::load_u16(message, at) & 0x3fffu;
      if (target >= segment || target < header_size || ++pointers > max_pointers)
        return unexpected(NameError::bad_pointer);
      segment = at = target;
      continue;
    }
    if ((octet & label_type_mask) != 0) return unexpected(NameError::bad_label);
    size += 1 + octet;
    if (size > max_name_size) return unexpected(NameError::too_long);
    at += 1 + octet;
    if (octet == 0) {
      view.size_ = static_cast<std::uint8_t>(size);
      if (!view.compressed_) view.in_place_ = view.size_;
      return view;
    }
  }
  return unexpected(NameError::truncated);
}

wire::MutableBytes NameView::copy_to(wire::MutableBytes out) const noexcept {
  if (!compressed_) {
    wire::copy(wire(), out);
    return out.first(size_);
  }
  std::size_t from = at_;
  std::size_t to = 0;
  while (to < size_) {
    const std::size_t octet = wire::load_u8(message_, from);
    if (octet >= pointer_type) {
      from = wire::load_u16(message_, from) & 0x3fffu;
      continue;
    }
    wire::copy(message_.subspan(from, 1 + octet), out.subspan(to));
    from += 1 + octet;
    to += 1 + octet;
  }
  return out.first(size_);
}

Name NameView::to_name() const noexcept {
  Name name;
  copy_to(name.wire_);
  name.size_ = size_;
  return name;
}

bool operator==(const NameView& left, const NameView& right) noexcept {
  return left.size_ == right.size_ && left.to_name() == right.to_name();
}

bool operator==(const NameView& left, const Name& right) noexcept {
  return left.size_ == right.size() && left.to_name() == right;
}

}  // namespace berth::dns
