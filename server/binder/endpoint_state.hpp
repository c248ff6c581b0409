// What the policy remembers of one endpoint, and how that reads to an operator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/binder/placement.hpp"
#include "server/binder/recipe.hpp"
#include "server/time.hpp"

namespace berth::binder {

struct SocketState {
  enum class Step : std::uint8_t {
    closed,
    opening,    // asked for
    examining,  // waiting to hear who holds the port
    open,
    failed,
  };

  Step step = Step::closed;
  SocketSpec spec;                     // as desired
  OptionSet options;                   // as last attempted
  std::optional<OpenFailure> failure;  // of the last attempt; kept until one succeeds
  std::vector<Holder> holders;         // of the port, where they matter to this socket
  unsigned failures = 0;               // in a row
  std::optional<TimePoint> retry_at;
};

struct EndpointState {
  Wanted wanted;
  std::array<Placement, 2> placements;            // by service
  std::array<SocketState, 5> sockets;             // by role
  std::array<std::optional<Status>, 2> reported;  // by service

  bool wants(Service service) const noexcept {
    return service == Service::dhcp ? wanted.dhcp : wanted.dns;
  }
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

// REQUIRES: endpoint.wants(service)
Status status_of(const EndpointState& endpoint, Service service, std::span<const Recipe> recipes);

}  // namespace berth::binder
