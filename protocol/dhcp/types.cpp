#include "protocol/dhcp/types.hpp"

#include <array>

namespace berth::dhcp {

std::string_view name(MessageType type) noexcept {
  // By value, from 1.
  static constexpr std::array<std::string_view, 18> names = {
      "DHCPDISCOVER",
      "DHCPOFFER",
      "DHCPREQUEST",
      "DHCPDECLINE",
      "DHCPACK",
      "DHCPNAK",
      "DHCPRELEASE",
      "DHCPINFORM",
      "DHCPFORCERENEW",
      "DHCPLEASEQUERY",
      "DHCPLEASEUNASSIGNED",
      "DHCPLEASEUNKNOWN",
      "DHCPLEASEACTIVE",
      "DHCPBULKLEASEQUERY",
      "DHCPLEASEQUERYDONE",
      "DHCPACTIVELEASEQUERY",
      "DHCPLEASEQUERYSTATUS",
      "DHCPTLS",
  };
  const auto value = static_cast<std::size_t>(type);
  return value >= 1 && value <= names.size() ? names[value - 1] : "DHCP message";
}

}  // namespace berth::dhcp
