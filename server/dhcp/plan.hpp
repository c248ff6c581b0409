// The networks as the DHCP responder needs them: immutable after construction, shared as const,
// replaced whole by a reload. Thread-safe for any number of readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace berth::dhcp {

class Plan {
 public:
  explicit Plan(const config::Config& config);
};

}  // namespace berth::dhcp
