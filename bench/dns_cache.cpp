// A question that the cache knows, query octets to answer octets: names in random order, of 7, of
// 10,000 as the cache holds by default, and of 65,000. The baseline in the same binary copies the
// query, hashes its name and copies an answer's worth of octets. Allocations are counted, and must
// be none.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "bench/queries.hpp"
#include "server/dns/forwarder.hpp"
#include "server/dns/question_key.hpp"
#include "server/dns/responder.hpp"
#include "tests/server/dns/forwarder_script.hpp"
#include "tests/server/dns/plans.hpp"
#include "tests/support/allocations.hpp"

namespace {

using namespace berth;
using bench::Queries;

constexpr TimePoint start{std::chrono::hours{1}};

std::string name_of(std::int64_t number) {
  return "www.site" + std::to_string(number) + ".example.com.";
}

// The server: every name has an address.
void answer_actions(dns::Forwarder& forwarder) {
  while (const auto action = forwarder.next_action()) {
    const auto* query = std::get_if<dns::SendDatagram>(&*action);
    if (query == nullptr) continue;
    const auto question = *dns::MessageView::parse(query->octets)->question();
    std::vector<std::byte> out(1232);
    dns::MessageBuilder response(out, wire::load_u16(query->octets, 0),
                                 dns::flag::qr | dns::flag::ra);
    response.question(question.qname.wire(), question.qtype, question.qclass);
    const std::array<std::byte, 4> address{std::byte{192}, std::byte{0}, std::byte{2}};
    response.record(dns::Section::answer, question.qname.wire(), dns::RrType::a, dns::RrClass::in,
                    86'400, address);
    const auto message = response.finish();
    forwarder.on_datagram(query->server, query->slot, *message, start);
  }
}

// The names of so many numbers from the first on, in random order.
Queries queries_of(std::int64_t first, std::int64_t count, std::uint32_t seed) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937(seed));
  Queries queries;
  for (const std::int64_t number : numbers)
    queries.add({.qname = name_of(number), .edns = dns::Edns{}});
  return queries;
}

struct Fixture {
  explicit Fixture(std::int64_t names)
      : forwarding(test::forwarding(
            "0", {.cache_entries = static_cast<std::size_t>(names), .cache_octets = 64 << 20})),
        responder(std::make_shared<const dns::Zones>(test::default_plan()), forwarding),
        forwarder(forwarding, test::seeded(1)) {
    Queries queries = queries_of(0, names, 7);
    for (std::int64_t i = 0; i < names; ++i) {
      ask(queries.next());
      answer_actions(forwarder);
    }
  }

  std::optional<dns::Reply> ask(wire::Bytes query) {
    const dns::Outcome outcome = responder.handle(query, test::guest, out);
    const auto* forward = std::get_if<dns::Forward>(&outcome);
    if (forward == nullptr) return std::nullopt;
    return forwarder.ask(*forward, test::guest, dns::WaiterId{}, start, out);
  }

  std::shared_ptr<const dns::Forwarding> forwarding;
  dns::Responder responder;
  dns::Forwarder forwarder;
  std::array<std::byte, 1232> out;
};

void hit(benchmark::State& state) {
  Fixture fixture(state.range(0));
  Queries queries = queries_of(0, state.range(0), 8);
  std::size_t missed = 0;
  const test::AllocationCount allocations;
  for (auto _ : state) missed += fixture.ask(queries.next()) ? 0u : 1u;
  state.counters["allocations"] =
      static_cast<double>(allocations.value()) / static_cast<double>(state.iterations());
  state.counters["missed"] = static_cast<double>(missed);
}

// To a server and back: asked, sent, answered, kept.
void miss(benchmark::State& state) {
  Fixture fixture(1'000);
  Queries queries = queries_of(1'000, 100'000, 8);
  for (auto _ : state) {
    fixture.ask(queries.next());
    answer_actions(fixture.forwarder);
  }
}

void baseline(benchmark::State& state) {
  Queries queries = queries_of(0, state.range(0), 8);
  const std::array<std::byte, 27> answer{};
  std::array<std::byte, 1232> out;
  for (auto _ : state) {
    const wire::Bytes query = queries.next();
    wire::copy(query, out);
    const dns::FoldedName name(query.subspan(12, query.size() - 12 - 4 - 11));
    benchmark::DoNotOptimize(dns::SipHash::of(name.wire(), {1, 2}));
    wire::copy(answer, wire::MutableBytes(out).subspan(query.size() - 11));
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK(baseline)->Arg(7)->Arg(10'000)->Arg(65'000);
BENCHMARK(hit)->Arg(7)->Arg(10'000)->Arg(65'000);
BENCHMARK(miss);

}  // namespace
