// Who the clients of a DHCP load are: the hosts of a plan, addresses in a row, or a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/expected.hpp"
#include "tools/berth/load/dhcp_settings.hpp"

namespace berth::load {

// The hosts of a plan that have an address, by their first MAC, with the address and the options
// that they are to be told. `asked`: the codes of option 55. Of all networks, or of the one that is
// named.
void add_hosts(const config::Config& plan, std::string_view network,
               const std::vector<std::byte>& asked, DhcpSettings& settings);

// `count` of them from `first` on, by value. None when they would leave the 48 bits.
std::optional<std::vector<Identity>> identities(const net::MacAddress& first, std::uint32_t count);

// A MAC a line; a blank or a # ends what counts of it. The number of the line that is none.
expected<std::vector<Identity>, std::size_t> parse_identities(std::string_view text);

}  // namespace berth::load
