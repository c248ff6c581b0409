#include "server/io/dns_report.hpp"

#include <algorithm>

namespace berth::io {

void count(DnsCounters& counters, const dns::Reply& reply) noexcept {
  const auto rcode = static_cast<std::size_t>(reply.rcode);
  counters.replies[std::min(rcode, DnsCounters::rcode_count - 1)].add();
  constexpr std::byte tc{0x02};  // RFC 1035 4.1.1, third octet
  if (reply.payload.size() > 2 && (reply.payload[2] & tc) != std::byte{0}) counters.truncated.add();
}

void count(DnsCounters& counters, const dns::Outcome& outcome) noexcept {
  if (const auto* const reply = std::get_if<dns::Reply>(&outcome))
    count(counters, *reply);
  else if (const auto* const drop = std::get_if<dns::Drop>(&outcome))
    counters.drops[static_cast<std::size_t>(*drop)].add();
}

Event describe(const dns::Outcome& outcome, const dns::Client& client) noexcept {
  if (const auto* drop = std::get_if<dns::Drop>(&outcome)) {
    return DnsDropped{.source = client.source,
                      .ipv6 = client.ipv6,
                      .reason = *drop,
                      .tcp = client.transport == dns::Transport::tcp};
  }
  const auto& reply = std::get<dns::Reply>(outcome);
  return describe(reply, reply.qname ? reply.qname->to_name() : dns::Name(), client);
}

Event describe(const dns::Reply& reply, const dns::Name& qname,
               const dns::Client& client) noexcept {
  return DnsAnswered{.source = client.source,
                     .ipv6 = client.ipv6,
                     .qname = qname,
                     .qtype = reply.qtype,
                     .rcode = reply.rcode,
                     .tcp = client.transport == dns::Transport::tcp};
}

}  // namespace berth::io
