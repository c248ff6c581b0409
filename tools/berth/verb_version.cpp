// `berth version`
#include <ostream>

#include "config/version.hpp"
#include "tools/berth/json.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {

ExitCode version(const Request& request, const Streams& streams) {
  if (request.json) {
    auto report = envelope("version");
    report["version"] = berth::version;
    print_line(streams.out, report);
  } else {
    streams.out << "berth " << berth::version << '\n';
  }
  return ok;
}

}  // namespace berth::tools
