// Events as log lines.
#pragma once

#include <string_view>

#include "protocol/net/ipv4.hpp"
#include "server/binder/endpoint.hpp"
#include "server/io/counters.hpp"
#include "server/io/event.hpp"
#include "server/io/log.hpp"

namespace berth::io {

void write(Log& log, const Event& event);
void write(Log& log, const binder::Status& status);

// The built-in plan is served, for lack of this file.
void write_embedded_plan(Log& log, std::string_view missing_file, const net::Ipv4Prefix& subnet);

// Every counter that is not zero, one line a group; `received` and the totals always.
void write_counters(Log& log, const DhcpCounters& counters);
void write_counters(Log& log, std::string_view transport, const DnsCounters& counters);

}  // namespace berth::io
