// What the server would answer to the packets of a capture, and why: the same core as when it
// serves, with the plan in force and the capture's clock, and with no socket, no folder and no
// privilege.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace berth::io {

// Prints to `out` each packet that berthd would read, and the reply or the reason for none; at the
// end how many it would not read. Returns why the file was not read, or not to its end.
std::optional<std::string> replay(const config::Config& config, const std::string& file,
                                  std::ostream& out);

}  // namespace berth::io
