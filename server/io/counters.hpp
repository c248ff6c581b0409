// One counter for each way a message can end, and the invariants that make silence impossible:
//   DHCP  received = malformed + oversized + dropped + deferred + replied
//   DNS   received = oversized + dropped + replied
// A malformed DNS query is among those replied to, with FORMERR, or dropped as too_short. Written
// by the thread that owns the service, read by any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dns/responder.hpp"
#include "server/io/counter.hpp"

namespace berth::io {

struct DhcpCounters {
  static constexpr std::size_t type_count = 16;  // by option 53; 0 is BOOTP, 15 everything above

  Counter received;
  Counter oversized;
  std::array<Counter, dhcp::parse_error_count> malformed;
  std::array<Counter, type_count> requests;
  std::array<Counter, type_count> replies;
  std::array<Counter, dhcp::drop_count> drops;
  Counter deferred;
  Counter send_failures;
  Counter receive_failures;
  Counter kernel_drops;  // datagrams the socket's buffer had no room for
};

struct DnsCounters {
  static constexpr std::size_t rcode_count = 24;  // 23 counts everything above

  Counter received;
  Counter oversized;  // by UDP only
  std::array<Counter, rcode_count> replies;
  std::array<Counter, dns::drop_count> drops;
  Counter truncated;  // of the replies, those with TC
  Counter send_failures;
  Counter receive_failures;
  Counter kernel_drops;
};

}  // namespace berth::io
