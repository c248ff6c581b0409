// What a DNS outcome means to the counters and to the log, the same by UDP and TCP. A question that
// waits is counted and described once it is answered.
#pragma once

#include "server/dns/responder.hpp"
#include "server/io/counters.hpp"
#include "server/io/event.hpp"

namespace berth::io {

void count(DnsCounters& counters, const dns::Outcome& outcome) noexcept;
void count(DnsCounters& counters, const dns::Reply& reply) noexcept;
// REQUIRES: it is no dns::Forward
Event describe(const dns::Outcome& outcome, const dns::Client& client) noexcept;
// A reply whose query is gone.
Event describe(const dns::Reply& reply, const dns::Name& qname, const dns::Client& client) noexcept;

}  // namespace berth::io
