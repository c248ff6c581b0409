// One counter for each way a message can end, and the invariants that make silence impossible:
//   DHCP  received = malformed + oversized + dropped + deferred + replied
//   DNS   received = oversized + dropped + replied + waiting
// where those that wait have been forwarded. A malformed DNS query is among those replied to, with
// FORMERR, or dropped as too_short. Written by the thread that owns the service, read by any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dns/forward_event.hpp"
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
  // Datagrams that the socket's buffer had no room for, or that were kept out of it: see overloads.
  Counter kernel_drops;
  Counter
      overloads;  // times when more came than could be answered, and part of the DISCOVERs did not
  // Of whole frames, beside what a tap received as datagrams.
  Counter second_copies;    // of what a socket has had, or a tap: answered once
  Counter foreign_replies;  // of other servers, to clients on the link
  Counter bad_frames;       // passed the filter, and are not well formed
  Counter bad_checksums;    // requests whose UDP checksum is wrong and was not left open; served
};

// Of one thread's Forwarder.
struct ForwardCounters {
  std::array<Counter, dns::forward_event_count> events;
  // How much there is now.
  Counter pending;
  Counter cached;
  Counter cached_octets;

  // Of several threads' counters, their sum.
  void add(const ForwardCounters& other) noexcept;
};

struct DnsCounters {
  static constexpr std::size_t rcode_count = 24;  // 23 counts everything above

  Counter received;
  Counter oversized;  // by UDP only
  std::array<Counter, rcode_count> replies;
  std::array<Counter, dns::drop_count> drops;
  Counter truncated;    // of the replies, those with TC
  Counter waiting;      // for what other servers say
  Counter undelivered;  // of the replies, those whose client or socket was gone by then
  Counter send_failures;
  Counter receive_failures;
  Counter kernel_drops;
  // Connections that were hung up on: to make room for others, since a time of TcpLimits was over,
  // or since the client does not read what it asks for. By TCP only.
  Counter evicted;
  Counter expired;
  Counter unread;
  ForwardCounters forward;

  // Of several threads' counters, their sum.
  void add(const DnsCounters& other) noexcept;
};

}  // namespace berth::io
