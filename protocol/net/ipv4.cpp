#include "protocol/net/ipv4.hpp"

#include <charconv>

namespace berth::net {
namespace {

// A decimal number without sign, leading zeros or anything around it.
std::optional<std::uint32_t> parse_number(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

char* append_number(char* at, char* end, std::uint32_t number) noexcept {
  return std::to_chars(at, end, number).ptr;
}

char* append(char* at, char* end, Ipv4Address address) noexcept {
  for (int shift = 24; shift >= 0; shift -= 8) {
    at = append_number(at, end, (address.value >> shift) & 0xff);
    if (shift != 0) *at++ = '.';
  }
  return at;
}

std::string_view view(const Ipv4Text& buffer, const char* end) noexcept {
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) noexcept {
  std::uint32_t value = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto octet = parse_number(text.substr(0, dot));
    if (!octet || *octet > 255) return std::nullopt;
    value = value << 8 | *octet;
    text.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return Ipv4Address{value};
}

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  const auto length = parse_number(text.substr(slash + 1));
  if (!address || !length || *length > 32) return std::nullopt;
  return Ipv4Prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::optional<Ipv4Address> parse_host_address(std::string_view text,
                                              const Ipv4Prefix& subnet) noexcept {
  if (const auto address = Ipv4Address::parse(text)) return address;
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  return subnet.host(*number);
}

std::string_view format(Ipv4Address address, Ipv4Text& buffer) noexcept {
  return view(buffer, append(buffer.data(), buffer.data() + buffer.size(), address));
}

std::string_view format(const Ipv4Prefix& prefix, Ipv4Text& buffer) noexcept {
  char* const end = buffer.data() + buffer.size();
  char* at = append(buffer.data(), end, prefix.address);
  *at++ = '/';
  return view(buffer, append_number(at, end, prefix.length));
}

std::string to_string(Ipv4Address address) {
  Ipv4Text buffer;
  return std::string(format(address, buffer));
}

std::string to_string(const Ipv4Prefix& prefix) {
  Ipv4Text buffer;
  return std::string(format(prefix, buffer));
}

}  // namespace berth::net
