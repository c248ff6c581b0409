// The effective configuration, defaults included, as YAML that load() reads back to an equal one.
#pragma once

#include <string>

#include "config/config.hpp"

namespace berth::config {

// REQUIRES: `config` came from load(), and every host that is not ignored has an address.
std::string print(const Config& config);

}  // namespace berth::config
