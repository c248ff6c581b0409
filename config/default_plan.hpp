// default.yaml, the plan for a machine without a configuration file, as part of the program.
#pragma once

#include <string_view>

namespace berth::config {

std::string_view default_plan() noexcept;

}  // namespace berth::config
