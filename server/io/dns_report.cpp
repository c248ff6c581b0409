#include "server/io/dns_report.hpp"

#include <algorithm>

namespace berth::io {

void count(DnsCounters& counters, const dns::Outcome& outcome) noexcept {
  if (const auto* reply = std::get_if<dns::Reply>(&outcome)) {
    const auto rcode = static_cast<std::size_t>(reply->rcode);
    counters.replies[std::min(rcode, DnsCounters::rcode_count - 1)].add();
    constexpr std::byte tc{0x02};  // RFC 1035 4.1.1, third octet
    if (reply->payload.size() > 2 && (reply->payload[2] & tc) != std::byte{0}) {
      counters.truncated.add();
    }
  } else {
    counters.drops[static_cast<std::size_t>(std::get<dns::Drop>(outcome))].add();
  }
}

Event describe(const dns::Outcome& outcome, const dns::Client& client) noexcept {
  const bool tcp = client.transport == dns::Transport::tcp;
  if (const auto* drop = std::get_if<dns::Drop>(&outcome)) {
    return DnsDropped{.source = client.source, .reason = *drop, .tcp = tcp};
  }
  const auto& reply = std::get<dns::Reply>(outcome);
  return DnsAnswered{.source = client.source,
                     .qname = reply.qname ? reply.qname->to_name() : dns::Name(),
                     .qtype = reply.qtype,
                     .rcode = reply.rcode,
                     .tcp = tcp};
}

}  // namespace berth::io
