#include "config/places.hpp"

namespace berth::config {

std::string_view usual_configuration_file() noexcept { return "/etc/berth/berth.yaml"; }
std::string_view usual_state_folder() noexcept { return "/var/lib/berth"; }

}  // namespace berth::config
