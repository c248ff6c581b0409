// An endpoint for people: what is opened for it, how and why, and how that would go.
#pragma once

#include <string>

#include "server/binder/endpoint_state.hpp"
#include "server/binder/system.hpp"

namespace berth::binder {

// Lines of text; `endpoint` is a forecast for that system.
std::string explain(const System& system, const EndpointState& endpoint);

}  // namespace berth::binder
