// The lookup of a host by its MAC, with keys in random order: the differential that chose the
// table, and as a measure of the machine a copy and a hash of what a datagram has.
#include "server/dhcp/lease_table.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

namespace berth::dhcp {
namespace {

// MACs as labs number them: one prefix, counted up.
net::MacAddress mac_of(std::uint32_t number) {
  return net::MacAddress::from_octets(0x52, 0x52, 0x52, static_cast<std::uint8_t>(number >> 16),
                                      static_cast<std::uint8_t>(number >> 8),
                                      static_cast<std::uint8_t>(number));
}

std::vector<LeaseTable::Entry> entries(std::uint32_t count) {
  std::vector<LeaseTable::Entry> all;
  for (std::uint32_t i = 0; i < count; ++i) all.push_back({mac_of(i), i, i});
  return all;
}

std::vector<net::MacAddress> shuffled_keys(std::uint32_t count) {
  std::vector<net::MacAddress> keys;
  for (std::uint32_t i = 0; i < std::max(count, 4096u); ++i) keys.push_back(mac_of(i % count));
  std::shuffle(keys.begin(), keys.end(), std::mt19937(1));
  return keys;
}

void lookup(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const LeaseTable table(entries(count));
  const auto keys = shuffled_keys(count);
  std::size_t at = 0;
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(table.find(keys[at]));
    if (++at == keys.size()) at = 0;
  }
}
BENCHMARK(lookup)->Arg(7)->Arg(1000)->Arg(65000);

void lookup_of_a_stranger(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  const LeaseTable table(entries(count));
  std::vector<net::MacAddress> keys;
  for (std::uint32_t i = 0; i < 65536; ++i) keys.push_back(mac_of(i + (1u << 20)));
  std::shuffle(keys.begin(), keys.end(), std::mt19937(1));
  std::size_t at = 0;
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(table.find(keys[at]));
    if (++at == keys.size()) at = 0;
  }
}
BENCHMARK(lookup_of_a_stranger)->Arg(7)->Arg(65000);

// The other candidate.
void lookup_in_a_sorted_vector(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  std::vector<std::pair<std::uint64_t, HostIndex>> table;
  for (const LeaseTable::Entry& entry : entries(count))
    table.emplace_back(entry.mac.value(), entry.host);
  std::ranges::sort(table);
  const auto keys = shuffled_keys(count);
  std::size_t at = 0;
  while (state.KeepRunning()) {
    const std::uint64_t key = keys[at].value();
    benchmark::DoNotOptimize(
        std::ranges::lower_bound(table, key, {}, &std::pair<std::uint64_t, HostIndex>::first));
    if (++at == keys.size()) at = 0;
  }
}
BENCHMARK(lookup_in_a_sorted_vector)->Arg(7)->Arg(1000)->Arg(65000);

void baseline_copy_and_hash(benchmark::State& state) {
  std::array<char, 300> from{};
  std::array<char, 300> to{};
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(from.data());
    std::memcpy(to.data(), from.data(), to.size());
    benchmark::DoNotOptimize(std::hash<std::string_view>{}({to.data(), to.size()}));
  }
}
BENCHMARK(baseline_copy_and_hash);

}  // namespace
}  // namespace berth::dhcp
