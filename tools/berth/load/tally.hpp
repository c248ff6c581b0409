// What became of the exchanges of one kind. Of those that were begun each ends in one way: it is
// received (answered in time, and rightly), naked, wrong, late (answered after it was given up), or
// never answered. Foreign and duplicate answers end nothing: the right one may have come before or
// may come yet. Not synchronised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tools/berth/load/histogram.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

// The kinds of exchanges, of DHCP first. The handshake is the first two together.
enum class Exchange : std::uint8_t {
  discover_offer,
  request_ack,
  handshake,
  renew,
  rebind,
  reboot,
  inform,
  release,  // nobody answers it
  decline,  // likewise
  query,    // of DNS
};
inline constexpr std::size_t exchange_count = 10;
std::string_view name(Exchange exchange) noexcept;   // "discover_offer": the key in JSON
std::string_view title(Exchange exchange) noexcept;  // "DISCOVER-OFFER"
constexpr bool is_answered(Exchange exchange) noexcept {
  return exchange != Exchange::release && exchange != Exchange::decline;
}

// How an answer can be wrong.
enum class Wrong : std::uint8_t {
  address,            // not the one reserved, asked for, or offered
  duplicate_address,  // another of our clients holds it
  options,            // not those of the plan
  question,           // of DNS: not the one asked
  answer,             // of DNS: not that of the plan
};
inline constexpr std::size_t wrong_count = 5;
std::string_view name(Wrong wrong) noexcept;  // "duplicate_address"

struct Tally {
  std::uint64_t sent = 0;  // exchanges begun
  std::uint64_t received = 0;
  std::uint64_t late = 0;
  std::uint64_t naks = 0;
  std::array<std::uint64_t, wrong_count> wrong{};
  std::uint64_t retransmits = 0;  // further messages of the same exchange
  std::uint64_t duplicates = 0;   // of an answer that was here before
  std::uint64_t foreign = 0;      // answers of another server than the one under test
  // From when it was to be sent until the system had the answer: what a client waits, whatever the
  // tester does.
  Histogram latency;
  // From when it was first sent until the tester had the answer in its hands: what programs measure
  // that know neither of the two.
  Histogram response;

  std::uint64_t all_wrong() const noexcept;
  std::uint64_t never() const noexcept;
  // The share of those begun that was not received; zero when none was begun.
  double loss() const noexcept;

  void add(const Tally& other) noexcept;
  void clear() noexcept;
};

class Tallies {
 public:
  Tally& operator[](Exchange exchange) noexcept { return all_[static_cast<std::size_t>(exchange)]; }
  const Tally& operator[](Exchange exchange) const noexcept {
    return all_[static_cast<std::size_t>(exchange)];
  }
  void clear() noexcept;

 private:
  std::array<Tally, exchange_count> all_;
};

}  // namespace berth::load
