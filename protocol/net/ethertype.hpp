// What an Ethernet frame carries (IEEE 802.3 3.2.6), as far as anything here asks.
#pragma once

#include <cstdint>

namespace berth::net {

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_vlan = 0x8100;  // IEEE 802.1Q: a tag, then another one
inline constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

}  // namespace berth::net
