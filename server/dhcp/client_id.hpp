// A client identifier as a number to compare. Thread-safe: a function of its argument.
#pragma once

#include <cstdint>

#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// A digest of all octets and their number, never 0. Different identifiers may share one, which a
// client that wants to can bring about: the digest serves for warnings, never for who gets what.
std::uint64_t digest_of(wire::Bytes client_identifier) noexcept;

}  // namespace berth::dhcp
