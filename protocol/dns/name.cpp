#include "protocol/dns/name.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/dns/escape.hpp"

namespace berth::dns {
namespace {

// The offsets of a wire form's labels, the root's left out: at most 127, of one octet each.
struct LabelOffsets {
  std::array<std::uint8_t, max_name_size / 2> at;
  std::size_t count = 0;

  explicit LabelOffsets(wire::Bytes name) noexcept {
    for (std::size_t i = 0; name[i] != std::byte{0}; i += 1u + wire::load_u8(name, i))
      at[count++] = static_cast<std::uint8_t>(i);
  }
};

bool equal_folded(wire::Bytes left, wire::Bytes right) noexcept {
  return std::ranges::equal(left, right, {}, fold, fold);
}

std::strong_ordering compare_labels(wire::Bytes left, wire::Bytes right) noexcept {
  const std::size_t common = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < common; ++i)
    if (const auto order = fold(left[i]) <=> fold(right[i]); order != 0) return order;
  return left.size() <=> right.size();
}

wire::Bytes label_at(wire::Bytes name, std::size_t at) noexcept {
  return name.subspan(at + 1, wire::load_u8(name, at));
}

// Composes a wire form label by label from text.
class Composer {
 public:
  explicit Composer(wire::MutableBytes out) noexcept : out_(out) {}

  // An octet of the current label.
  void octet(std::byte value) noexcept {
    if (at_ >= out_.size() || at_ - label_ > max_label_size) {
      fail(NameError::too_long);
    } else {
      out_[at_++] = value;
    }
  }

  void end_label() noexcept {
    const std::size_t length = at_ - label_ - 1;
    if (length == 0) return fail(NameError::empty_label);
    out_[label_] = std::byte(length);
    label_ = at_;
    octet(std::byte{0});  // the next label's length, or the root
  }

  // Ends with `tail`, a whole wire form.
  void append(wire::Bytes tail) noexcept {
    if (failed_ || tail.size() > out_.size() - label_) return fail(NameError::too_long);
    wire::copy(tail, out_.subspan(label_));
    at_ = label_ + tail.size();
  }

  void fail(NameError error) noexcept {
    if (!failed_) error_ = error;
    failed_ = true;
  }

  bool in_label() const noexcept { return at_ > label_ + 1; }
  bool failed() const noexcept { return failed_; }
  NameError error() const noexcept { return error_; }
  std::size_t size() const noexcept { return at_; }

 private:
  wire::MutableBytes out_;
  std::size_t label_ = 0;  // where the current label's length stands
  std::size_t at_ = 1;
  NameError error_{};
  bool failed_ = false;
};

void append_octet(std::string& out, std::byte octet) {
  constexpr std::string_view special = "\".;\\@()$";
  const auto value = std::to_integer<unsigned>(octet);
  if (value <= 0x20 || value >= 0x7f) {
    append_escaped_number(out, octet);
    return;
  }
  const char letter = static_cast<char>(value);
  if (special.find(letter) != std::string_view::npos) out += '\\';
  out += letter;
}

}  // namespace

std::string_view name(NameError error) noexcept {
  switch (error) {
    case NameError::truncated: return "truncated";
    case NameError::bad_pointer: return "bad_pointer";
    case NameError::bad_label: return "bad_label";
    case NameError::too_long: return "too_long";
    case NameError::empty_label: return "empty_label";
    case NameError::bad_escape: return "bad_escape";
  }
  return "";
}

expected<Name, NameError> Name::parse(std::string_view text, const Name& origin) noexcept {
  if (text == "@") return origin;
  if (text == ".") return Name();
  if (text.empty()) return unexpected(NameError::empty_label);

  Name result;
  Composer composer(result.wire_);
  while (!text.empty() && !composer.failed()) {
    if (text.front() == '.') {
      composer.end_label();
      text.remove_prefix(1);
    } else if (text.front() == '\\') {
      const auto octet = take_escape(text);
      if (!octet) return unexpected(NameError::bad_escape);
      composer.octet(*octet);
    } else {
      composer.octet(static_cast<std::byte>(text.front()));
      text.remove_prefix(1);
    }
  }
  if (composer.in_label()) {
    composer.end_label();
    composer.append(origin.wire());
  }
  if (composer.failed()) return unexpected(composer.error());
  result.size_ = static_cast<std::uint8_t>(composer.size());
  return result;
}

expected<Name, NameError> Name::from_wire(wire::Bytes wire) noexcept {
  if (wire.size() > max_name_size) return unexpected(NameError::too_long);
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != std::byte{0}) {
    const std::size_t length = wire::load_u8(wire, at);
    if (length > max_label_size) return unexpected(NameError::bad_label);
    at += 1 + length;
  }
  // Octets behind the root label are no part of the name.
  if (at + 1 != wire.size()) return unexpected(NameError::truncated);
  Name result;
  wire::copy(wire, result.wire_);
  result.size_ = static_cast<std::uint8_t>(wire.size());
  return result;
}

Name Name::reverse(std::uint32_t ipv4_host_order) noexcept {
  constexpr std::string_view suffix("\7in-addr\4arpa\0", 14);
  Name result;
  std::size_t at = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const auto value = static_cast<std::uint8_t>(ipv4_host_order >> (8 * octet));
    std::array<char, 3> digits{};
    const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    const auto length = static_cast<std::size_t>(end - digits.data());
    result.wire_[at++] = std::byte(length);
    wire::copy(wire::bytes_of({digits.data(), length}),
               wire::MutableBytes(result.wire_).subspan(at));
    at += length;
  }
  wire::copy(wire::bytes_of(suffix), wire::MutableBytes(result.wire_).subspan(at));
  result.size_ = static_cast<std::uint8_t>(at + suffix.size());
  return result;
}

std::size_t Name::label_count() const noexcept { return LabelOffsets(wire()).count; }

Name Name::parent() const noexcept {
  assert(!is_root());
  const wire::Bytes rest = wire().subspan(1 + wire::load_u8(wire_, 0));
  Name result;
  wire::copy(rest, result.wire_);
  result.size_ = static_cast<std::uint8_t>(rest.size());
  return result;
}

bool Name::is_at_or_below(const Name& ancestor) const noexcept {
  if (ancestor.size_ > size_) return false;
  const std::size_t start = size_ - ancestor.size_;
  std::size_t at = 0;
  while (at < start) at += 1u + wire::load_u8(wire_, at);
  return at == start && equal_folded(wire().subspan(start), ancestor.wire());
}

std::string Name::to_string() const {
  std::string out;
  append_text(out);
  return out;
}

void Name::append_text(std::string& out) const {
  if (is_root()) out += '.';
  const LabelOffsets labels(wire());
  for (std::size_t i = 0; i < labels.count; ++i) {
    for (const std::byte octet : label_at(wire(), labels.at[i])) append_octet(out, octet);
    out += '.';
  }
}

bool operator==(const Name& left, const Name& right) noexcept {
  return equal_folded(left.wire(), right.wire());
}

std::strong_ordering operator<=>(const Name& left, const Name& right) noexcept {
  const LabelOffsets left_labels(left.wire());
  const LabelOffsets right_labels(right.wire());
  std::size_t i = left_labels.count;
  std::size_t j = right_labels.count;
  while (i > 0 && j > 0) {
    const auto order = compare_labels(label_at(left.wire(), left_labels.at[--i]),
                                      label_at(right.wire(), right_labels.at[--j]));
    if (order != 0) return order;
  }
  return i <=> j;
}

}  // namespace berth::dns
