#include "protocol/net/socket_address.hpp"

#include <algorithm>
#include <charconv>

namespace berth::net {
namespace {

constexpr std::size_t max_interface_size = 15;  // IFNAMSIZ less its zero

bool is_interface(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_interface_size &&
         std::ranges::all_of(text, [](char letter) {
           return letter > ' ' && letter < 0x7f && letter != '/' && letter != '%' &&
                  letter != '[' && letter != ']';
         });
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, port);
  if (failure != std::errc() || stop != end || port == 0 || text.front() == '0')
    return std::nullopt;
  return port;
}

std::optional<SocketAddress> parse_ipv6(std::string_view text, std::uint16_t port) noexcept {
  const std::size_t percent = text.find('%');
  const auto address = Ipv6Address::parse(text.substr(0, percent));
  if (!address) return std::nullopt;
  SocketAddress server{*address, {}, port};
  if (percent == std::string_view::npos) return server;
  const std::string_view interface = text.substr(percent + 1);
  if (!address->is_link_local() || !is_interface(interface)) return std::nullopt;
  server.interface = interface;
  return server;
}

}  // namespace

bool is_loopback(const IpAddress& address) noexcept {
  if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address)) return ipv4->is_loopback();
  Ipv6Address one;
  one.octets.back() = std::byte{1};
  return std::get<Ipv6Address>(address) == one;
}

bool is_multicast(const IpAddress& address) noexcept {
  if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address)) return ipv4->is_multicast();
  return std::get<Ipv6Address>(address).octets.front() == std::byte{0xff};
}

bool is_unspecified(const IpAddress& address) noexcept {
  return std::visit([](const auto& one) { return one.is_unspecified(); }, address);
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text,
                                                  std::uint16_t default_port) noexcept {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view behind = text.substr(end + 1);
    if (behind.empty()) return parse_ipv6(text.substr(1, end - 1), default_port);
    const auto port = behind.front() == ':' ? parse_port(behind.substr(1)) : std::nullopt;
    return port ? parse_ipv6(text.substr(1, end - 1), *port) : std::nullopt;
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos)
    return parse_ipv6(text, default_port);
  const auto address = Ipv4Address::parse(text.substr(0, colon));
  const auto port = colon == std::string_view::npos ? std::optional(default_port)
                                                    : parse_port(text.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return SocketAddress{*address, {}, *port};
}

std::string to_string(const SocketAddress& server, std::uint16_t default_port) {
  std::string text = std::visit([](const auto& one) { return to_string(one); }, server.address);
  if (!server.interface.empty()) text.append(1, '%').append(server.interface);
  if (server.port == default_port) return text;
  if (std::holds_alternative<Ipv6Address>(server.address)) text = '[' + text + ']';
  return text + ':' + std::to_string(server.port);
}

}  // namespace berth::net
