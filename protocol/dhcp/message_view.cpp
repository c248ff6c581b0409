#include "protocol/dhcp/message_view.hpp"

#include <array>
#include <utility>

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

constexpr std::uint64_t bit_of(OptionCode code) noexcept {
  return std::uint64_t{1} << (static_cast<std::uint8_t>(code) % 64);
}

// What the walk over an area has to find out.
struct Findings {
  std::uint64_t present = 0;  // bit_of() each code
  std::optional<wire::Bytes> overload;
  std::optional<wire::Bytes> type;
};

// RFC 2132 9.3: the areas that option 52 adds; false when its value says none.
bool add_overloaded_areas(wire::Bytes overload, wire::Bytes datagram, OptionAreas& areas) noexcept {
  if (overload.size() != 1) return false;
  const std::uint8_t where = wire::load_u8(overload, 0);
  if ((where & 1) != 0) areas[1] = datagram.subspan(field::file, field::file_size);
  if ((where & 2) != 0) areas[2] = datagram.subspan(field::sname, field::sname_size);
  return where >= 1 && where <= 3;
}

// Walks one area to its end; false when it is truncated. Of options 52 and 53 the first counts.
bool walk(wire::Bytes area, Findings& findings) noexcept {
  OptionStep step = next_option(area);
  for (; step.kind == OptionStep::Kind::option; step = next_option(step.rest)) {
    const OptionView& option = step.option;
    findings.present |= bit_of(option.code);
    if (option.code == OptionCode::dhcp_message_type && !findings.type)
      findings.type = option.value;
    else if (option.code == OptionCode::option_overload && !findings.overload)
      findings.overload = option.value;
  }
  return step.kind == OptionStep::Kind::end;
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
  if (datagram.size() < field::options) return unexpected(ParseError::too_short);
  MessageView view(datagram);
  if (view.op() != Op::bootrequest && view.op() != Op::bootreply)
    return unexpected(ParseError::bad_op);
  if (wire::load_u8(datagram, field::hlen) > field::chaddr_size)
    return unexpected(ParseError::bad_hlen);
  if (wire::load_u32(datagram, field::cookie) != magic_cookie)
    return unexpected(ParseError::bad_magic_cookie);

  Findings findings;
  view.areas_[0] = datagram.subspan(field::options);
  if (!walk(view.areas_[0], findings)) return unexpected(ParseError::truncated_option);
  if (const auto overload = std::exchange(findings.overload, std::nullopt)) {
    if (!add_overloaded_areas(*overload, datagram, view.areas_))
      return unexpected(ParseError::bad_option_overload);
    if (!walk(view.areas_[1], findings) || !walk(view.areas_[2], findings))
      return unexpected(ParseError::truncated_option);
    if (findings.overload) return unexpected(ParseError::bad_option_overload);
  }
  if (findings.type) {
    if (findings.type->size() != 1) return unexpected(ParseError::bad_message_type);
    view.type_ = MessageType{wire::load_u8(*findings.type, 0)};
  }
  view.present_ = findings.present;
  return view;
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
  if ((present_ & bit_of(code)) == 0) return std::nullopt;
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
