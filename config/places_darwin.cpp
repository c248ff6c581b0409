#include "config/places.hpp"

namespace berth::config {
namespace {

// Where a package manager that keeps its own tree has etc and var; empty: the system's.
constexpr std::string_view prefix = BERTH_PREFIX;

}  // namespace

std::string_view usual_configuration_file() noexcept {
  return prefix.empty() ? "/etc/berth/berth.yaml" : BERTH_PREFIX "/etc/berth/berth.yaml";
}

std::string_view usual_state_folder() noexcept {
  return prefix.empty() ? "/var/db/berth" : BERTH_PREFIX "/var/lib/berth";
}

}  // namespace berth::config
