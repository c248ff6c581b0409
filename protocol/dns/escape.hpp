// Escapes of presentation form (RFC 1035 5.1): \X stands for X, \DDD for the octet of that number.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace berth::dns {

// The octet that the escape at the front of `text` stands for, which is taken off; none if it is
// no escape. REQUIRES: text begins with a backslash
std::optional<std::byte> take_escape(std::string_view& text) noexcept;

// "\007"
void append_escaped_number(std::string& out, std::byte octet);

}  // namespace berth::dns
