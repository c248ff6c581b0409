// `berth schema`
#include "tools/berth/json.hpp"
#include "tools/berth/schema.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {

ExitCode schema(const Request& /*request*/, const Streams& streams) {
  print_indented(streams.out, make_schema());
  return ok;
}

}  // namespace berth::tools
