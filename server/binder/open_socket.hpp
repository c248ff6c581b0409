// How this system opens what a recipe asks for. One file per system.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/expected.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/binder/recipe.hpp"
#include "server/binder/system.hpp"

namespace berth::binder {

const System& this_system() noexcept;

// Non-blocking, closed on exec, bound; a TCP socket listens. Does not wait.
expected<FileDescriptor, OpenFailure> open_socket(const SocketSpec& spec);

// The rest of `spec.sockets`, beside the first, which open_socket() returned. That one was bound
// alone, or beside a wildcard holder, so that nobody else's port is shared by mistake; from here on
// others of our user may join.
expected<std::vector<FileDescriptor>, OpenFailure> open_more(const FileDescriptor& first,
                                                             const SocketSpec& spec);

// Whether the process may open what the recipe asks for, tried where it is in nobody's way: so that
// a lack is known before there is a link to open it on.
std::optional<OpenFailure> missing_privilege(const Recipe& recipe, std::uint16_t port);

}  // namespace berth::binder
