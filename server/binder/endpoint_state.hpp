// What the policy remembers of one endpoint, and how that reads to an operator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/binder/placement.hpp"
#include "server/binder/recipe.hpp"
#include "server/time.hpp"

namespace berth::binder {

struct SocketState {
  enum class Step : std::uint8_t {
    closed,
    waiting,    // for the system's proxy, until the grace ends
    opening,    // asked for
    examining,  // waiting to hear who holds the port
    open,
    failed,
  };

  Step step = Step::closed;
  SocketSpec spec;                       // as desired
  OptionSet options;                     // as last attempted
  std::optional<OpenFailure> failure;    // of the last attempt; kept until one succeeds
  std::vector<Holder> holders;           // of the port, where they matter to this socket
  unsigned failures = 0;                 // in a row
  std::optional<TimePoint> retry_at;     // while failed or waiting; of an open one: the next look
  std::optional<TimePoint> name_at;      // kept out: when to look again who by
  std::optional<TimePoint> settles_at;   // kept out, nobody knows by whom: when to say just that
  bool is_settled = false;               // that time has come
  std::optional<TimePoint> grace_until;  // of one that is opened after a wildcard holder
};

// Whether somebody keeps the socket from being bound, and nobody knows who.
bool has_unknown_holder(const SocketState& socket) noexcept;

// Whether it is bound to exactly the address that this socket is for.
bool is_on_our_address(const Holder& holder, const SocketState& socket) noexcept;

// Whether the system's DNS proxy is among the holders.
bool has_system_proxy(const SocketState& socket) noexcept;

struct SeenServer {
  ForeignServer server;
  TimePoint until;  // when it is forgotten, unless it is seen again
};

struct EndpointState {
  Wanted wanted;
  std::array<Placement, 2> placements;            // by service
  std::array<SocketState, role_count> sockets;    // by role
  std::array<std::optional<Status>, 2> reported;  // by service
  std::vector<std::string> other_bridges;         // of vmnet, beside the one that carries us
  std::vector<SeenServer> foreign_servers;        // of DHCP

  bool wants(Service service) const noexcept { return wanted.wants(service); }
  Placement& placement(Service service) noexcept {
    return placements[static_cast<std::size_t>(service)];
  }
  const Placement& placement(Service service) const noexcept {
    return placements[static_cast<std::size_t>(service)];
  }
  SocketState& socket(Role role) noexcept { return sockets[static_cast<std::size_t>(role)]; }
  const SocketState& socket(Role role) const noexcept {
    return sockets[static_cast<std::size_t>(role)];
  }
};

// "dnsmasq (pid 812, dnsmasq.service)"
std::string name_of(const Holder& holder);
// "0.0.0.0:53", "[fe80::1]:53"
std::string socket_text(const Holder& holder, std::uint16_t port);
// The holder most likely in the way: of our address, else of all. None when it is not known.
const Holder* culprit_of(const SocketState& socket) noexcept;
// Why a socket is not open, and what to do.
// REQUIRES: socket.failure
std::string failure_text(const SocketState& socket);

// Whether that server is another of this machine that calls itself as we do.
bool is_namesake(const EndpointState& endpoint, const ForeignServer& server) noexcept;

// What replies are to name in option 54.
net::Ipv4Address server_id_of(const EndpointState& endpoint) noexcept;

// REQUIRES: endpoint.wants(service)
Status status_of(const EndpointState& endpoint, Service service, std::span<const Recipe> recipes);

}  // namespace berth::binder
