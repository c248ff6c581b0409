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
Destination destination_of(const MessageView& request, std::optional<MessageType> reply,
                           net::Ipv4Address yiaddr) noexcept;

}  // namespace berth::dhcp
