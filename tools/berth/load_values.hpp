// The values of `berth load`'s flags, from their text: none where it is no such value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "tools/berth/load/options.hpp"

namespace berth::tools {

std::optional<net::Endpoint> parse_endpoint(const std::string& text);  // port 0: none was given
std::optional<double> parse_percent(const std::string& text);          // "0.1", "0.1%": a share
// Codes of options, by number or name, commas between: "1,3,domain-name-servers".
std::optional<std::vector<std::byte>> parse_codes(const std::string& text);

// "user-class=abc", "ntp-servers=1.2.3.4,1.2.3.5", "224=0a0b": into the options, or for option 82
// into its own place. What is wrong with it.
std::optional<std::string> add_option(const std::string& text, load::Options& options);

}  // namespace berth::tools
