// Who answers: the names of the class CHAOS.
#include "server/dns/identity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "protocol/dns/text.hpp"
#include "server/dns/responder.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::dns {
namespace {

struct Row {
  const char* qname;
  RrType qtype;
  Rcode rcode;
  std::string text;  // empty: no record
};

// The rcode, and the first answer's data.
std::pair<Rcode, std::string> ask(const config::Config& plan, const Identity& identity,
                                  const char* qname, RrType qtype, const Client& client) {
  Responder responder(std::make_shared<const Zones>(plan, identity));
  std::array<std::byte, 512> out{};
  const auto query = test::encode({.qname = qname, .qtype = qtype, .qclass = RrClass::ch});
  const auto reply = std::get<Reply>(responder.handle(query, client, out));
  std::string text;
  const auto message = *MessageView::parse(reply.payload);
  for (const ResourceRecord& record : message.records(Section::answer)) {
    EXPECT_EQ(record.rr_class, RrClass::ch);
    EXPECT_EQ(record.ttl, 0u);
    append_rdata_text(text, record);
  }
  return {reply.rcode, text};
}

config::Config telling() {
  config::Config plan = test::default_plan();
  plan.dns.identity = true;
  return plan;
}

const Identity who{.version = "berthd 1.0", .host = "machine"};

TEST(Identity, IsToldToClientsWhereThePlanLetsIt) {
  for (const auto& [qname, qtype, rcode, text] :
       {Row{"version.bind.", RrType::txt, Rcode::noerror, "\"berthd 1.0\""},
        Row{"VERSION.Server.", RrType::any, Rcode::noerror, "\"berthd 1.0\""},
        Row{"id.server.", RrType::txt, Rcode::noerror, "\"machine\""},
        Row{"hostname.bind.", RrType::txt, Rcode::noerror, "\"machine\""},
        Row{"id.server.", RrType::a, Rcode::noerror, ""},
        Row{"authors.bind.", RrType::txt, Rcode::refused, ""},
        Row{"worker0.kubenet.", RrType::a, Rcode::refused, ""}})
    EXPECT_EQ(ask(telling(), who, qname, qtype, test::guest), std::pair(rcode, text)) << qname;
}

TEST(Identity, IsNotTold) {
  config::Config plan = telling();
  const std::pair<Rcode, std::string> refused{Rcode::refused, ""};
  const Client stranger{.source = {{0xc6336404}, 4000}};
  EXPECT_EQ(ask(plan, who, "version.bind.", RrType::txt, stranger), refused);
  EXPECT_EQ(ask(plan, {}, "version.bind.", RrType::txt, test::guest), refused);
  plan.dns.identity = false;
  EXPECT_EQ(ask(plan, who, "version.bind.", RrType::txt, test::guest), refused);
}

}  // namespace
}  // namespace berth::dns
