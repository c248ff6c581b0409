// What the BSDs' routing socket says (route(4), as macOS speaks it): links, IPv4 addresses and
// default routes as values. The kernel's layouts are written down here, so that parsing can be
// tested on any system; it trusts nothing in a message. Numbers are in this machine's byte order,
// addresses in the network's.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::binder::route {

// A link's state has changed, or its IPv6 addresses; what is now has to be asked for.
struct LinkNews {
  std::uint32_t index = 0;

  bool operator==(const LinkNews&) const = default;
};

struct AddressNews {
  std::uint32_t index = 0;
  net::Ipv4Prefix address;
  bool gone = false;

  bool operator==(const AddressNews&) const = default;
};

// An IPv4 default route: one of a dump, or news of one.
struct DefaultRouteNews {
  std::uint32_t index = 0;
  bool gone = false;

  bool operator==(const DefaultRouteNews&) const = default;
};

using News = std::variant<LinkNews, AddressNews, DefaultRouteNews>;

enum class ParseError : std::uint8_t {
  truncated_header,
  bad_message_length,
  bad_address_length,
};

// "truncated_header"
std::string_view name(ParseError error) noexcept;

// All that matters here in a read from the socket, or in a dump of routes (sysctl(3), NET_RT_DUMP):
// one message or a row of them. An error means that something was missed.
expected<std::vector<News>, ParseError> parse(wire::Bytes messages);

}  // namespace berth::binder::route
