// A DHCP or BOOTP message in a buffer owned by someone else (RFC 2131 section 2, RFC 951). A
// MessageView exists only for octets that parse() has checked to the last option, so no accessor
// fails. Valid while the buffer is unchanged. Thread-safe: a value that only reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "protocol/dhcp/option.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// Why octets are not a message.
enum class ParseError : std::uint8_t {
  too_short,  // less than the fixed fields and the cookie
  bad_op,     // neither BOOTREQUEST nor BOOTREPLY
  bad_hlen,   // a hardware address longer than the chaddr field
  bad_magic_cookie,
  truncated_option,     // an option's length runs past its area
  bad_option_overload,  // option 52 of a wrong length or value, or inside an overloaded field
  bad_message_type,     // option 53 of a wrong length
};
inline constexpr std::size_t parse_error_count = 7;

// "truncated_option": the name used by counters and logs.
std::string_view name(ParseError error) noexcept;

class MessageView {
  struct Unchecked {};

 public:
  static expected<MessageView, ParseError> parse(wire::Bytes datagram) noexcept;
  // Tells `see(const OptionView&)` of each option as it is checked, in the order of options(), so
  // that who needs several of them walks only once. What was seen counts if the parse succeeds.
  template <class See>
  static expected<MessageView, ParseError> parse(wire::Bytes datagram, See&& see) noexcept;

  // None for a BOOTP message, which has no option 53 (RFC 1534). An option 53 of value 0 is a type,
  // if one that nobody expects.
  std::optional<MessageType> type() const noexcept { return type_; }

  Op op() const noexcept { return Op{wire::load_u8(bytes_, field::op)}; }
  std::uint8_t htype() const noexcept { return wire::load_u8(bytes_, field::htype); }
  std::uint8_t hops() const noexcept { return wire::load_u8(bytes_, field::hops); }
  std::uint32_t xid() const noexcept { return wire::load_u32(bytes_, field::xid); }
  std::uint16_t secs() const noexcept { return wire::load_u16(bytes_, field::secs); }
  std::uint16_t flags() const noexcept { return wire::load_u16(bytes_, field::flags); }
  bool wants_broadcast() const noexcept { return (flags() & broadcast_flag) != 0; }
  net::Ipv4Address ciaddr() const noexcept { return {wire::load_u32(bytes_, field::ciaddr)}; }
  net::Ipv4Address yiaddr() const noexcept { return {wire::load_u32(bytes_, field::yiaddr)}; }
  net::Ipv4Address siaddr() const noexcept { return {wire::load_u32(bytes_, field::siaddr)}; }
  net::Ipv4Address giaddr() const noexcept { return {wire::load_u32(bytes_, field::giaddr)}; }
  // hlen octets.
  wire::Bytes chaddr() const noexcept {
    return bytes_.subspan(field::chaddr, wire::load_u8(bytes_, field::hlen));
  }
  // Up to the first zero octet or the field's end; empty when option 52 put options there.
  std::string_view sname() const noexcept;
  std::string_view file() const noexcept;

  OptionRange options() const noexcept { return OptionRange(areas_); }

  // The first option with this code.
  std::optional<OptionView> find(OptionCode code) const noexcept;

  // The value of an option that may be split over several (RFC 3396): borrowed from the message
  // when it stands in one piece, joined in `scratch` otherwise. Fixed-length formats are not
  // joined: of those the first counts. None when absent or when `scratch` is too small.
  std::optional<wire::Bytes> collect(OptionCode code, wire::MutableBytes scratch) const noexcept;

  // The whole datagram.
  wire::Bytes bytes() const noexcept { return bytes_; }

  // Only for parse().
  MessageView(Unchecked, wire::Bytes bytes) noexcept : bytes_(bytes) {}

 private:
  template <class See>
  std::optional<ParseError> read(See& see) noexcept;
  // What is wrong with the fixed fields and the cookie.
  static std::optional<ParseError> wrong_header(wire::Bytes datagram) noexcept;
  // RFC 2132 9.3: the areas that option 52 adds; false when its value says none.
  bool add_overloaded_areas(wire::Bytes overload) noexcept;
  std::string_view text_field(std::size_t at, std::size_t size) const noexcept;

  wire::Bytes bytes_;
  OptionAreas areas_{};  // empty where there are no options
  std::optional<MessageType> type_;
};

// Of options 52 and 53 the first counts.
template <class See>
std::optional<ParseError> MessageView::read(See& see) noexcept {
  if (const auto wrong = wrong_header(bytes_)) return wrong;
  areas_[0] = bytes_.subspan(field::options);
  std::optional<wire::Bytes> type;
  std::optional<wire::Bytes> overload;
  for (std::size_t i = 0; i < areas_.size(); ++i) {
    OptionStep step = next_option(areas_[i]);
    for (; step.kind == OptionStep::Kind::option; step = next_option(step.rest)) {
      const OptionView& option = step.option;
      if (option.code == OptionCode::dhcp_message_type && !type)
        type = option.value;
      else if (option.code == OptionCode::option_overload && !overload)
        overload = option.value;
      see(option);
    }
    if (step.kind == OptionStep::Kind::truncated) return ParseError::truncated_option;
    if (i != 0) continue;
    if (!overload) break;
    if (!add_overloaded_areas(*overload)) return ParseError::bad_option_overload;
    overload.reset();
  }
  if (overload) return ParseError::bad_option_overload;  // from an overloaded field
  if (type) {
    if (type->size() != 1) return ParseError::bad_message_type;
    type_ = MessageType{wire::load_u8(*type, 0)};
  }
  return std::nullopt;
}

// Read in its final place: copying a view costs as much as checking a message.
template <class See>
expected<MessageView, ParseError> MessageView::parse(wire::Bytes datagram, See&& see) noexcept {
  expected<MessageView, ParseError> parsed(std::in_place, Unchecked{}, datagram);
  if (const auto error = parsed->read(see)) parsed = unexpected(*error);
  return parsed;
}

}  // namespace berth::dhcp
