// A message with what the server acts on, gathered in the walk that checks it. An option of fixed
// length that has another length counts as absent. Borrows from the message, and from the
// scratch room for options that were split (RFC 3396). Thread-safe: a value.
#pragma once

#include <array>
#include <cstddef>
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
class RequestOptions {
 public:
  std::optional<net::Ipv4Address> requested_address() const noexcept {  // 50
    return first(Kept::requested_address).ipv4();
  }
  std::optional<net::Ipv4Address> server_identifier() const noexcept {  // 54
    return first(Kept::server_identifier).ipv4();
  }
  std::optional<net::Ipv4Address> subnet_selection() const noexcept {  // 118, RFC 3011
    return first(Kept::subnet_selection).ipv4();
  }
  std::optional<std::uint16_t> maximum_message_size() const noexcept {  // 57
    return first(Kept::maximum_message_size).u16();
  }
  // Empty for none, here and below. 55
  wire::Bytes parameters() const noexcept { return value(Kept::parameters); }
  // 61; 2 octets at least.
  wire::Bytes client_identifier() const noexcept { return value(Kept::client_identifier); }
  wire::Bytes client_fqdn() const noexcept { return value(Kept::client_fqdn); }  // 81
  // 97; 17 octets.
  wire::Bytes machine_identifier() const noexcept { return value(Kept::machine_identifier); }
  // 82, of a relayed message and well-formed: RFC 3046 2.1 lets only a relay agent add it.
  wire::Bytes relay_agent_information() const noexcept {
    return value(Kept::relay_agent_information);
  }
  // 82.5, RFC 3527
  std::optional<net::Ipv4Address> link_selection() const noexcept { return link_selection_; }
  // 82.11, RFC 5107
  std::optional<net::Ipv4Address> server_identifier_override() const noexcept {
    return server_identifier_override_;
  }

 protected:
  // The walk over a message tells of each of its options.
  void see(const OptionView& option) noexcept {
    const Kept place = places[static_cast<std::uint8_t>(option.code)];
    if (place == Kept::none) return;
    if (has(place)) {
      any_twice_ = true;
    } else {
      keep(place, option.value);
    }
  }
  // Puts together what is split, and clears what is not well-formed.
  void check(const MessageView& message, wire::MutableBytes scratch) noexcept;

 private:
  enum class Kept : std::uint8_t {
    none,
    requested_address,
    server_identifier,
    subnet_selection,
    maximum_message_size,
    parameters,
    client_identifier,
    client_fqdn,
    machine_identifier,
    relay_agent_information,
  };
  static constexpr std::size_t kept_count = 10;
  static const std::array<Kept, 256> places;  // by code

  static constexpr unsigned bit(Kept place) noexcept { return 1u << static_cast<unsigned>(place); }
  bool has(Kept place) const noexcept { return (present_ & bit(place)) != 0; }
  void keep(Kept place, wire::Bytes value) noexcept {
    present_ |= bit(place);
    values_[static_cast<std::size_t>(place)] = {value.data(), value.size()};
  }
  void forget(Kept place) noexcept { present_ &= ~bit(place); }
  wire::Bytes value(Kept place) const noexcept {
    if (!has(place)) return {};
    const Piece& piece = values_[static_cast<std::size_t>(place)];
    return {piece.octets, piece.size};
  }
  OptionView first(Kept place) const noexcept { return {OptionCode::pad, value(place)}; }
  void join(const MessageView& message, wire::MutableBytes scratch) noexcept;

  // A wire::Bytes that is not made empty first: clearing all of them takes longer than their use.
  struct Piece {
    const std::byte* octets;
    std::size_t size;
  };

  unsigned present_ = 0;
  std::array<Piece, kept_count> values_;  // those that are present
  std::optional<net::Ipv4Address> link_selection_;
  std::optional<net::Ipv4Address> server_identifier_override_;
  bool any_twice_ = false;
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
