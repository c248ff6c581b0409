// Serving allocates nothing: handle(), probes, timers, notices, and coming into force of a plan.
#include <gtest/gtest.h>

#include "tests/server/dhcp/lab.hpp"
#include "tests/support/allocations.hpp"

namespace berth::dhcp::lab {
namespace {

using enum MessageType;

TEST(Allocations, AreNotMadeWhileServing) {
  const std::vector<Ask> asks = {
      {},
      {.client = stranger},
      {.type = request, .requested = control0_address, .server = us},
      {.type = request, .requested = us, .server = us},
      {.type = request, .requested = control0_address, .server = other_server},
      {.type = request, .ciaddr = control0_address, .source = control0_address, .destination = us},
      {.type = decline, .requested = control0_address, .server = us},
      {.type = release, .ciaddr = control0_address, .server = us},
      {.type = inform, .ciaddr = control0_address, .source = control0_address},
      {.type = {}},
      {.parameters = hex("0103060c0f1c775179"),
       .options = {{61, Octets(60, std::byte{1})},
                   {61, Octets(60, std::byte{2})},
                   {81, hex("040000")}},
       .relay_agent = hex("0103616263"),
       .giaddr = ip(192, 168, 200, 240)},
      {.client = control1,
       .options = {{61, Octets(60, std::byte{1})}, {61, Octets(60, std::byte{2})}}},
  };
  std::vector<Octets> datagrams;
  datagrams.reserve(asks.size());
  for (const Ask& ask : asks) datagrams.push_back(encode(ask));

  const auto plan = std::make_shared<const Plan>(configuration());
  auto next = std::make_shared<const Plan>(configuration(), plan.get());
  Responder responder(plan);
  std::array<std::byte, split_option_room> split_options{};
  std::array<std::byte, 1500> out{};
  TimePoint now{};
  std::size_t replies = 0;
  std::size_t notices = 0;

  const test::AllocationCount allocations;
  for (int round = 0; round < 300; ++round) {
    if (round == 150) next = responder.replace_plan(next);
    for (std::size_t i = 0; i < asks.size(); ++i) {
      const Ingress ingress{asks[i].link, {asks[i].source, client_port}, asks[i].destination};
      now += std::chrono::seconds(10);  // what is told once a minute is told often
      const Request request(datagrams[i], split_options);
      const Outcome outcome = responder.handle(request, ingress, now, out);
      if (std::holds_alternative<Reply>(outcome)) ++replies;
      if (const auto* deferred = std::get_if<Deferred>(&outcome))
        responder.on_probe(deferred->network, deferred->probe, stranger, now);
    }
    responder.on_timer(now);
    while (responder.next_notice()) ++notices;
  }
  EXPECT_EQ(allocations.value(), 0u);
  EXPECT_EQ(replies, 300u * 8);
  EXPECT_GT(notices, 10u);
}

}  // namespace
}  // namespace berth::dhcp::lab
