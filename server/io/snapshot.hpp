// Everything a configuration means to the running server: made from it whole, immutable, and
// replaced whole by a reload.
#pragma once

#include <memory>
#include <vector>

#include "config/config.hpp"
#include "server/binder/endpoint.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dns/zones.hpp"

namespace berth::io {

struct Snapshot {
  std::shared_ptr<const dhcp::Plan> plan;
  std::shared_ptr<const dns::Zones> zones;
  std::vector<binder::Wanted> endpoints;
};

// `previous` is the plan built last; its clients keep what they hold. Null for the first.
Snapshot make_snapshot(const config::Config& config, const dhcp::Plan* previous);

}  // namespace berth::io
