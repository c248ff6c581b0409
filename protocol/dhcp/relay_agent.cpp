#include "protocol/dhcp/relay_agent.hpp"

namespace berth::dhcp {

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
