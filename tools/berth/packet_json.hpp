// A message's fields, options and records as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "tools/berth/decode.hpp"

namespace berth::tools {

// Of a message that could be read; else null. Its keys are those of the README, by protocol.
boost::json::value message_json(const Decoded& decoded);

}  // namespace berth::tools
