// Who asks, and what became of the query: a reply, a question to others, or a reason for silence.
// Values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name_view.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/rendered_record.hpp"

namespace berth::dns {

enum class Transport : std::uint8_t { udp, tcp };

// Index of a network in the configuration the zones were made from.
using NetworkIndex = std::uint32_t;
inline constexpr NetworkIndex no_network = 0xffffffff;

struct Client {
  net::Endpoint source;  // of who asks by IPv6: the port alone
  Transport transport = Transport::udp;
  NetworkIndex network = no_network;  // the one served on the link the query arrived on
  bool is_host = false;               // the source is an address of this machine, seen from itself
  // Of who asks by IPv6, at the address that the link of `network` itself has: nobody else reaches
  // that, so that the source needs no proof.
  std::optional<net::Ipv6Address> ipv6{};
  // The source is the address of a server that we forward to: what it asks may be what we asked.
  bool is_upstream = false;
};

struct Reply {
  wire::Bytes payload;  // a prefix of the caller's buffer, until its next use
  Rcode rcode{};
  // Of the question, which borrows from the query; none when it could not be read.
  RrType qtype{};
  std::optional<NameView> qname = {};
};

// Why a query gets no answer. Every one is a counter and a word in the log; the sentences for
// operators are in outcome.cpp's table.
enum class Drop : std::uint8_t {
  too_short,     // not even a header to answer to
  is_response,   // QR is set: answering answers makes loops (CVE-2024-2169)
  bad_source,    // port 0, or an address that nobody can answer to or have as their own
  own_query,     // from our own socket
  not_a_client,  // outside of the networks, and `dns.refuse` is `drop`
};
inline constexpr std::size_t drop_count = 5;

std::string_view name(Drop drop) noexcept;         // "is_response"
std::string_view explanation(Drop drop) noexcept;  // a sentence for operators

// A question that the zones leave to others: for Forwarder::ask(). Refers to the query's octets,
// and to the responder until its next query.
struct Forward {
  // What others are to be asked for.
  wire::Bytes name() const noexcept {
    return aliases.empty() ? question.qname.wire() : target_of(aliases);
  }

  MessageView message;
  Question question;  // the only one
  std::optional<Edns> edns;
  std::size_t limit = 0;  // the most octets a reply may have
  // Of our zones, from the question's name to one of others: RenderedRecords that the answer begins
  // with.
  wire::Bytes aliases = {};
};

using Outcome = std::variant<Reply, Forward, Drop>;

}  // namespace berth::dns
