// A DNS question as a resolver asks it, the answer a server would give, and what the resolver reads
// out of that.
#include <array>
#include <cstddef>
#include <iostream>

#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/record_text.hpp"
#include "protocol/dns/text.hpp"
#include "protocol/net/ipv4.hpp"

namespace {

using namespace berth;
using dns::MessageView;
using dns::RrClass;
using dns::RrType;
using dns::Section;
using Buffer = std::array<std::byte, dns::max_udp_size>;

expected<wire::Bytes, dns::BuildError> ask(const dns::Name& qname, wire::MutableBytes out) {
  dns::MessageBuilder question(out, 4711, dns::flag::rd);
  question.edns({});
  question.question(qname.wire(), RrType::a, RrClass::in);
  return question.finish();
}

// The zone, a line for each record.
constexpr std::array zone = {"www CNAME worker0", "worker0 A 192.168.200.7"};

expected<wire::Bytes, dns::BuildError> answer(const MessageView& query, wire::MutableBytes out) {
  const auto question = *query.question();
  const auto origin = dns::Name::parse("kubenet.");
  dns::MessageBuilder reply(out, query.header().id(),
                            dns::flag::qr | dns::flag::aa | dns::flag::rd);
  reply.edns({});
  reply.question(question.qname.wire(), question.qtype, question.qclass);
  for (const char* const line : zone) {
    std::array<std::byte, 256> rdata;
    if (const auto record = dns::parse_record(line, *origin, rdata))
      reply.record(Section::answer, record->owner.wire(), record->type, RrClass::in, 60,
                   record->rdata);
  }
  return reply.finish();
}

}  // namespace

int main() {
  Buffer of_client;
  Buffer of_server;
  const auto query = ask(*dns::Name::parse("www.kubenet."), of_client);
  if (!query) return 1;
  const auto asked = MessageView::parse(*query);
  if (!asked) return 1;
  std::cout << dns::to_text(*asked) << '\n';

  const auto reply = answer(*asked, of_server);
  if (!reply) return 1;
  const auto answered = MessageView::parse(*reply);
  if (!answered) return 1;
  std::cout << dns::to_text(*answered) << '\n';

  for (const dns::ResourceRecord& record : answered->records(Section::answer)) {
    if (record.type != RrType::a) continue;
    const net::Ipv4Address address{wire::load_u32(record.rdata(), 0)};
    std::cout << record.owner.to_string() << " has " << net::to_string(address) << '\n';
  }
}
