// The value of option 82, Relay Agent Information (RFC 3046): what the relay between a client and
// us says of the client's circuit. Borrows from the value. Thread-safe: values that only read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/dhcp/option.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// IANA "DHCP Relay Agent Sub-Option Codes".
enum class RelaySubOption : std::uint8_t {
  circuit_id = 1,                   // RFC 3046
  remote_id = 2,                    // RFC 3046
  docsis_device_class = 4,          // RFC 3256
  link_selection = 5,               // RFC 3527
  subscriber_id = 6,                // RFC 3993
  radius_attributes = 7,            // RFC 4014
  authentication = 8,               // RFC 4030
  vendor_specific = 9,              // RFC 4243
  flags = 10,                       // RFC 5010
  server_identifier_override = 11,  // RFC 5107
  relay_identifier = 12,            // RFC 6925
  access_technology_type = 13,      // RFC 7839, and the five below
  access_network_name = 14,
  access_point_name = 15,
  access_point_bssid = 16,
  operator_identifier = 17,
  operator_realm = 18,
  source_port = 19,                        // RFC 8357
  virtual_subnet_selection = 151,          // RFC 6607
  virtual_subnet_selection_control = 152,  // RFC 6607
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order in which a row is read
struct RelaySubOptionInfo {
  RelaySubOption code{};
  std::string_view name;  // "link-selection"
  OptionFormat format{};
};

// All rows, ascending by code.
std::span<const RelaySubOptionInfo> relay_sub_option_table() noexcept;

// The row of a code or of a name (exact); null when there is none.
const RelaySubOptionInfo* find_relay_sub_option(RelaySubOption code) noexcept;
const RelaySubOptionInfo* find_relay_sub_option(std::string_view name) noexcept;

class RelayAgentInformation {
 public:
  // None unless sub-options fill the value exactly: code, length, value, without `pad` and `end`
  // (RFC 3046 2.0), at least one.
  static std::optional<RelayAgentInformation> parse(wire::Bytes value) noexcept;

  // The first sub-option with this code.
  std::optional<wire::Bytes> find(RelaySubOption code) const noexcept;

  // None when absent; those of fixed size also when the size is another.
  std::optional<wire::Bytes> circuit_id() const noexcept {
    return find(RelaySubOption::circuit_id);
  }
  std::optional<wire::Bytes> remote_id() const noexcept { return find(RelaySubOption::remote_id); }
  std::optional<wire::Bytes> subscriber_id() const noexcept {
    return find(RelaySubOption::subscriber_id);
  }
  // An address of the subnet the client shall get its address from, in place of giaddr.
  std::optional<net::Ipv4Address> link_selection() const noexcept {
    return ipv4(RelaySubOption::link_selection);
  }
  // What option 54 of the reply shall say, so that the relay also sees renewals.
  std::optional<net::Ipv4Address> server_identifier_override() const noexcept {
    return ipv4(RelaySubOption::server_identifier_override);
  }
  // Whether the relay received the client's message by unicast (RFC 5010 section 3).
  std::optional<bool> received_by_unicast() const noexcept;

  wire::Bytes value() const noexcept { return value_; }

 private:
  explicit RelayAgentInformation(wire::Bytes value) noexcept : value_(value) {}
  std::optional<net::Ipv4Address> ipv4(RelaySubOption code) const noexcept;

  wire::Bytes value_;
};

}  // namespace berth::dhcp
