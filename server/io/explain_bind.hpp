// What `berthd --explain-bind` prints: this machine is looked at, and nothing is opened.
#pragma once

#include <string>
#include <system_error>

#include "config/config.hpp"
#include "protocol/expected.hpp"

namespace berth::io {

// Fails when the system has no descriptors or memory left, or never tells all of its links.
expected<std::string, std::error_code> explain_bind(const config::Config& config);

}  // namespace berth::io
