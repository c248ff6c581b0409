// DHCP clients at work: each takes its turns (a scenario's exchanges), asks again or gives up, and
// judges what it is told. Where the scenario begins with a lease, all clients get one first, which
// is not counted; in the end those that hold one give it back. Without IO; not synchronised.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/dhcp/message_view.hpp"
#include "tools/berth/load/dhcp_client.hpp"
#include "tools/berth/load/dhcp_messages.hpp"
#include "tools/berth/load/dhcp_settings.hpp"
#include "tools/berth/load/pacer.hpp"
#include "tools/berth/load/progress.hpp"
#include "tools/berth/load/random.hpp"
#include "tools/berth/load/ring.hpp"
#include "tools/berth/load/timers.hpp"
#include "tools/berth/load/transaction_id.hpp"
#include "tools/berth/load/workload.hpp"

namespace berth::load {

class DhcpWorkload final : public Workload {
 public:
  // `settings` must outlive it. REQUIRES: at least one client and at most max_clients
  explicit DhcpWorkload(const DhcpSettings& settings);

  void on_timer(Time now, Outbox& out) override;
  void on_message(const Message& message, Time now, Outbox& out) override;
  std::optional<Time> next_deadline() const override;
  void stop(Time now) override;
  bool is_done() const override { return stage_ == Stage::done; }
  // Neither before nor after what is counted.
  bool is_taking_turns() const noexcept { return stage_ == Stage::running; }

  const Progress& progress() const noexcept { return progress_; }
  // Clients without an address where the scenario begins with one; they take no turns.
  std::size_t unprepared() const noexcept { return unprepared_; }
  // Who answers ARP for an address: the client that was given it.
  std::optional<net::MacAddress> holder(net::Ipv4Address address) const;

 private:
  enum class Stage : std::uint8_t {
    idle,
    preparing,
    running,
    draining,   // waits for what is under way
    releasing,  // gives the leases back
    lingering,  // so that what is only late is not counted as never answered
    done,
  };
  enum class End : std::uint8_t { succeeded, failed };
  using Phase = DhcpClient::Phase;

  // --- turns ---
  void begin_stage(Time now, Stage stage);
  void begin_turns(Time now, Outbox& out);
  void end_turns(Time now);
  bool is_over(Time now) const noexcept;
  bool may_begin_turn(Time now) const noexcept;
  void begin_turn(std::uint32_t number, Time intended, Time now, Outbox& out);
  void begin_exchange(std::uint32_t number, Phase phase, Time intended, Time now, Outbox& out);
  void send(std::uint32_t number, Time now, Outbox& out);
  void end_turn(std::uint32_t number, End end);
  void time_out(std::uint32_t number, Time now, Outbox& out);
  void release_leases(Time now, Outbox& out);
  void end_preparation(Time now);

  // --- answers ---
  void take_offer(std::uint32_t number, const dhcp::MessageView& offer, const Message& message,
                  Time now, Outbox& out);
  void take_ack(std::uint32_t number, const dhcp::MessageView& ack, const Message& message,
                Time now, Outbox& out);
  void take_nak(std::uint32_t number);
  void take_stray(std::uint32_t number, std::uint32_t turns_ago, const dhcp::MessageView& reply);
  bool is_foreign(const DhcpClient& client, const dhcp::MessageView& reply) const noexcept;
  std::optional<Wrong> judge(std::uint32_t number, const dhcp::MessageView& reply) const;
  void take_wrong(std::uint32_t number, Wrong wrong);

  // --- leases ---
  void hold(std::uint32_t number, net::Ipv4Address address);
  void let_go(std::uint32_t number);

  // With which the stage's turns begin, and by which they end.
  Phase first_phase() const noexcept;
  Exchange last_exchange() const noexcept;
  Tally& tally(const DhcpClient& client, Exchange exchange) noexcept;
  std::uint32_t xid_of(std::uint32_t number) const noexcept;

  const DhcpSettings& settings_;
  DhcpMessages messages_;
  TransactionIds ids_;
  Random random_;
  std::vector<DhcpClient> clients_;
  Ring idle_;
  Timers timers_;
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> holders_;  // address: client
  Progress progress_;
  Tallies uncounted_;

  Stage stage_ = Stage::idle;
  std::optional<Pacer> pacer_;
  std::optional<net::Ipv4Address> server_id_;
  std::size_t active_ = 0;       // clients in a turn
  std::uint64_t turns_ = 0;      // begun in this stage
  std::uint32_t releasing_ = 0;  // the next client to give its lease back
  std::uint32_t rounds_ = 0;     // of preparing
  std::size_t unprepared_ = 0;
  bool is_hurried_ = false;  // somebody stopped it
  Time linger_until_{};
};

}  // namespace berth::load
