#include "server/dns/responder.hpp"

#include <algorithm>
#include <cassert>

#include "server/dns/built_reply.hpp"
#include "server/dns/identity.hpp"
#include "server/dns/query.hpp"
#include "server/dns/short_reply.hpp"
#include "server/dns/who_answers.hpp"

namespace berth::dns {
namespace {

// RFC 6895 3.1, RFC 8945 4: records of single messages, for which there is nothing to ask.
bool is_no_question(RrType type) noexcept {
  return type == RrType{} || type == RrType::opt || type == RrType::tsig || type == RrType::tkey;
}

// RFC 1122 3.2.1.3, RFC 1112 4: "this network", multicast, and 240/4 with the limited broadcast.
bool is_no_source(net::Ipv4Address address) noexcept {
  return address.value >> 24 == 0 || address.value >> 28 >= 0xe;
}

// Types whose answers bring along addresses, or whose names are worth compressing.
bool names_servers(RrType type) noexcept {
  return type == RrType::ns || type == RrType::mx || type == RrType::srv;
}

// The name that a bare host name stands for: below the asker's own domain first.
Zones::Match match_bare(const Zones& zones, const FoldedName& name, NetworkIndex own) noexcept {
  const wire::Bytes label = name.wire().first(name.wire().size() - 1);
  const auto in = [&](const Zones::Network& network) {
    if (!network.served || label.size() + network.domain.size() > max_name_size)
      return Zones::Match();
    return zones.match_exactly(FoldedName(label, network.domain));
  };
  const auto& networks = zones.networks();
  if (own < networks.size())
    if (const auto match = in(networks[own]); match.kind == Zones::Match::Kind::exists)
      return match;
  for (const Zones::Network& network : networks)
    if (const auto match = in(network); match.kind == Zones::Match::Kind::exists) return match;
  return {};
}

// What exists: its RRset of the type, the aliases that lead to it or to others, or NODATA.
Outcome answer_from(const Query& query, const Sources& sources, const Zones::Match& match,
                    const Zone* zone, wire::MutableBytes out) noexcept {
  const RrType qtype = query.question.qtype;
  // RFC 8482 4.1: one RRset is enough for ANY.
  const auto rrset = qtype == RrType::any ? Zones::first(match) : Zones::find(match, qtype);
  if (!rrset) {
    if (Zones::find(match, RrType::cname)) return build_reply(query, qtype, sources, match, out);
    return negative(query, Rcode::noerror, zone, /*authoritative=*/true, out);
  }
  if (!names_servers(rrset->type) && fits(query, *rrset)) return positive(query, *rrset, out);
  return build_reply(query, rrset->type, sources, match, out);
}

Outcome answer(const Query& query, const Sources& sources, wire::MutableBytes out) noexcept {
  const Zones& zones = sources.zones;
  const Forwarding* const forwarding = sources.forwarding;
  const FoldedName name(query.qname());
  const Zones::Match match = zones.match(name);
  if (match.kind != Zones::Match::Kind::not_ours) {
    if (is_delegated(forwarding, name, match)) return forward(query);
    if (match.kind == Zones::Match::Kind::exists)
      return answer_from(query, sources, match, match.zone, out);
    return negative(query, Rcode::nxdomain, match.zone, /*authoritative=*/true, out);
  }
  if (name.is_single_label()) {
    // The zone's SOA is not above a bare name, so that NODATA goes without.
    if (const auto bare = match_bare(zones, name, sources.network);
        bare.kind == Zones::Match::Kind::exists)
      return answer_from(query, sources, bare, nullptr, out);
    // NXDOMAIN would deny the whole top-level domain. With AA, since glibc takes an empty answer
    // with neither AA nor RA for a broken server's, and reports a temporary failure where a name is
    // mistyped.
    if (asks_address_of_bare_name(name, query.question.qtype))
      return negative(query, Rcode::noerror, nullptr, /*authoritative=*/true, out);
  }
  if (forwarding != nullptr && !forwarding->servers_for(name).empty()) return forward(query);
  return error(query, Rcode::refused, out, ExtendedError::not_authoritative);
}

}  // namespace

// Nobody can be answered at port 0; addresses that are ours or nobody's are forged on a link. What
// comes from our own socket would be answered for ever.
std::optional<Drop> Responder::check_source(const Client& client) const noexcept {
  const auto& [address, port] = client.source;
  if (port == 0 || is_no_source(address) || (address.is_loopback() && !client.is_host)) {
    // Who asks by IPv6 has no IPv4 address; what our own socket sends there is a response.
    if (client.ipv6 && port != 0) return std::nullopt;
    return Drop::bad_source;
  }
  for (const Zones::Network& network : zones_->networks()) {
    if (address == network.address) {
      if (!client.is_host) return Drop::bad_source;
      if (port == zones_->port()) return Drop::own_query;
    }
    if (address == network.subnet.broadcast()) return Drop::bad_source;
  }
  return std::nullopt;
}

bool Responder::is_served(const Client& client) const noexcept {
  if (client.is_host) return true;
  const auto& networks = zones_->networks();
  if (client.network >= networks.size()) return false;
  const Zones::Network& network = networks[client.network];
  return network.served && (network.subnet.contains(client.source.address) || client.ipv6);
}

// Whatever else the query says, its first name is what is looked up.
std::uint64_t Responder::is_about(wire::Bytes query) noexcept {
  const auto qname = NameView::parse(query, header_size);
  return qname && !qname->is_compressed() ? FoldedName(qname->wire()).hash() : 0;
}

Outcome Responder::handle(wire::Bytes query_octets, const Client& client,
                          wire::MutableBytes out) noexcept {
  assert(out.size() >= min_udp_size);
  const auto header = HeaderView::parse(query_octets);
  if (!header) return Drop::too_short;
  if (header->is_response()) return Drop::is_response;
  if (const auto drop = check_source(client)) return *drop;
  const bool served = is_served(client);
  if (!served && zones_->refuse() == config::Dns::Refuse::drop) return Drop::not_a_client;

  const auto message = MessageView::parse(query_octets);
  const auto edns = message ? message->edns() : std::nullopt;
  // What another opcode's sections mean we do not know (RFC 8906 3.1.4): not even a question. An
  // OPT that could be read means the same in all of them (RFC 6891 6.1.1).
  if (header->opcode() != Opcode::query) return header_only(*header, Rcode::notimp, edns, out);
  const auto question = message ? message->question() : std::nullopt;
  if (!question) return header_only(*header, Rcode::formerr, edns, out);  // RFC 9619
  const Query query{.message = *message,
                    .question = *question,
                    .edns = edns,
                    .limit = reply_limit(client.transport, edns, out.size()),
                    .recursion = served && forwarding_ && forwarding_->has_servers()};

  if (query.edns && query.edns->version != 0) return error(query, Rcode::badvers, out);
  if (!served) return error(query, Rcode::refused, out, ExtendedError::prohibited);
  if (is_no_question(question->qtype)) return error(query, Rcode::formerr, out);
  if (question->qclass == RrClass::ch)
    if (const auto told = answer_identity(query, zones_->identity(), out)) return *told;
  if (question->qclass != RrClass::in || question->qtype == RrType::axfr ||
      question->qtype == RrType::ixfr)
    return error(query, Rcode::refused, out, ExtendedError::not_authoritative);
  return answer(query, {*zones_, forwarding_.get(), client.network, aliases_}, out);
}

}  // namespace berth::dns
