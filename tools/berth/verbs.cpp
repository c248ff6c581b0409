#include "tools/berth/verbs.hpp"

namespace berth::tools {

ExitCode run(const Request& request, const Streams& streams) {
  switch (request.verb) {
    case Verb::check: return check(request, streams);
    case Verb::completion: return completion(request, streams);
    case Verb::decode: return decode(request, streams);
    case Verb::fmt: return fmt(request, streams);
    case Verb::load: return load(request, streams);
    case Verb::schema: return schema(request, streams);
    case Verb::test: return test(request, streams);
    case Verb::version: return version(request, streams);
  }
  return usage;
}

}  // namespace berth::tools
