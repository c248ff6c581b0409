// What a DNS outcome means to the counters and to the log, the same by UDP and TCP.
#pragma once

#include "server/dns/responder.hpp"
#include "server/io/counters.hpp"
#include "server/io/event.hpp"

namespace berth::io {

void count(DnsCounters& counters, const dns::Outcome& outcome) noexcept;
Event describe(const dns::Outcome& outcome, const dns::Client& client) noexcept;

}  // namespace berth::io
