#include "server/dhcp/destination.hpp"

namespace berth::dhcp {

// RFC 2131 4.1, an arm for each sentence; 4.3.5 for INFORM, relayed or not. The last sentence of
// 4.1, on DHCPNAK, overrides those above it and so stands before them.
Destination destination_of(const MessageView& request, std::optional<MessageType> reply,
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
