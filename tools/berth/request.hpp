// What a person asked of `berth`, and where the answer goes. Values.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "tools/berth/load/options.hpp"

namespace berth::tools {

// What a script learns from the exit code.
enum ExitCode : std::uint8_t {
  ok = 0,
  failure = 1,  // a condition is false, or the work failed
  usage = 2,
  configuration_invalid = 3,
  not_reachable = 4,  // no daemon answers
};

enum class Verb : std::uint8_t { check, completion, decode, fmt, load, schema, test, version };

struct Request {
  Verb verb{};
  std::string file;            // empty: the usual one
  bool file_is_given = false;  // so that its absence is a mistake
  std::string expectations;    // the file of `berth test`
  std::string shell;
  std::string packets;             // what `berth decode` reads
  std::vector<std::string> files;  // of `berth fmt`; none: the usual one
  bool check_only = false;
  bool write = false;
  bool json = false;
  load::Options load;
};

// Results on `out`, everything about the way to them on `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;  // on `err`
};

}  // namespace berth::tools
