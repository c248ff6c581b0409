// How long does a configuration take from octets to checked values? With the default plan, and with
// 65,000 hosts, where a read-through of the same octets is the baseline.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>

#include "config/default_plan.hpp"
#include "config/load.hpp"
#include "config/print.hpp"
#include "protocol/net/mac.hpp"

namespace {

using namespace berth;

const std::string& large_plan() {
  static const std::string plan = [] {
    constexpr std::uint32_t hosts = 65'000;
    std::string text = "networks:\n  lab:\n    subnet: 10.0.0.0/8\n    hosts:\n";
    for (std::uint32_t i = 0; i < hosts; ++i) {
      const auto mac = net::MacAddress::from_octets(
          0x52, 0x52, 0x52, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
          static_cast<std::uint8_t>(i));
      text += "      host" + std::to_string(i) + ": {mac: " + net::to_string(mac) +
              ", address: " + net::to_string(net::Ipv4Address{(10u << 24) + i + 2}) + "}\n";
    }
    return text;
  }();
  return plan;
}

void load(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    const config::Loaded loaded = config::load(text);
    if (!loaded.config) return state.SkipWithError("the plan has errors");
    benchmark::DoNotOptimize(loaded.config->networks.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void baseline_read(benchmark::State& state) {
  const std::string& text = large_plan();
  for (auto _ : state)
    benchmark::DoNotOptimize(std::accumulate(text.begin(), text.end(), std::uint64_t{0}));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(baseline_read)->Unit(benchmark::kMillisecond);

void load_default(benchmark::State& state) { load(state, config::default_plan()); }
BENCHMARK(load_default)->Unit(benchmark::kMicrosecond);

void load_65000_hosts(benchmark::State& state) { load(state, large_plan()); }
BENCHMARK(load_65000_hosts)->Unit(benchmark::kMillisecond);

void print_65000_hosts(benchmark::State& state) {
  const config::Loaded loaded = config::load(large_plan());
  for (auto _ : state) benchmark::DoNotOptimize(config::print(*loaded.config));
}
BENCHMARK(print_65000_hosts)->Unit(benchmark::kMillisecond);

}  // namespace
