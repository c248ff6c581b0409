// Whole frames on a link, so that any number of clients with hardware addresses of their own can be
// behind one interface. Whoever asks by ARP for an address that one of them holds is told, as a
// client would, so that a server can send to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/clock.hpp"

namespace berth::load {

struct LinkSpec {
  std::string interface;
  std::uint16_t client_port = 0;
  // Who has this address; none: none of ours.
  std::function<std::optional<net::MacAddress>(net::Ipv4Address)> holder;
};

expected<std::unique_ptr<Carrier>, OpenError> open_link(LinkSpec spec, const Clock& clock);

}  // namespace berth::load
