#include "protocol/dhcp/relay_agent.hpp"

#include <algorithm>
#include <iterator>

namespace berth::dhcp {
namespace {

using enum OptionFormat;

// Texts are octets here: they may hold whatever separates the sub-options of a printed value.
constexpr RelaySubOptionInfo sub_options_of_relays[] = {
    {RelaySubOption::circuit_id, "circuit-id", binary},
    {RelaySubOption::remote_id, "remote-id", binary},
    {RelaySubOption::docsis_device_class, "docsis-device-class", u32},
    {RelaySubOption::link_selection, "link-selection", ipv4},
    {RelaySubOption::subscriber_id, "subscriber-id", binary},
    {RelaySubOption::radius_attributes, "radius-attributes", binary},
    {RelaySubOption::authentication, "authentication", binary},
    {RelaySubOption::vendor_specific, "vendor-specific", binary},
    {RelaySubOption::flags, "flags", u8},
    {RelaySubOption::server_identifier_override, "server-identifier-override", ipv4},
    {RelaySubOption::relay_identifier, "relay-identifier", binary},
    {RelaySubOption::access_technology_type, "access-technology-type", binary},
    {RelaySubOption::access_network_name, "access-network-name", binary},
    {RelaySubOption::access_point_name, "access-point-name", binary},
    {RelaySubOption::access_point_bssid, "access-point-bssid", binary},
    {RelaySubOption::operator_identifier, "operator-identifier", u32},
    {RelaySubOption::operator_realm, "operator-realm", binary},
    {RelaySubOption::source_port, "source-port", empty},
    {RelaySubOption::virtual_subnet_selection, "virtual-subnet-selection", binary},
    {RelaySubOption::virtual_subnet_selection_control, "virtual-subnet-selection-control", empty},
};
static_assert(std::ranges::is_sorted(sub_options_of_relays, std::ranges::less_equal{},
                                     &RelaySubOptionInfo::code));

template <class Key>
const RelaySubOptionInfo* find_row(Key key, Key RelaySubOptionInfo::*member) noexcept {
  const auto* const row = std::ranges::find(sub_options_of_relays, key, member);
  return row == std::end(sub_options_of_relays) ? nullptr : row;
}

}  // namespace

std::span<const RelaySubOptionInfo> relay_sub_option_table() noexcept {
  return sub_options_of_relays;
}

const RelaySubOptionInfo* find_relay_sub_option(RelaySubOption code) noexcept {
  return find_row(code, &RelaySubOptionInfo::code);
}

const RelaySubOptionInfo* find_relay_sub_option(std::string_view name) noexcept {
  return find_row(name, &RelaySubOptionInfo::name);
}

std::optional<RelayAgentInformation> RelayAgentInformation::parse(wire::Bytes value) noexcept {
  if (value.empty()) return std::nullopt;
  wire::Reader reader(value);
  while (reader.ok() && reader.remaining() > 0) {
    reader.skip(1);
    reader.skip(reader.u8());
  }
  if (!reader.ok()) return std::nullopt;
  return RelayAgentInformation(value);
}

std::optional<wire::Bytes> RelayAgentInformation::find(RelaySubOption code) const noexcept {
  wire::Reader reader(value_);
  while (reader.remaining() > 0) {
    const RelaySubOption found{reader.u8()};
    const wire::Bytes value = reader.bytes(reader.u8());
    if (found == code) return value;
  }
  return std::nullopt;
}

std::optional<net::Ipv4Address> RelayAgentInformation::ipv4(RelaySubOption code) const noexcept {
  const auto value = find(code);
  if (!value || value->size() != 4) return std::nullopt;
  return net::Ipv4Address{wire::load_u32(*value, 0)};
}

std::optional<bool> RelayAgentInformation::received_by_unicast() const noexcept {
  constexpr std::uint8_t unicast_flag = 0x80;
  const auto value = find(RelaySubOption::flags);
  if (!value || value->size() != 1) return std::nullopt;
  return (wire::load_u8(*value, 0) & unicast_flag) != 0;
}

}  // namespace berth::dhcp
