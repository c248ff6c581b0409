// What only the operating system can tell or do, beyond sockets: one file per system.
#pragma once

#include "protocol/wire/cursor.hpp"
#include "server/time.hpp"

namespace berth::io {

// The only clock the core is given: monotonic, and going on while the machine sleeps, so that a
// lease ends when its time is up whatever the host did meanwhile.
TimePoint now() noexcept;

// Octets that nobody can guess, from the system's generator.
void fill_with_random_octets(wire::MutableBytes out) noexcept;

// As many descriptors as the system lets this process have: servers are asked from many sockets.
void raise_descriptor_limit() noexcept;

// Gives memory that was freed back to the system, after a load that needed much of it.
void release_free_memory() noexcept;

}  // namespace berth::io
