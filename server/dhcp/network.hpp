// One network as the responder needs it: plain data, made by plan.cpp and const ever after. What
// hosts have in common is stored once, so that a host costs 64 octets and its MACs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/bindings.hpp"
#include "server/dhcp/lease_table.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dhcp/stored_options.hpp"

namespace berth::dhcp {

// What hosts with the same settings share: host over network over computed options, and the boot
// server and file. `boot_file` is empty when it does not fit its field; option 67 has it then.
struct Profile {
  StoredOptions options;
  bool plan_host_name = true;  // the value of option 12 is the host's name; false: that stored
  net::Ipv4Address next_server;
  std::string boot_file;
};

// One cache line, with all that a reply needs of a host whose name is not unusually long.
struct alignas(64) Host {
  net::Ipv4Address address;  // unspecified: none in the plan
  std::uint32_t lease = 0;   // seconds; 0xffffffff: infinite
  std::uint32_t profile = 0;
  std::uint32_t first_mac = 0;  // in Network::macs, up to the next host's
  Slot slot;
  std::uint32_t long_name = 0;             // offset in Network::long_names, when there is no
  std::array<std::byte, 31> short_name{};  // option 12: code, length, name
  bool ignore = false;
};
static_assert(sizeof(Host) == 64);

struct Network {
  std::string key;
  net::Ipv4Prefix subnet;
  net::Ipv4Address address;    // ours: where we listen
  net::Ipv4Address server_id;  // what we call ourselves in option 54
  // The same, next to a server that calls itself by our address: one that the plan gives to nobody.
  // None when `server-id` is written, or each address has an owner.
  std::optional<net::Ipv4Address> second_id;
  config::Authoritative authoritative{};
  bool dhcp = true;
  bool has_link = true;  // false: all its clients come through relay agents or routers
  std::vector<net::Ipv4Prefix> relays;
  std::string domain;  // without the final dot

  LeaseTable leases;              // filled when the hosts have their slots
  std::vector<Host> hosts;        // in the configuration's order; one more at the end, as a fence
  std::vector<Profile> profiles;  // the first is the network's own
  std::vector<std::byte> long_names;
  std::vector<net::MacAddress> macs;

  std::size_t host_count() const noexcept { return hosts.size() - 1; }
  const Profile& profile_of(const Host& host) const noexcept { return profiles[host.profile]; }
  // Option 12 in wire form.
  wire::Bytes encoded_name(const Host& host) const noexcept {
    const bool is_short = host.short_name[0] != std::byte{0};
    const wire::Bytes from =
        is_short ? wire::Bytes(host.short_name) : wire::Bytes(long_names).subspan(host.long_name);
    return from.first(2u + wire::load_u8(from, 1));
  }
  // REQUIRES, here and below: host < host_count()
  std::string_view host_name(HostIndex host) const noexcept {
    return wire::text_of(encoded_name(hosts[host]).subspan(2));
  }
  std::span<const net::MacAddress> macs_of(HostIndex host) const noexcept {
    const std::size_t first = hosts[host].first_mac;
    return std::span(macs).subspan(first, hosts[host + 1].first_mac - first);
  }
};

}  // namespace berth::dhcp
