// Where the programs look for their files when nobody says otherwise; one file per system.
#pragma once

#include <string_view>

namespace berth::config {

std::string_view usual_configuration_file() noexcept;
std::string_view usual_state_folder() noexcept;

}  // namespace berth::config
