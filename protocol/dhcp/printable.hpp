// Octets from the network as text that cannot harm a terminal or forge a line of a log.
// Thread-safe: functions of their arguments.
#pragma once

#include <string>

#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// Printable ASCII as it is, with a backslash before a quote or a backslash; every other octet as
// "\ddd" (decimal, as in DNS presentation form). Put between quotes, it cannot be ended early.
void append_printable(std::string& out, wire::Bytes text);

// "0a:0b:0c"
void append_hexadecimal(std::string& out, wire::Bytes octets);

}  // namespace berth::dhcp
