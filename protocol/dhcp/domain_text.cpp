#include "protocol/dhcp/domain_text.hpp"

#include <algorithm>

namespace berth::dhcp {
namespace {

constexpr std::uint8_t pointer_bits = 0xc0;  // RFC 1035 4.1.4

constexpr bool is_label_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// Calls `visit` with each label of a text without trailing dot until it says false.
template <class Visit>
bool for_each_label(std::string_view text, Visit visit) noexcept {
  while (!text.empty()) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!visit(text.substr(0, dot))) return false;
    if (dot + 1 == text.size()) return false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return true;
}

}  // namespace

bool DomainText::append_label(std::string_view label) noexcept {
  const std::size_t separator = size_ == 0 ? 0 : 1;
  if (label.empty() || label.size() > label_size_max ||
      label.size() + separator > text_.size() - size_ ||
      !std::ranges::all_of(label, is_label_character))
    return false;
  if (separator != 0) text_[size_++] = '.';
  std::ranges::copy(label, text_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += label.size();
  return true;
}

std::optional<DomainText> parse_domain(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  DomainText name;
  if (text.back() == '.') {
    name.end_at_root();
    text.remove_suffix(1);
  }
  if (!for_each_label(text, [&](std::string_view label) { return name.append_label(label); }))
    return std::nullopt;
  return name;
}

void write_domain(const DomainText& name, wire::Writer& out) noexcept {
  for_each_label(name.view(), [&](std::string_view label) {
    out.u8(static_cast<std::uint8_t>(label.size()));
    out.bytes(wire::bytes_of(label));
    return true;
  });
  if (name.is_absolute()) out.u8(0);
}

std::optional<DomainStep> read_domain(wire::Bytes value, std::size_t at, DomainEnd end) noexcept {
  DomainStep step;
  std::size_t start = at;  // of the current run of labels
  for (;;) {
    if (at >= value.size()) {
      if (end == DomainEnd::root_label || step.next != 0) return std::nullopt;
      step.next = at;
      return step;
    }
    const std::uint8_t length = wire::load_u8(value, at);
    if (length == 0) {
      step.name.end_at_root();
      if (step.next == 0) step.next = at + 1;
      return step;
    }
    if ((length & pointer_bits) == pointer_bits) {
      if (value.size() - at < 2) return std::nullopt;
      const std::size_t target = wire::load_u16(value, at) & 0x3fffu;
      if (target >= start) return std::nullopt;
      if (step.next == 0) step.next = at + 2;
      at = start = target;
      continue;
    }
    if (length > value.size() - at - 1 ||
        !step.name.append_label(wire::text_of(value.subspan(at + 1, length))))
      return std::nullopt;
    at += 1 + length;
  }
}

}  // namespace berth::dhcp
