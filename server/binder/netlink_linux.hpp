// rtnetlink (rtnetlink(7)) as values: what a datagram from the kernel says of links, IPv4 addresses
// and default routes. Parsing trusts nothing in it. Requests are the dumps that begin it all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/endpoint.hpp"

namespace berth::binder::netlink {

struct LinkNews {
  Link link;
  bool gone = false;

  bool operator==(const LinkNews&) const = default;
};

struct AddressNews {
  std::uint32_t index = 0;
  net::Ipv4Prefix address;
  bool gone = false;

  bool operator==(const AddressNews&) const = default;
};

// An IPv4 default route in any table, and the links that it leads to.
struct DefaultRouteNews {
  std::vector<std::uint32_t> indexes;
  bool dumped = false;  // part of a dump; else a change
  bool gone = false;

  bool operator==(const DefaultRouteNews&) const = default;
};

// The tables changed while they were being dumped: what is told is not the whole truth.
struct DumpInterrupted {
  std::uint32_t sequence = 0;  // of the request

  bool operator==(const DumpInterrupted&) const = default;
};

struct DumpEnd {
  std::uint32_t sequence = 0;
  bool failed = false;

  bool operator==(const DumpEnd&) const = default;
};

using News = std::variant<LinkNews, AddressNews, DefaultRouteNews, DumpInterrupted, DumpEnd>;

enum class ParseError : std::uint8_t {
  truncated_header,
  bad_message_length,
  truncated_body,
  bad_attribute_length,
};

// "truncated_header"
std::string_view name(ParseError error) noexcept;

// All that one datagram says and that matters here, in its order. An error means that something
// was missed.
expected<std::vector<News>, ParseError> parse(wire::Bytes datagram);

enum class Dump : std::uint8_t { links, addresses, routes };

// The request for a dump, to be sent to the kernel.
std::vector<std::byte> dump_request(Dump what, std::uint32_t sequence);

}  // namespace berth::binder::netlink
