// The registry of DHCP options: one table of code, name and format, which the parser, the printer,
// the configuration, the tests and the fuzzing dictionary read. IANA "BOOTP Vendor Extensions and
// DHCP Options". Read-only data; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace berth::dhcp {

// Named here are the codes the program itself speaks of; every other code is a value of the type
// all the same, and the table knows its name.
enum class OptionCode : std::uint8_t {
  pad = 0,
  subnet_mask = 1,
  router = 3,
  domain_name_server = 6,
  host_name = 12,
  domain_name = 15,
  interface_mtu = 26,
  broadcast_address = 28,
  requested_ip_address = 50,
  ip_address_lease_time = 51,
  option_overload = 52,
  dhcp_message_type = 53,
  server_identifier = 54,
  parameter_request_list = 55,
  message = 56,
  maximum_dhcp_message_size = 57,
  renewal_time = 58,
  rebinding_time = 59,
  vendor_class_identifier = 60,
  client_identifier = 61,
  tftp_server_name = 66,
  bootfile_name = 67,
  user_class = 77,
  rapid_commit = 80,
  client_fqdn = 81,
  relay_agent_information = 82,
  client_system_architecture = 93,
  client_network_interface = 94,
  client_machine_identifier = 97,
  ipv6_only_preferred = 108,
  subnet_selection = 118,
  domain_search = 119,
  classless_static_routes = 121,
  end = 255,
};

// What an option's value is made of. A list holds one or more.
enum class OptionFormat : std::uint8_t {
  empty,  // no octets (80)
  flag,   // one octet, 0 or 1
  u8,
  u8_list,
  u16,
  u16_list,
  u32,
  i32,       // two's complement (2)
  duration,  // seconds in 32 bits (51, 58, 59…)
  ipv4,
  ipv4_list,
  ipv4_pairs,      // pairs of addresses (21, 33)
  text,            // NVT ASCII or UTF-8, not terminated
  domain_name,     // a name in RFC 1035 wire form, uncompressed
  domain_list,     // names in RFC 1035 wire form with RFC 3397 compression (119)
  routes,          // RFC 3442: destination descriptor and router (121)
  sub_options,     // code, length, value (43)
  relay_agent,     // the same with the names and formats of RFC 3046's sub-options (82)
  vendor_classes,  // RFC 3925 section 3: an enterprise number and octets, for each vendor (124)
  vendor_options,  // RFC 3925 section 4: likewise, the octets being sub-options (125)
  sip_servers,     // RFC 3361: either addresses or names (120)
  client_fqdn,     // RFC 4702
  binary,          // everything else
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order in which a row is read
struct OptionInfo {
  std::uint8_t code;
  std::string_view name;  // ISC/Kea's spelling, which is also the key in the configuration:
                          // "domain-name-servers"
  OptionFormat format;
  // The server computes it, so the configuration may not set it: 1, 50-61 and 82 (design 3.1).
  bool set_by_server = false;
};

// All rows, ascending by code.
std::span<const OptionInfo> option_table() noexcept;

// The row of a code or of a name (exact); null when there is none.
const OptionInfo* find_option(OptionCode code) noexcept;
const OptionInfo* find_option(std::string_view name) noexcept;

// The name in this table for another registry's spelling of the same option: dnsmasq's
// ("router", "dns-server", "netmask"), IANA's ("Router", "Domain Server"); empty when it is none.
std::string_view canonical_option_name(std::string_view other_spelling) noexcept;

}  // namespace berth::dhcp
