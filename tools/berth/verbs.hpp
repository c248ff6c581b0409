// What `berth` does, a function and a file for each verb. Each returns an exit code.
#pragma once

#include "tools/berth/request.hpp"

namespace berth::tools {

ExitCode check(const Request& request, const Streams& streams);
ExitCode completion(const Request& request, const Streams& streams);
ExitCode decode(const Request& request, const Streams& streams);
ExitCode fmt(const Request& request, const Streams& streams);
ExitCode load(const Request& request, const Streams& streams);
ExitCode schema(const Request& request, const Streams& streams);
ExitCode test(const Request& request, const Streams& streams);
ExitCode version(const Request& request, const Streams& streams);

ExitCode run(const Request& request, const Streams& streams);

}  // namespace berth::tools
