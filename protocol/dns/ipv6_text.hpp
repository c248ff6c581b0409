// IPv6 addresses as text, for AAAA records: RFC 4291 2.2 in, RFC 5952 out. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "protocol/wire/cursor.hpp"

namespace berth::dns {

// "2001:db8::1", "::ffff:192.0.2.1". False, and nothing written, when it is not an address.
// REQUIRES: out.size() == 16
bool parse_ipv6(std::string_view text, wire::MutableBytes out) noexcept;

// REQUIRES: address.size() == 16
void append_ipv6_text(std::string& out, wire::Bytes address);

}  // namespace berth::dns
