// How this system opens what a recipe asks for. One file per system.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "protocol/expected.hpp"
#include "server/binder/file_descriptor.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder {

// What this system opens for an endpoint.
std::span<const Recipe> system_recipes() noexcept;

// Non-blocking, closed on exec, bound; a TCP socket listens. Does not wait.
expected<FileDescriptor, OpenFailure> open_socket(const SocketSpec& spec);

// Whether the process may open what the recipe asks for, tried where it is in nobody's way: so that
// a lack is known before there is a link to open it on.
std::optional<OpenFailure> missing_privilege(const Recipe& recipe, std::uint16_t port);

}  // namespace berth::binder
