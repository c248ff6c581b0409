// A DHCP or BOOTP message in a buffer owned by someone else (RFC 2131 section 2, RFC 951). A
// MessageView exists only for octets that parse() has checked to the last option, so no accessor
// fails. Valid while the buffer is unchanged. Thread-safe: a value that only reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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
 public:
  static expected<MessageView, ParseError> parse(wire::Bytes datagram) noexcept;

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

 private:
  explicit MessageView(wire::Bytes bytes) noexcept : bytes_(bytes) {}

  std::string_view text_field(std::size_t at, std::size_t size) const noexcept;

  wire::Bytes bytes_;
  OptionAreas areas_{};  // empty where there are no options
  // A bit for each code that occurs, modulo 64, so that asking for an absent option seldom costs a
  // walk.
  std::uint64_t present_ = 0;
  std::optional<MessageType> type_;
};

}  // namespace berth::dhcp
