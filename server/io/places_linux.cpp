#include "server/io/places.hpp"

namespace berth::io {

std::string_view usual_configuration_file() noexcept { return "/etc/berth/berth.yaml"; }
std::string_view usual_state_folder() noexcept { return "/var/lib/berth"; }

}  // namespace berth::io
