// Which of the machine's processes is the server that is tested, so that its processor time can be
// told. A server in another network namespace of the same machine, as a lab has them, is one too.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "protocol/net/ipv4.hpp"

namespace berth::load {

enum class Transport : std::uint8_t { udp, tcp };

// All that hold a socket on which what is sent to `server` arrives: a parent and its children may
// share one. Empty when there is none that we may look at, or when several network namespaces have
// such a server, or where the system does not tell.
std::vector<pid_t> processes_at(const net::Endpoint& server, Transport transport);

}  // namespace berth::load
