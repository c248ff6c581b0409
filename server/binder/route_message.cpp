#include "server/binder/route_message.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>

namespace berth::binder::route {
namespace {

// net/route.h
constexpr std::uint8_t version = 5;
namespace type {
constexpr std::uint8_t add = 0x1;
constexpr std::uint8_t remove = 0x2;
constexpr std::uint8_t change = 0x3;
constexpr std::uint8_t get = 0x4;  // what a dump consists of
constexpr std::uint8_t new_address = 0xc;
constexpr std::uint8_t delete_address = 0xd;
constexpr std::uint8_t link_info = 0xe;
}  // namespace type
constexpr std::uint32_t flag_up = 0x1;
constexpr std::uint32_t flag_host = 0x4;

// Which addresses follow a header, by the bit that announces them.
enum Slot : std::size_t { destination, gateway, netmask, cloning_mask, link, address };
constexpr std::size_t slot_count = 8;

// rt_msghdr, ifa_msghdr and if_msghdr begin alike, and then differ.
namespace at {
constexpr std::size_t length = 0;  // u16
constexpr std::size_t version = 2;
constexpr std::size_t type = 3;
constexpr std::size_t route_index = 4;  // u16
constexpr std::size_t route_flags = 8;
constexpr std::size_t route_addresses = 12;
constexpr std::size_t addresses = 4;  // ifa_msghdr
constexpr std::size_t index = 12;     // u16; ifa_msghdr, if_msghdr
}  // namespace at
constexpr std::size_t common_header_size = 4;
constexpr std::size_t route_header_size = 92;
constexpr std::size_t address_header_size = 20;
constexpr std::size_t link_header_least = 14;  // what of it is read

// sockaddr_in: length, family, port, address.
constexpr std::uint8_t family_inet = 2;
constexpr std::uint8_t family_inet6 = 30;
constexpr std::size_t inet_address_at = 4;

// REQUIRES: the octets lie inside `bytes`.
template <class T>
T load(wire::Bytes bytes, std::size_t offset) noexcept {
  T value{};
  std::memcpy(&value, bytes.subspan(offset, sizeof(T)).data(), sizeof(T));
  return value;
}

using Addresses = std::array<wire::Bytes, slot_count>;

// Each is padded to four octets, an empty one takes four, and the last is not padded.
std::optional<Addresses> addresses_of(wire::Bytes bytes, std::uint32_t present) noexcept {
  Addresses found;
  for (std::size_t slot = 0; slot < slot_count; ++slot) {
    if ((present >> slot & 1) == 0) continue;
    if (bytes.empty()) return std::nullopt;
    const std::size_t size = wire::load_u8(bytes, 0);
    if (size > bytes.size()) return std::nullopt;
    found[slot] = bytes.first(size);
    const std::size_t padded = size == 0 ? 4 : (size + 3) & ~std::size_t{3};
    bytes = bytes.subspan(std::min(padded, bytes.size()));
  }
  return found;
}

// A mask is cut after its last octet that is not zero, and its family is not always set.
std::uint32_t inet_number(wire::Bytes sockaddr) noexcept {
  std::uint32_t number = 0;
  for (std::size_t octet = 0; octet < 4; ++octet) {
    const std::size_t offset = inet_address_at + octet;
    number = number << 8 | (offset < sockaddr.size() ? wire::load_u8(sockaddr, offset) : 0u);
  }
  return number;
}

bool is_of(wire::Bytes sockaddr, std::uint8_t family) noexcept {
  return sockaddr.size() >= 2 && wire::load_u8(sockaddr, 1) == family;
}

bool is_inet(wire::Bytes sockaddr) noexcept { return is_of(sockaddr, family_inet); }

using Result = expected<std::optional<News>, ParseError>;

Result parse_address(wire::Bytes message, bool gone) {
  if (message.size() < address_header_size) return unexpected(ParseError::truncated_header);
  const auto addresses = addresses_of(message.subspan(address_header_size),
                                      load<std::uint32_t>(message, at::addresses));
  if (!addresses) return unexpected(ParseError::bad_address_length);
  const wire::Bytes own = (*addresses)[Slot::address];
  if (is_of(own, family_inet6)) return News(LinkNews{load<std::uint16_t>(message, at::index)});
  if (!is_inet(own)) return std::nullopt;
  const int length = std::countl_one(inet_number((*addresses)[Slot::netmask]));
  return News(AddressNews{load<std::uint16_t>(message, at::index),
                          {{inet_number(own)}, static_cast<std::uint8_t>(length)},
                          gone});
}

Result parse_link(wire::Bytes message) {
  if (message.size() < link_header_least) return unexpected(ParseError::truncated_header);
  return News(LinkNews{load<std::uint16_t>(message, at::index)});
}

Result parse_route(wire::Bytes message, bool gone) {
  if (message.size() < route_header_size) return unexpected(ParseError::truncated_header);
  const auto addresses = addresses_of(message.subspan(route_header_size),
                                      load<std::uint32_t>(message, at::route_addresses));
  if (!addresses) return unexpected(ParseError::bad_address_length);
  const auto flags = load<std::uint32_t>(message, at::route_flags);
  const wire::Bytes to = (*addresses)[Slot::destination];
  const bool leads_everywhere = is_inet(to) && inet_number(to) == 0 && (flags & flag_host) == 0 &&
                                inet_number((*addresses)[Slot::netmask]) == 0;
  if (!leads_everywhere || (!gone && (flags & flag_up) == 0)) return std::nullopt;
  return News(DefaultRouteNews{load<std::uint16_t>(message, at::route_index), gone});
}

Result parse_message(wire::Bytes message) {
  if (wire::load_u8(message, at::version) != version) return std::nullopt;
  switch (const std::uint8_t what = wire::load_u8(message, at::type)) {
    case type::new_address:
    case type::delete_address: return parse_address(message, what == type::delete_address);
    case type::link_info: return parse_link(message);
    case type::add:
    case type::remove:
    case type::change:
    case type::get: return parse_route(message, what == type::remove);
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view name(ParseError error) noexcept {
  switch (error) {
    case ParseError::truncated_header: return "truncated_header";
    case ParseError::bad_message_length: return "bad_message_length";
    case ParseError::bad_address_length: return "bad_address_length";
  }
  return "";
}

expected<std::vector<News>, ParseError> parse(wire::Bytes messages) {
  std::vector<News> all;
  while (!messages.empty()) {
    if (messages.size() < common_header_size) return unexpected(ParseError::truncated_header);
    const std::size_t length = load<std::uint16_t>(messages, at::length);
    if (length < common_header_size || length > messages.size())
      return unexpected(ParseError::bad_message_length);
    Result news = parse_message(messages.first(length));
    if (!news) return unexpected(news.error());
    if (*news) all.push_back(**news);
    messages = messages.subspan(length);
  }
  return all;
}

}  // namespace berth::binder::route
