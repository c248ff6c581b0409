// A message with what the server acts on, gathered in the walk that checks it. An option of fixed
// length that has another length counts as absent. Borrows from the message, and from the
// scratch room for options that were split (RFC 3396). Thread-safe: a value.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// Longer values than these are not acted on, when they are split.
inline constexpr std::size_t split_option_room = 2048;

// The options by code. Of an option of fixed length the first counts, others may be split.
struct RequestOptions {
  std::optional<net::Ipv4Address> requested_address;  // 50
  std::optional<net::Ipv4Address> server_identifier;  // 54
  std::optional<net::Ipv4Address> subnet_selection;   // 118, RFC 3011
  std::optional<std::uint16_t> maximum_message_size;  // 57
  wire::Bytes parameters;                             // 55, empty for none
  wire::Bytes client_identifier;                      // 61, empty for none; 2 octets at least
  wire::Bytes client_fqdn;                            // 81, empty for none
  wire::Bytes machine_identifier;                     // 97, empty for none; 17 octets
  // 82, of a relayed message and well-formed, else empty: RFC 3046 2.1 lets only a relay agent add
  // it.
  wire::Bytes relay_agent_information;
  std::optional<net::Ipv4Address> link_selection;              // 82.5, RFC 3527
  std::optional<net::Ipv4Address> server_identifier_override;  // 82.11, RFC 5107
  bool any_split = false;
};

class Request : public RequestOptions {
 public:
  // REQUIRES: `scratch` holds split_option_room octets.
  Request(wire::Bytes datagram, wire::MutableBytes scratch) noexcept;

  // Why the datagram is no message; then nothing else is known of it.
  std::optional<ParseError> error() const noexcept {
    return message_ ? std::nullopt : std::optional(message_.error());
  }
  // REQUIRES, here and below: !error()
  const MessageView& message() const noexcept { return *message_; }
  // The field's first six octets: an address when htype and hlen say so.
  net::MacAddress chaddr() const noexcept {
    return net::MacAddress::from_bytes(message_->bytes().subspan(field::chaddr));
  }
  bool is_relayed() const noexcept { return !message_->giaddr().is_unspecified(); }

 private:
  expected<MessageView, ParseError> message_;
};

}  // namespace berth::dhcp
