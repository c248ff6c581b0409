#include "tools/berth/load/tally.hpp"

#include <numeric>

namespace berth::load {
namespace {

struct Names {
  std::string_view key;
  std::string_view title;
};

constexpr std::array<Names, exchange_count> exchanges{{
    {"discover_offer", "DISCOVER-OFFER"},
    {"request_ack", "REQUEST-ACK"},
    {"handshake", "handshake"},
    {"renew", "renew"},
    {"rebind", "rebind"},
    {"reboot", "INIT-REBOOT"},
    {"inform", "INFORM"},
    {"release", "RELEASE"},
    {"decline", "DECLINE"},
    {"query", "query"},
}};

constexpr std::array<std::string_view, wrong_count> wrongs{"address", "duplicate_address",
                                                           "options", "question", "answer"};

}  // namespace

std::string_view name(Exchange exchange) noexcept {
  return exchanges[static_cast<std::size_t>(exchange)].key;
}

std::string_view title(Exchange exchange) noexcept {
  return exchanges[static_cast<std::size_t>(exchange)].title;
}

std::string_view name(Wrong wrong) noexcept { return wrongs[static_cast<std::size_t>(wrong)]; }

std::uint64_t Tally::all_wrong() const noexcept {
  return std::accumulate(wrong.begin(), wrong.end(), std::uint64_t{0});
}

std::uint64_t Tally::never() const noexcept {
  const std::uint64_t ended = received + late + naks + all_wrong();
  return sent > ended ? sent - ended : 0;
}

double Tally::loss() const noexcept {
  if (sent == 0) return 0;
  return static_cast<double>(sent - received) / static_cast<double>(sent);
}

void Tally::add(const Tally& other) noexcept {
  sent += other.sent;
  received += other.received;
  late += other.late;
  naks += other.naks;
  for (std::size_t i = 0; i < wrong.size(); ++i) wrong[i] += other.wrong[i];
  retransmits += other.retransmits;
  duplicates += other.duplicates;
  foreign += other.foreign;
  latency.add(other.latency);
  response.add(other.response);
}

void Tally::clear() noexcept {
  sent = received = late = naks = retransmits = duplicates = foreign = 0;
  wrong.fill(0);
  latency.clear();
  response.clear();
}

void Tallies::clear() noexcept {
  for (Tally& tally : all_) tally.clear();
}

}  // namespace berth::load
