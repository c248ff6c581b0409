// Everything a configuration means to the running server: made from it whole, immutable, and
// replaced whole by a reload; but for the host's resolvers, which change by themselves.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "config/config.hpp"
#include "server/binder/endpoint.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dns/zones.hpp"
#include "server/io/upstreams.hpp"

namespace berth::io {

struct Snapshot {
  std::shared_ptr<const dhcp::Plan> plan;
  std::shared_ptr<const dns::Zones> zones;
  // Made of the forward plan and the host's resolvers by whoever follows these.
  std::shared_ptr<const Upstreams> upstreams;
  ForwardPlan forward;
  std::vector<binder::Wanted> endpoints;
  std::uint16_t dns_workers = 1;  // as written; how many there are is decided at start
};

// `previous` is the plan built last; its clients keep what they hold. Null for the first.
Snapshot make_snapshot(const config::Config& config, const dhcp::Plan* previous);

}  // namespace berth::io
