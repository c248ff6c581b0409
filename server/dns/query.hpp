// A query that was read, and what its reply must heed. Refers to its message.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/header.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"

namespace berth::dns {

struct Query {
  const MessageView& message;
  const Question& question;  // the only one
  const std::optional<Edns>& edns;
  std::size_t limit = 0;   // the most octets a reply may have
  bool recursion = false;  // is available to this client

  std::uint16_t flags() const noexcept { return message.header().flags(); }
  // Never compressed: there is no name before it to point to.
  wire::Bytes qname() const noexcept { return question.qname.wire(); }
  // Header and question as the client wrote them: what every reply begins with.
  wire::Bytes echo() const noexcept { return message.octets().first(question.end()); }
};

// RFC 6891 6.2.5, RFC 9715: what fits without fragments. By TCP whatever `room` there is.
inline std::size_t reply_limit(Transport transport, const std::optional<Edns>& edns,
                               std::size_t room) noexcept {
  if (transport == Transport::tcp) return room;
  const std::size_t accepted = edns ? std::size_t{edns->udp_size} : min_udp_size;
  return std::min(room, std::clamp(accepted, min_udp_size, max_udp_size));
}

// The flags of a reply: opcode, RD and CD are the query's (RFC 1035 4.1.1, RFC 4035 3.2.2).
inline std::uint16_t reply_flags(std::uint16_t query_flags, Rcode rcode,
                                 bool authoritative) noexcept {
  const unsigned kept = query_flags & (flag::opcode_mask | flag::rd | flag::cd);
  const unsigned aa = authoritative ? flag::aa : 0u;
  const unsigned code = static_cast<unsigned>(rcode) & flag::rcode_mask;
  return static_cast<std::uint16_t>(flag::qr | kept | aa | code);
}
inline std::uint16_t reply_flags(const Query& query, Rcode rcode, bool authoritative) noexcept {
  const unsigned ra = query.recursion ? flag::ra : 0u;
  return static_cast<std::uint16_t>(reply_flags(query.flags(), rcode, authoritative) | ra);
}

inline Forward forward(const Query& query, wire::Bytes aliases = {}) noexcept {
  return {.message = query.message,
          .question = query.question,
          .edns = query.edns,
          .limit = query.limit,
          .aliases = aliases};
}

// What every reply to an OPT query carries (RFC 6891 7, RFC 3225 3).
inline Edns reply_edns(const Edns& query) noexcept {
  return {.udp_size = max_udp_size, .dnssec_ok = query.dnssec_ok};
}

}  // namespace berth::dns
