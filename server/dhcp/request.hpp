// What the server acts on in a client's message, gathered in one walk over its options. An option
// of fixed length that has another length counts as absent. Borrows from the message, and from the
// scratch room for options that were split (RFC 3396). Thread-safe: a value.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// Longer values than these are not acted on, when they are split.
inline constexpr std::size_t split_option_room = 2048;

struct Request {
  const MessageView& message;
  net::MacAddress chaddr;
  std::optional<net::Ipv4Address> requested_address;  // 50
  std::optional<net::Ipv4Address> server_identifier;  // 54
  std::optional<net::Ipv4Address> subnet_selection;   // 118, RFC 3011
  std::optional<std::uint16_t> maximum_message_size;  // 57
  wire::Bytes parameters;                             // 55, empty for none
  wire::Bytes client_identifier;                      // 61, empty for none; 2 octets at least
  wire::Bytes client_fqdn;                            // 81, empty for none
  wire::Bytes machine_identifier;                     // 97, empty for none
  // 82, of a relayed message and well-formed, else empty: RFC 3046 2.1 lets only a relay agent add
  // it.
  wire::Bytes relay_agent_information;
  std::optional<net::Ipv4Address> link_selection;              // 82.5, RFC 3527
  std::optional<net::Ipv4Address> server_identifier_override;  // 82.11, RFC 5107

  // REQUIRES: message.chaddr().size() == 6; `scratch` holds split_option_room octets.
  Request(const MessageView& from, wire::MutableBytes scratch) noexcept;

  bool is_relayed() const noexcept { return !message.giaddr().is_unspecified(); }

 private:
  void join(wire::MutableBytes scratch) noexcept;
  void read_relay_agent_information() noexcept;
};

}  // namespace berth::dhcp
