// Any octets get a well-formed response to their own id and question, within the limit, or a named
// drop. The first octet chooses who asks, and how.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "tests/server/dns/plans.hpp"

namespace {

using namespace berth;

void require(bool condition) {
  if (!condition) std::abort();
}

dns::Client client_of(std::uint8_t choice) {
  dns::Client client = (choice & 1) != 0 ? test::this_host : test::guest;
  if ((choice & 2) != 0) client.transport = dns::Transport::tcp;
  if ((choice & 4) != 0) client.source.address = net::Ipv4Address{0xcb007146};
  if ((choice & 8) != 0) client.network = 2;
  if ((choice & 16) != 0) client.source.port = 53;
  if ((choice & 32) != 0) {
    client.source.address = {};
    client.ipv6 = net::Ipv6Address::parse("fe80::7");
  }
  return client;
}

void check_question(const dns::MessageView& query, const dns::MessageView& reply) {
  if (!reply.question()) return;
  require(query.question().has_value());
  require(wire::equal(reply.question()->qname.wire(), query.question()->qname.wire()));
  require(reply.question()->qtype == query.question()->qtype);
  require(reply.question()->qclass == query.question()->qclass);
}

void check(wire::Bytes octets, const dns::Client& client, const dns::Reply& reply) {
  const auto query = dns::MessageView::parse(octets);
  const auto message = dns::MessageView::parse(reply.payload);
  require(message.has_value());
  require(message->header().is_response() && message->rcode() == reply.rcode);
  require(message->header().id() == wire::load_u16(octets, 0));
  require(message->header().opcode() == dns::HeaderView::parse(octets)->opcode());
  require(!message->header().has(dns::flag::ra));
  if (reply.rcode == dns::Rcode::refused) require(reply.payload.size() <= octets.size());
  require(message->edns().has_value() == (query && query->edns()));  // RFC 6891 7
  if (!query) {
    require(reply.payload.size() == dns::header_size);
    require(reply.rcode == dns::Rcode::formerr || reply.rcode == dns::Rcode::notimp);
    return;
  }
  check_question(*query, *message);
  if (client.transport == dns::Transport::tcp) return;
  const std::size_t accepted = query->edns() ? query->edns()->udp_size : dns::min_udp_size;
  require(reply.payload.size() <= std::clamp(accepted, dns::min_udp_size, dns::max_udp_size));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's entry point
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static dns::Responder responder = test::responder(test::rich_plan());
  if (size == 0) return 0;
  const auto octets = std::as_bytes(std::span(data, size)).subspan(1);
  const dns::Client client = client_of(data[0]);
  std::array<std::byte, 2048> out;
  responder.prefetch(dns::Responder::is_about(octets));
  const dns::Outcome outcome = responder.handle(octets, client, out);
  if (const auto* reply = std::get_if<dns::Reply>(&outcome)) check(octets, client, *reply);
  if (const auto* drop = std::get_if<dns::Drop>(&outcome)) require(!dns::name(*drop).empty());
  return 0;
}
