// DHCP as far as servers that share a link and their client can disagree about it.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/net/ipv4.hpp"

namespace berth::binder::model {

enum class Kind : std::uint8_t { discover, offer, request, ack, nak };

// The client's state in a REQUEST (RFC 2131 table 4).
enum class Asking : std::uint8_t { selecting, init_reboot, renewing, rebinding };

struct DhcpMessage {
  Kind kind = Kind::discover;
  Asking asking = Asking::selecting;
  net::Ipv4Address server;   // option 54; of a REQUEST only when selecting
  net::Ipv4Address address;  // asked for, or given
  net::Ipv4Address destination = net::Ipv4Address::broadcast();

  bool operator==(const DhcpMessage&) const = default;
};

// The one host of the plan that the model's client is, and what bootpd would give it instead.
inline constexpr net::Ipv4Address reserved = net::Ipv4Address::from_octets(192, 168, 200, 3);
inline constexpr net::Ipv4Address from_pool = net::Ipv4Address::from_octets(192, 168, 200, 2);
inline constexpr net::Ipv4Address second_id = net::Ipv4Address::from_octets(192, 168, 200, 254);

// What our responder says to the reserved client, when it calls itself `server_id`. That it does so
// is tested against the responder itself.
std::optional<DhcpMessage> answer_of_berthd(const DhcpMessage& request, net::Ipv4Address server_id);

}  // namespace berth::binder::model
