// Questions put to a DNS server, in turn, in an open or a closed loop. Each port is a socket or a
// connection with identifiers of its own; an identifier comes again only when the others of its
// port were used. Without IO; not synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "tools/berth/load/dhcp_settings.hpp"
#include "tools/berth/load/pacer.hpp"
#include "tools/berth/load/progress.hpp"
#include "tools/berth/load/ring.hpp"
#include "tools/berth/load/timers.hpp"
#include "tools/berth/load/workload.hpp"

namespace berth::load {

struct DnsQuery {
  dns::Name qname;
  dns::RrType qtype{};
  std::vector<std::byte> answer;  // the rdata that must be among the answers; empty: any will do
};

struct DnsSettings {
  Loop loop;
  Extent extent;
  Time timeout = std::chrono::seconds(1);
  std::uint64_t seed = 1;
  std::vector<DnsQuery> queries;
  std::uint16_t ports = 16;
  std::uint16_t in_a_row = 64;  // questions that go out by one port before the next one's turn
};

class DnsWorkload final : public Workload {
 public:
  // `settings` must outlive it. REQUIRES: at least one query and one port
  explicit DnsWorkload(const DnsSettings& settings);

  void on_timer(Time now, Outbox& out) override;
  void on_message(const Message& message, Time now, Outbox& out) override;
  std::optional<Time> next_deadline() const override;
  void stop(Time now) override;
  bool is_done() const override { return stage_ == Stage::done; }

  const Progress& progress() const noexcept { return progress_; }

 private:
  enum class Stage : std::uint8_t { idle, running, draining, lingering, done };

  // Questions of one port that can be open at once, and how often an identifier is told apart.
  static constexpr unsigned slot_bits = 12;
  static constexpr std::uint16_t slots_per_port = 1u << slot_bits;
  static constexpr std::uint16_t turns = 1u << (16 - slot_bits);

  struct Slot {
    std::uint32_t query = 0;
    std::uint16_t turn = 0;
    bool is_open = false;
    bool was_answered = true;  // the turn before
    bool is_counted = false;
    Time intended{};
    Time sent{};
  };

  // A slot is one of a port's, and has a part of its identifiers.
  std::uint16_t port_of(std::uint32_t number) const noexcept;
  std::uint16_t id_of(std::uint32_t number) const noexcept;
  std::uint32_t slot_of(std::uint16_t port, std::uint16_t id) const noexcept;

  bool is_over(Time now) const noexcept;
  bool may_begin(Time now) const noexcept;
  void begin(Time intended, Time now, Outbox& out);
  void end(std::uint32_t number);
  void end_turns(Time now);
  std::optional<Wrong> judge(const Slot& slot, const dns::MessageView& answer) const;

  const DnsSettings& settings_;
  std::vector<Slot> slots_;
  Ring free_;
  Timers timers_;
  Progress progress_;
  Tally uncounted_;
  Stage stage_ = Stage::idle;
  std::optional<Pacer> pacer_;
  std::size_t open_ = 0;
  std::uint64_t begun_ = 0;
  std::size_t next_query_ = 0;
  Time linger_until_{};
};

}  // namespace berth::load
