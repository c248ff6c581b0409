// What only the operating system can tell or do, beyond sockets: one file per system.
#pragma once

#include "server/time.hpp"

namespace berth::io {

// The only clock the core is given: monotonic, and going on while the machine sleeps, so that a
// lease ends when its time is up whatever the host did meanwhile.
TimePoint now() noexcept;

// Gives memory that was freed back to the system, after a load that needed much of it.
void release_free_memory() noexcept;

}  // namespace berth::io
