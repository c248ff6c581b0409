#include "tests/support/allocations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/server/dns/forwarder_script.hpp"
#include "tests/server/dns/plans.hpp"

namespace berth::dns {
namespace {

TEST(Responder, AllocatesNothing) {
  Responder responder = test::responder(test::rich_plan());
  std::vector<std::vector<std::byte>> queries;
  for (const char* qname : {"worker0.kubenet.", "worker0.", "nobody.kubenet.", "chain1.kubenet.",
                            "_etcd._tcp.kubenet.", "a.apps.kubenet.", "wpad.", "example.com.",
                            "7.200.168.192.in-addr.arpa.", "loop1.kubenet."})
    for (const RrType qtype : {RrType::a, RrType::aaaa, RrType::srv, RrType::ptr, RrType::any})
      for (const bool edns : {false, true})
        queries.push_back(test::encode(
            {.qname = qname, .qtype = qtype, .edns = edns ? std::optional(Edns{}) : std::nullopt}));
  queries.emplace_back(7);
  queries.emplace_back(40, std::byte{1});

  std::array<std::byte, 1232> out;
  std::size_t replies = 0;
  const test::AllocationCount allocations;
  for (const auto& query : queries) {
    responder.prefetch(Responder::is_about(query));
    const Outcome outcome = responder.handle(query, test::guest, out);
    replies += std::holds_alternative<Reply>(outcome) ? 1u : 0u;
  }
  EXPECT_EQ(allocations.value(), 0u);
  EXPECT_EQ(replies, queries.size() - 1);
}

// Questions, answers, aliases of ours, failures, answers by TCP and old ones: in the first round
// memory is taken, each piece once, and none in any after it.
TEST(Forwarder, AllocatesNothing) {
  const auto forwarding = test::forwarding("0,1", {.cache_entries = 64});
  Responder responder(std::make_shared<const Zones>(test::rich_plan()), forwarding);
  Forwarder forwarder(forwarding, test::seeded(1));
  std::vector<std::vector<std::byte>> queries;
  // Some names again and again, so that they are still known when they are old; and others, so that
  // the cache is full.
  for (int i = 0; i < 200; ++i) {
    const int name = i % 2 == 0 ? i / 2 % 20 : 100 + i;
    queries.push_back(
        test::encode({.qname = std::to_string(name) + ".example.com.", .edns = Edns{}}));
  }
  for (const RrType qtype : {RrType::a, RrType::aaaa, RrType::mx, RrType::txt})
    queries.push_back(test::encode({.qname = "farther.kubenet.", .qtype = qtype, .edns = Edns{}}));
  std::array<std::byte, 1232> out;
  std::array<std::byte, 1232> said;
  std::size_t answers = 0;
  std::size_t streams = 0;
  std::size_t at_first = 0;
  TimePoint now{std::chrono::hours{1}};
  // By its id each query is answered, refused, cut, or not answered.
  const auto respond = [&](wire::Bytes query, bool may_cut) {
    const std::uint16_t id = wire::load_u16(query, 0);
    const bool cut = may_cut && id % 8 == 2;
    MessageBuilder response(said, id,
                            static_cast<std::uint16_t>(flag::qr | flag::ra | (cut ? flag::tc : 0)));
    const auto asked = MessageView::parse(query)->question();
    response.question(asked->qname.wire(), asked->qtype, asked->qclass);
    const std::array<std::byte, 4> address{};
    if (asked->qtype == RrType::a)
      response.record(Section::answer, asked->qname.wire(), RrType::a, RrClass::in, 1, address);
    if (id % 8 == 0) response.rcode(Rcode::servfail);
    return *response.finish();
  };
  const auto act = [&] {
    std::optional<SendDatagram> datagram;
    std::optional<SendStream> stream;
    wire::Bytes response;
    do {
      datagram.reset();
      stream.reset();
      while (const auto action = forwarder.next_action()) {
        if (std::holds_alternative<Answer>(*action)) ++answers;
        if (const auto* sent = std::get_if<SendDatagram>(&*action)) {
          datagram = *sent;
          response = respond(sent->octets, /*may_cut=*/true);
        } else if (const auto* by_tcp = std::get_if<SendStream>(&*action)) {
          stream = *by_tcp;
          response = respond(by_tcp->octets, /*may_cut=*/false);
        }
      }
      if (stream) {
        ++streams;
        forwarder.on_stream_message(stream->stream, response, now);
      } else if (datagram && wire::load_u16(response, 0) % 16 != 1) {
        forwarder.on_datagram(datagram->server, datagram->slot, response, now);
      }
    } while (stream || datagram);
  };
  const test::AllocationCount allocations;
  for (int round = 0; round < 20; ++round) {
    for (const auto& query : queries) {
      const Outcome outcome = responder.handle(query, test::guest, out);
      if (forwarder.ask(std::get<Forward>(outcome), test::guest, WaiterId{}, now, out)) ++answers;
      act();
      now += std::chrono::milliseconds{30};
      forwarder.on_timer(now);
      act();
    }
    if (round == 0) at_first = allocations.value();
  }
  EXPECT_LE(at_first, 24u);
  EXPECT_EQ(allocations.value(), at_first);
  EXPECT_GT(answers, 20 * 150u);
  EXPECT_GT(streams, 0u);
  EXPECT_GT(forwarder.counts()[ForwardEvent::evicted], 0u);
  EXPECT_GT(forwarder.counts()[ForwardEvent::stale], 0u);
}

TEST(Forwarder, AllocatesNothingWhileItsTableIsFull) {
  const ForwardingOptions options;
  Forwarder forwarder(test::forwarding("0"), test::seeded(1));
  auto query = test::encode({.qname = "aaaaaaaa.example.com.", .edns = Edns{}});
  std::array<std::byte, 1232> out;
  std::size_t failures = 0;
  TimePoint now{std::chrono::hours{1}};
  const test::AllocationCount allocations;
  std::size_t at_first = 0;
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < options.pending + 100; ++i) {
      for (std::uint32_t digit = 0; digit < 8; ++digit)
        query[header_size + 1 + digit] = static_cast<std::byte>('a' + (i >> 4 * digit & 15));
      Client client = test::guest;
      client.source.address.value += i;
      const Forward question = test::forward(query, client, out.size());
      if (forwarder.ask(question, client, WaiterId{i}, now, out)) ++failures;
      while (forwarder.next_action()) {
      }
    }
    EXPECT_EQ(forwarder.pending_count(), options.pending);
    for (int i = 0; i < 100; ++i) {
      now += std::chrono::milliseconds{100};
      forwarder.on_timer(now);
      while (forwarder.next_action()) {
      }
    }
    EXPECT_LE(forwarder.pending_count(), 1u);  // a probe
    if (round == 0) at_first = allocations.value();
  }
  EXPECT_LE(at_first, 24u);
  EXPECT_EQ(allocations.value(), at_first);
  EXPECT_GE(failures, 300u);
}

TEST(Forwarder, AllocatesNothingForWhatTheCacheKnows) {
  Forwarder forwarder(test::forwarding("0"), test::seeded(1));
  const TimePoint now{std::chrono::hours{1}};
  const auto query = test::encode({.qname = "www.example.com.", .edns = Edns{}});
  std::array<std::byte, 1232> out;
  const Forward question = test::forward(query, test::guest, out.size());
  EXPECT_FALSE(forwarder.ask(question, test::guest, WaiterId{}, now, out));
  const auto sent = std::get<SendDatagram>(*forwarder.next_action());
  std::array<std::byte, 1232> said;
  MessageBuilder response(said, wire::load_u16(sent.octets, 0), flag::qr | flag::ra);
  response.question(test::named("www.example.com.").wire(), RrType::a, RrClass::in);
  const std::array<std::byte, 4> address{};
  for (int i = 0; i < 30; ++i)
    response.record(Section::answer, test::named("www.example.com.").wire(), RrType::a, RrClass::in,
                    60, address);
  forwarder.on_datagram(sent.server, sent.slot, *response.finish(), now);
  while (forwarder.next_action()) {
  }
  const test::AllocationCount allocations;
  for (int i = 0; i < 1'000; ++i)
    EXPECT_TRUE(forwarder.ask(question, test::guest, WaiterId{}, now, out));
  EXPECT_EQ(allocations.value(), 0u);
}

}  // namespace
}  // namespace berth::dns
