// What a DNS server is asked: a plan's own names, or a list.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/expected.hpp"
#include "tools/berth/load/dns_workload.hpp"

namespace berth::load {

// The addresses of a plan's hosts and names, and the names of its addresses, with the answers that
// the plan demands. Of all networks, or of the one that is named.
std::vector<DnsQuery> queries_of(const config::Config& plan, std::string_view network);

// A name and a type a line, as dnsperf reads it; empty lines and those that begin with # or ; do
// not count. The number of the line that is none.
expected<std::vector<DnsQuery>, std::size_t> parse_queries(std::string_view text);

}  // namespace berth::load
