// Events as log lines.
#pragma once

#include "server/binder/endpoint.hpp"
#include "server/io/counters.hpp"
#include "server/io/event.hpp"
#include "server/io/log.hpp"

namespace berth::io {

void write(Log& log, const Event& event);
void write(Log& log, const binder::Status& status);

// Every counter that is not zero, one line a group; `received` and the totals always.
void write_counters(Log& log, const DhcpCounters& counters);
void write_counters(Log& log, std::string_view transport, const DnsCounters& counters);

}  // namespace berth::io
