// Where a simulated DHCP client stands (RFC 2131 figure 5). A value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "tools/berth/load/tally.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

struct DhcpClient {
  // What it waits for an answer to; idle: nothing.
  enum class Phase : std::uint8_t {
    idle,
    selecting,
    requesting,
    renewing,
    rebinding,
    rebooting,
    informing,
  } phase = Phase::idle;
  bool has_lease = false;
  bool is_counted = false;          // whether this turn is
  std::uint32_t sent_messages = 0;  // of this exchange
  std::uint32_t turn = 0;
  // Which of its exchanges were answered: two bits a turn, the lowest of this one. Told apart by
  // these are an answer that is late and one that comes twice.
  std::uint64_t answered = 0;

  Time begun{};     // when this turn was to begin
  Time intended{};  // when this exchange was
  Time sent{};      // when its first message was

  net::Ipv4Address address;    // offered, or leased
  net::Ipv4Address server_id;  // by whom
  net::MacAddress server_mac;

  // REQUIRES: phase != idle
  Exchange exchange() const noexcept {
    constexpr std::array of_phase{
        Exchange::discover_offer, Exchange::discover_offer, Exchange::request_ack, Exchange::renew,
        Exchange::rebind,         Exchange::reboot,         Exchange::inform};
    return of_phase[static_cast<std::size_t>(phase)];
  }

  static constexpr std::uint32_t remembered_turns = 32;
  static constexpr unsigned offer_bit = 0;
  static constexpr unsigned ack_bit = 1;

  bool was_answered(std::uint32_t turns_ago, unsigned bit) const noexcept {
    return (answered >> (2 * turns_ago + bit) & 1) != 0;
  }
  void set_answered(std::uint32_t turns_ago, unsigned bit) noexcept {
    answered |= std::uint64_t{1} << (2 * turns_ago + bit);
  }
};

}  // namespace berth::load
