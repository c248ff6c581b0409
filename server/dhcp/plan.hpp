// The networks as the DHCP responder needs them: immutable after construction, shared as const,
// replaced whole by a reload. Thread-safe for any number of readers, but for bindings(), which
// belongs to the thread of the one Responder that serves the plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "server/dhcp/bindings.hpp"
#include "server/dhcp/network.hpp"
#include "server/dhcp/outcome.hpp"

namespace berth::dhcp {

class Plan {
 public:
  // Allocates all that serving will need and takes time in proportion to the hosts. `previous` is
  // the plan built last, in force or not yet: hosts that it has too, by network key, MAC and
  // address, keep their bindings.
  explicit Plan(const config::Config& config, const Plan* previous = nullptr);

  std::span<const Network> networks() const noexcept { return networks_; }
  // REQUIRES: index < networks().size()
  const Network& network(NetworkIndex index) const noexcept { return networks_[index]; }

  // For logs and events; empty for no_index.
  std::string_view network_key(NetworkIndex index) const noexcept;
  std::string_view host_name(NetworkIndex index, HostIndex host) const noexcept;

  // The network whose link address this is; no_index for none, here and below.
  NetworkIndex network_at(net::Ipv4Address our_address) const noexcept;
  // The network whose subnet contains the address.
  NetworkIndex network_containing(net::Ipv4Address address) const noexcept;
  // The network that lists the relay agent most specifically.
  NetworkIndex network_relayed_by(net::Ipv4Address giaddr) const noexcept;

  Bindings& bindings() const noexcept { return *bindings_; }

 private:
  void assign_slots(const Plan* previous);

  std::vector<Network> networks_;
  std::vector<NetworkIndex> by_subnet_;  // ascending; subnets do not overlap
  std::unique_ptr<Bindings> bindings_;
  std::uint32_t last_tenant_ = 0;
};

}  // namespace berth::dhcp
