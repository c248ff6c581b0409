#include "protocol/dhcp/message_view.hpp"

#include <array>

namespace berth::dhcp {
namespace {

// Whether several instances of an option are the pieces of one value (RFC 3396). A format of fixed
// size has no pieces: a second instance is a mistake of the sender's, and the first one counts.
bool is_joined(OptionCode code) noexcept {
  const OptionInfo* const info = find_option(code);
  if (info == nullptr) return true;
  switch (info->format) {
    case OptionFormat::empty:
    case OptionFormat::flag:
    case OptionFormat::u8:
    case OptionFormat::u16:
    case OptionFormat::u32:
    case OptionFormat::i32:
    case OptionFormat::duration:
    case OptionFormat::ipv4: return false;
    default: return true;
  }
}

}  // namespace

std::string_view name(ParseError error) noexcept {
  static constexpr std::array<std::string_view, parse_error_count> names = {
      "too_short",           "bad_op",           "bad_hlen", "bad_magic_cookie", "truncated_option",
      "bad_option_overload", "bad_message_type",
  };
  const auto value = static_cast<std::size_t>(error);
  return value < names.size() ? names[value] : "unknown";
}

expected<MessageView, ParseError> MessageView::parse(wire::Bytes datagram) noexcept {
  return parse(datagram, [](const OptionView&) {});
}

std::optional<ParseError> MessageView::wrong_header(wire::Bytes datagram) noexcept {
  if (datagram.size() < field::options) return ParseError::too_short;
  const Op op{wire::load_u8(datagram, field::op)};
  if (op != Op::bootrequest && op != Op::bootreply) return ParseError::bad_op;
  if (wire::load_u8(datagram, field::hlen) > field::chaddr_size) return ParseError::bad_hlen;
  if (wire::load_u32(datagram, field::cookie) != magic_cookie) return ParseError::bad_magic_cookie;
  return std::nullopt;
}

bool MessageView::add_overloaded_areas(wire::Bytes overload) noexcept {
  if (overload.size() != 1) return false;
  const std::uint8_t where = wire::load_u8(overload, 0);
  if ((where & 1) != 0) areas_[1] = bytes_.subspan(field::file, field::file_size);
  if ((where & 2) != 0) areas_[2] = bytes_.subspan(field::sname, field::sname_size);
  return where >= 1 && where <= 3;
}

std::string_view MessageView::text_field(std::size_t at, std::size_t size) const noexcept {
  const std::string_view text = wire::text_of(bytes_.subspan(at, size));
  return text.substr(0, text.find('\0'));
}

std::string_view MessageView::sname() const noexcept {
  return areas_[2].empty() ? text_field(field::sname, field::sname_size) : std::string_view();
}

std::string_view MessageView::file() const noexcept {
  return areas_[1].empty() ? text_field(field::file, field::file_size) : std::string_view();
}

std::optional<OptionView> MessageView::find(OptionCode code) const noexcept {
  for (const wire::Bytes area : areas_)
    for (OptionStep step = next_option(area); step.kind == OptionStep::Kind::option;
         step = next_option(step.rest))
      if (step.option.code == code) return step.option;
  return std::nullopt;
}

std::optional<wire::Bytes> MessageView::collect(OptionCode code,
                                                wire::MutableBytes scratch) const noexcept {
  const auto first = find(code);
  if (!first || !is_joined(code)) return first ? std::optional(first->value) : std::nullopt;

  wire::Writer joined(scratch);
  std::size_t pieces = 0;
  for (const OptionView& option : options()) {
    if (option.code != code) continue;
    joined.bytes(option.value);
    ++pieces;
  }
  if (pieces == 1) return first->value;
  if (!joined.ok()) return std::nullopt;
  return joined.written();
}

}  // namespace berth::dhcp
