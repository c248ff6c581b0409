// The zones a resolver answers itself, because no server of the Internet can: reverse zones of
// addresses that mean something only here (RFC 6303, RFC 7793) and special names (RFC 6761, 6762,
// 7686, 8375). All are empty, but for localhost.
#pragma once

#include <span>
#include <string_view>

namespace berth::dns {

std::span<const std::string_view> built_in_apexes() noexcept;

// Records of theirs, as zone-file lines with absolute names. SOA and NS come besides.
std::span<const std::string_view> built_in_records() noexcept;

// RFC 6303 3, with the owner itself as server.
inline constexpr std::string_view built_in_soa = "@ SOA @ nobody.invalid. 1 3600 1200 604800 10800";
inline constexpr unsigned built_in_ttl = 10800;

}  // namespace berth::dns
