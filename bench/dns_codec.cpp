// The codec on golden-like messages: a query and an answer parsed, an answer built, a name folded.
// The baseline copies the octets.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name.hpp"
#include "server/dns/folded_name.hpp"
#include "tests/support/allocations.hpp"

namespace {

using namespace berth;

const dns::Name host = *dns::Name::parse("worker0.kubenet.");
const dns::Name alias = *dns::Name::parse("registry.kubenet.");
const std::array address = {std::byte{192}, std::byte{168}, std::byte{200}, std::byte{7}};

wire::Bytes build_query(wire::MutableBytes out) {
  dns::MessageBuilder builder(out, 7, dns::flag::rd);
  builder.edns({});
  builder.question(host.wire(), dns::RrType::a, dns::RrClass::in);
  return *builder.finish();
}

wire::Bytes build_answer(wire::MutableBytes out) {
  dns::MessageBuilder builder(out, 7, dns::flag::qr | dns::flag::aa);
  builder.edns({});
  builder.question(alias.wire(), dns::RrType::a, dns::RrClass::in);
  builder.record(dns::Section::answer, alias.wire(), dns::RrType::cname, dns::RrClass::in, 60,
                 host.wire());
  builder.record(dns::Section::answer, host.wire(), dns::RrType::a, dns::RrClass::in, 60, address);
  return *builder.finish();
}

// Runs `step` and reports its allocations, of which there must be none.
template <class Step>
void run(benchmark::State& state, Step step) {
  std::size_t steps = 0;
  const test::AllocationCount allocations;
  for (auto _ : state) {
    step();
    ++steps;
  }
  state.counters["allocations"] =
      static_cast<double>(allocations.value()) / static_cast<double>(steps);
}

void parse(benchmark::State& state, wire::Bytes (*build)(wire::MutableBytes)) {
  std::array<std::byte, 512> buffer;
  const wire::Bytes message = build(buffer);
  run(state, [&] { benchmark::DoNotOptimize(dns::MessageView::parse(message)); });
}

void build(benchmark::State& state) {
  std::array<std::byte, 512> out;
  run(state, [&] { benchmark::DoNotOptimize(build_answer(out)); });
}

void fold(benchmark::State& state) {
  run(state, [&] { benchmark::DoNotOptimize(dns::FoldedName(host.wire()).hash()); });
}

void baseline(benchmark::State& state) {
  std::array<std::byte, 512> buffer;
  std::array<std::byte, 512> out;
  const wire::Bytes message = build_answer(buffer);
  run(state, [&] {
    wire::copy(message, out);
    benchmark::DoNotOptimize(out.data());
  });
}

BENCHMARK(baseline);
BENCHMARK_CAPTURE(parse, query, build_query);
BENCHMARK_CAPTURE(parse, answer, build_answer);
BENCHMARK(build);
BENCHMARK(fold);

}  // namespace
