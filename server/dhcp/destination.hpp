// Where a reply goes: RFC 2131 section 4.1 as a pure function. The io layer obeys; where it cannot
// send a frame to the client's hardware address it broadcasts, which the same section allows, in
// one place. Thread-safe: values.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"

namespace berth::dhcp {

struct Destination {
  enum class Via : std::uint8_t {
    relay,      // unicast to the relay agent's server port
    unicast,    // unicast to an address the client answers ARP for
    broadcast,  // 255.255.255.255 on the link
    link,       // a frame to `mac` with `endpoint` as IP destination: the client cannot answer ARP
  } via = Via::broadcast;
  net::Endpoint endpoint;
  net::MacAddress mac;  // for link

  bool operator==(const Destination&) const = default;
};

// `reply` is absent for BOOTP. REQUIRES: a request with an Ethernet chaddr.
// RFC 2131 4.1, an arm for each sentence; 4.3.5 for INFORM, relayed or not. The last sentence of
// 4.1, on DHCPNAK, overrides those above it and so stands before them.
inline Destination destination_of(const MessageView& request, std::optional<MessageType> reply,
                                  net::Ipv4Address yiaddr) noexcept {
  using Via = Destination::Via;
  constexpr net::Endpoint everyone{net::Ipv4Address::broadcast(), client_port};

  if (request.type() == MessageType::inform)
    return {Via::unicast, {request.ciaddr(), client_port}, {}};
  if (!request.giaddr().is_unspecified()) return {Via::relay, {request.giaddr(), server_port}, {}};
  if (reply == MessageType::nak) return {Via::broadcast, everyone, {}};
  // Only to the address that the reply confirms: any other ciaddr is a claim, and obeying it would
  // let a client point our replies at somebody else.
  if (!yiaddr.is_unspecified() && request.ciaddr() == yiaddr)
    return {Via::unicast, {yiaddr, client_port}, {}};
  if (request.wants_broadcast()) return {Via::broadcast, everyone, {}};
  return {Via::link, {yiaddr, client_port}, net::MacAddress::from_bytes(request.chaddr())};
}

}  // namespace berth::dhcp
