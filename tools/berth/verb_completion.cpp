// `berth completion`
#include <ostream>

#include "tools/berth/command_line.hpp"
#include "tools/berth/completion.hpp"
#include "tools/berth/verbs.hpp"

namespace berth::tools {

ExitCode completion(const Request& request, const Streams& streams) {
  Request unused;
  const auto app = define_command_line(unused);
  if (request.shell == "bash")
    streams.out << bash_completion(*app);
  else if (request.shell == "zsh")
    streams.out << zsh_completion(*app);
  else
    streams.out << fish_completion(*app);
  return ok;
}

}  // namespace berth::tools
