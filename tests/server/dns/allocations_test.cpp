#include "tests/support/allocations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

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

}  // namespace
}  // namespace berth::dns
