// The definitions of `berth load` and its two kinds, of which there are more than of all the
// others.
#pragma once

#include "tools/berth/request.hpp"

namespace CLI {
class App;
}

namespace berth::tools {

void define_load(CLI::App& app, Request& request);

}  // namespace berth::tools
