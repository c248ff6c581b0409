// What a DHCP load consists of, as values: who the clients are, what they do, and how often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "tools/berth/load/backoff.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

// How turns are begun: at a rate whatever the server does, or as many at once as there shall be.
struct Loop {
  double rate = 0;  // per second; zero: a closed loop
  std::uint32_t at_once = 1;

  bool is_open() const noexcept { return rate > 0; }
};

// When a run ends; with neither it runs until it is stopped.
struct Extent {
  Time duration{};          // zero: no such end
  std::uint64_t count = 0;  // turns; zero: no such end
  Time warm_up{};           // at the beginning, which is not counted
};

// What a client's turn is.
enum class Scenario : std::uint8_t {
  dora,     // DISCOVER and REQUEST
  renew,    // REQUEST in RENEWING
  rebind,   // in REBINDING
  reboot,   // in INIT-REBOOT
  churn,    // DISCOVER, REQUEST, RELEASE
  decline,  // DISCOVER, REQUEST, DECLINE
  inform,
};
std::string_view name(Scenario scenario) noexcept;  // "dora"

// What option 61 says.
enum class ClientId : std::uint8_t {
  none,
  mac,         // RFC 2132 9.14: the hardware type and address
  duid,        // RFC 4361: each its own
  shared_duid  // the same for all: clones of one machine
};

// What the plan says a client is told.
struct ExpectedOption {
  dhcp::OptionCode code{};
  std::vector<std::byte> value;
};
using ExpectedOptions = std::vector<ExpectedOption>;

struct Identity {
  net::MacAddress mac;
  net::Ipv4Address reserved;      // unspecified: nobody knows
  std::uint32_t expectation = 0;  // of DhcpSettings::expectations
};

struct DhcpSettings {
  Scenario scenario = Scenario::dora;
  Loop loop;
  Extent extent;
  Patience patience;
  std::uint64_t seed = 1;

  std::vector<Identity> clients;
  std::vector<ExpectedOptions> expectations{ExpectedOptions{}};
  ClientId client_id = ClientId::none;
  std::vector<std::byte> options;                  // of every message, as they stand in it
  std::vector<std::byte> relay_agent_information;  // the value of option 82

  std::vector<net::Ipv4Address> relays;  // none: clients themselves, frame by frame
  net::Endpoint server{net::Ipv4Address::broadcast(), dhcp::server_port};
  std::optional<net::Ipv4Address> server_id;     // others are foreign; none: the first one to offer
  std::uint16_t relay_port = dhcp::server_port;  // where relays hear
  std::uint16_t client_port = dhcp::client_port;
  bool wants_broadcast = false;
  bool releases = true;  // in the end

  bool is_relayed() const noexcept { return !relays.empty(); }
};

}  // namespace berth::load
