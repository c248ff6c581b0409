// A plan's file in its canonical form: keys in the order of the key table, two spaces of
// indentation, a host on one line where it fits, hardware addresses in one spelling. Comments stay
// with the entry below or beside which they stand, and everything else stays as it was written.
#pragma once

#include <string>
#include <string_view>

#include "config/diagnostic.hpp"
#include "protocol/expected.hpp"

namespace berth::config {

// Lines of at most this many octets are made of several, where the text leaves a choice.
inline constexpr std::size_t formatted_width = 100;

// The text that means the same; formatting that again changes nothing. Or why it is not formatted:
// it is no YAML of the kind that load() reads, or holds what could not be carried along. The plan
// may have mistakes. Thread-safe; throws nothing but what a lack of memory throws.
expected<std::string, Diagnostic> formatted(std::string_view text);

// What formatted() says when it finds that its work would not keep what the text says.
inline constexpr std::string_view formatting_would_change_it =
    "this plan cannot be formatted without changing what it says";

}  // namespace berth::config
