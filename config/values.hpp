// Single values of the file: each function gives the value or reports why there is none. Internal
// to config/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/place.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"

namespace berth::config {

// The text of a single value; `expected` says what is wanted: "an address".
std::optional<std::string_view> text_at(const Place& place, Report& report,
                                        std::string_view expected);

// True for the unquoted word: `none`, `auto`, `off`.
bool is_word(const Place& place, std::string_view word) noexcept;

std::optional<net::Ipv4Address> address_at(const Place& place, const net::Ipv4Prefix& subnet,
                                           Report& report);
// One address or a list of them. Those that are no addresses are left out.
std::vector<net::Ipv4Address> addresses_at(const Place& place, const net::Ipv4Prefix& subnet,
                                           Report& report);
// Why no machine on a link has this address, as the end of a sentence; empty when one may.
std::string_view address_fault(net::Ipv4Address address) noexcept;
// A prefix with its host bits clear.
std::optional<net::Ipv4Prefix> prefix_at(const Place& place, Report& report);
std::optional<net::MacAddress> mac_at(const Place& place, Report& report);

std::optional<bool> boolean_at(const Place& place, Report& report);
std::optional<std::uint32_t> number_at(const Place& place, std::uint32_t least, std::uint32_t most,
                                       Report& report);
// The index of the text among `choices`, words separated by spaces.
std::optional<std::size_t> choice_at(const Place& place, std::string_view choices, Report& report);

// "300s", "45m", "12h", "7d", at least `least`; `infinite` where `may_be_infinite`.
struct DurationRange {
  Seconds least{0};
  Seconds most{0x7fffffff};
  bool may_be_infinite = false;
};
std::optional<Seconds> duration_at(const Place& place, const DurationRange& range, Report& report);

// A lease: 10 s or more, or `infinite`.
std::optional<Seconds> lease_at(const Place& place, Report& report);

// "1.1.1.1", "1.1.1.1:53" or "[2620:fe::fe]:53".
std::optional<net::SocketAddress> server_at(const Place& place, std::uint16_t default_port,
                                            Report& report);

// Why the text cannot be a label of a host's name (RFC 952, RFC 1123 2.1); empty when it can.
std::string_view label_fault(std::string_view label) noexcept;
// A single label in lower case.
std::optional<std::string> label_of(std::string_view text, Location where, const Place& place,
                                    Report& report);
// A name of such labels, in lower case; relative to `origin` unless it ends in a dot.
std::optional<dns::Name> name_of(std::string_view text, const dns::Name& origin, Location where,
                                 const Place& place, Report& report);

std::string lower_case(std::string_view text);

}  // namespace berth::config
