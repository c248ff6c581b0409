// The text in which Linux tells who has which port: the tables of /proc/net and the cgroup of a
// process. Pure functions of that text; a line that does not read as expected is passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/net/ipv4.hpp"

namespace berth::binder {

// A socket on a port, as far as it can be in the way of an IPv4 one.
struct PortEntry {
  net::Ipv4Address address;  // unspecified: the wildcard
  bool ipv6 = false;
  std::uint64_t inode = 0;

  bool operator==(const PortEntry&) const = default;
};

enum class SocketTable : std::uint8_t { udp, tcp };  // of TCP, listeners alone

// `text` is /proc/net/{udp,udp6,tcp,tcp6}. An IPv6 socket counts when it is on the wildcard or on a
// mapped address (RFC 4291 2.5.5.2).
std::vector<PortEntry> port_entries(std::string_view text, SocketTable table, std::uint16_t port);

// The systemd unit in /proc/PID/cgroup, borrowed from `text`; empty when there is none.
std::string_view unit_of_cgroup(std::string_view text) noexcept;

// The name in /proc/PID/comm, fit for a log: a process may call itself by any octets.
std::string process_of_comm(std::string_view text);

}  // namespace berth::binder
