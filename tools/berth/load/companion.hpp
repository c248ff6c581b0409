// Questions of DNS for as long as the clients of a DHCP load take their turns: a lab's names are
// asked for while its machines boot. Without IO; not synchronised.
#pragma once

#include "tools/berth/load/dhcp_workload.hpp"
#include "tools/berth/load/dns_workload.hpp"

namespace berth::load {

class Companion final : public Workload {
 public:
  // Both outlive it.
  Companion(DnsWorkload& asking, const DhcpWorkload& leader) noexcept
      : asking_(asking), leader_(leader) {}

  void on_timer(Time now, Outbox& out) override {
    has_begun_ |= leader_.is_taking_turns();
    if (!has_begun_) return;
    if (!leader_.is_taking_turns()) asking_.stop(now);
    asking_.on_timer(now, out);
  }
  void on_message(const Message& message, Time now, Outbox& out) override {
    asking_.on_message(message, now, out);
  }
  std::optional<Time> next_deadline() const override {
    return has_begun_ ? asking_.next_deadline() : std::nullopt;
  }
  void stop(Time now) override { asking_.stop(now); }
  bool is_done() const override { return has_begun_ ? asking_.is_done() : leader_.is_done(); }

 private:
  DnsWorkload& asking_;
  const DhcpWorkload& leader_;
  bool has_begun_ = false;
};

}  // namespace berth::load
