// Lines of a plan from what was written. Internal to config/.
#pragma once

#include <string>

#include "config/commented.hpp"

namespace berth::config {

std::string lay_out(CommentedPlan plan);

}  // namespace berth::config
