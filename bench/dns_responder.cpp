// Query octets to answer octets, for the lab's plan and for 65,000 hosts in random order. The
// baseline in the same binary copies the query, hashes its name and copies an answer's worth of
// octets: what no server can do without. Allocations are counted, and must be none.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/queries.hpp"
#include "server/dns/folded_name.hpp"
#include "server/dns/responder.hpp"
#include "tests/server/dns/plans.hpp"
#include "tests/support/allocations.hpp"

namespace {

using namespace berth;
using bench::Queries;

config::Config plan_of(std::uint32_t hosts) {
  if (hosts == 7) return test::default_plan();
  config::Config plan;
  auto& network =
      plan.networks.emplace_back(test::network("kubenet", "10.0.0.0/15", "10.0.0.1", "kubenet."));
  for (std::uint32_t i = 0; i < hosts; ++i)
    test::add_host(network, "worker" + std::to_string(i),
                   net::to_string(net::Ipv4Address{0x0a000100 + i}));
  return plan;
}

// Every host once, shuffled, as glibc asks.
Queries queries_of(const config::Config& plan, dns::RrType qtype) {
  std::vector<config::Host> hosts = plan.networks[0].hosts;
  std::shuffle(hosts.begin(), hosts.end(), std::mt19937(7));
  Queries queries;
  for (const config::Host& host : hosts) {
    const std::string name = qtype == dns::RrType::ptr
                                 ? dns::Name::reverse(host.address->value).to_string()
                                 : host.name + ".kubenet.";
    queries.add({.qname = name, .qtype = qtype, .edns = dns::Edns{}});
  }
  return queries;
}

constexpr std::size_t batch_size = 32;

// Batch by batch, as the datagrams come from a socket.
void answer(benchmark::State& state, dns::Responder responder, Queries queries,
            const dns::Client& client) {
  std::array<std::byte, 1232> out;
  const test::AllocationCount allocations;
  while (state.KeepRunningBatch(batch_size)) {
    std::array<wire::Bytes, batch_size> batch;
    std::array<std::uint64_t, batch_size> names;
    for (wire::Bytes& query : batch) query = queries.next();
    if (responder.looks_ahead()) {
      for (std::size_t i = 0; i < batch_size; ++i) names[i] = dns::Responder::is_about(batch[i]);
      for (const std::uint64_t name : names) responder.prefetch(name);
    }
    for (const wire::Bytes query : batch)
      benchmark::DoNotOptimize(responder.handle(query, client, out));
  }
  state.counters["allocations"] =
      static_cast<double>(allocations.value()) / static_cast<double>(state.iterations());
}

void answer_hosts(benchmark::State& state, dns::RrType qtype) {
  const config::Config plan = plan_of(static_cast<std::uint32_t>(state.range(0)));
  const dns::Client client{
      .source = {plan.networks[0].subnet.host(9).value_or(net::Ipv4Address()), 4000}, .network = 0};
  answer(state, test::responder(plan), queries_of(plan, qtype), client);
}

void address(benchmark::State& state) { answer_hosts(state, dns::RrType::a); }
void nodata(benchmark::State& state) { answer_hosts(state, dns::RrType::aaaa); }
void pointer(benchmark::State& state) { answer_hosts(state, dns::RrType::ptr); }

void answer_name(benchmark::State& state, const char* qname, dns::RrType qtype) {
  Queries queries;
  queries.add({.qname = qname, .qtype = qtype, .edns = dns::Edns{}});
  answer(state, test::responder(test::rich_plan()), std::move(queries), test::guest);
}

void baseline(benchmark::State& state) {
  Queries queries = queries_of(plan_of(static_cast<std::uint32_t>(state.range(0))), dns::RrType::a);
  const std::array<std::byte, 27> answer{};
  std::array<std::byte, 1232> out;
  for (auto _ : state) {
    const wire::Bytes query = queries.next();
    wire::copy(query, out);
    const dns::FoldedName name(query.subspan(12, query.size() - 12 - 4 - 11));
    wire::copy(answer, wire::MutableBytes(out).subspan(query.size() - 11));
    benchmark::DoNotOptimize(name.hash());
    benchmark::DoNotOptimize(out.data());
  }
}

void build_zones(benchmark::State& state) {
  const config::Config plan = plan_of(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(dns::Zones(plan).name_count());
}

BENCHMARK(baseline)->Arg(7)->Arg(65000);
BENCHMARK(address)->Arg(7)->Arg(1000)->Arg(3000)->Arg(65000);
BENCHMARK(nodata)->Arg(7)->Arg(65000);
BENCHMARK(pointer)->Arg(7)->Arg(65000);
BENCHMARK_CAPTURE(answer_name, nxdomain, "nobody.kubenet.", dns::RrType::a);
BENCHMARK_CAPTURE(answer_name, bare, "worker0.", dns::RrType::a);
BENCHMARK_CAPTURE(answer_name, alias, "registry.kubenet.", dns::RrType::a);
BENCHMARK_CAPTURE(answer_name, service, "_etcd._tcp.kubenet.", dns::RrType::srv);
BENCHMARK_CAPTURE(answer_name, not_ours, "www.example.com.", dns::RrType::a);
BENCHMARK(build_zones)->Arg(7)->Arg(65000)->Unit(benchmark::kMillisecond);

}  // namespace
