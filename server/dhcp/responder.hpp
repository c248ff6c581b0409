// The DHCP server's logic, told in the order of RFC 2131 section 4.3: datagram in, outcome out. It
// opens nothing, logs nothing, reads no clock, allocates nothing after construction and never
// throws. One thread at a time. It refers to one Plan; a reload makes the Plan anew and calls
// replace_plan() between two datagrams, while the bindings, which are what clients hold, live on.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/ingress.hpp"
#include "server/dhcp/notice_queue.hpp"
#include "server/dhcp/option_template.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dhcp/pending_probes.hpp"
#include "server/dhcp/plan.hpp"
#include "server/dhcp/request.hpp"
#include "server/dhcp/strangers.hpp"
#include "server/time.hpp"

namespace berth::dhcp {

class Responder {
 public:
  explicit Responder(std::shared_ptr<const Plan> plan);

  // A reply is no longer than `out`; 1,472 octets are what one Ethernet frame carries, and with
  // fewer than 576 some clients get less than they accept.
  Outcome handle(const Request& request, const Ingress& ingress, TimePoint now,
                 wire::MutableBytes out) noexcept;

  // A hint that this datagram, whatever it is, comes to handle() after a few others. In a plan of
  // many hosts, a look at the whole batch lets the memory its messages need arrive while others are
  // answered.
  void prefetch(wire::Bytes datagram, const Ingress& ingress) const noexcept;

  // `holder` answered ARP for an address. Whether it was probed is known here.
  void on_probe(NetworkIndex network, net::Ipv4Address address, const net::MacAddress& holder,
                TimePoint now) noexcept;
  // Ends what has waited long enough. Call at next_deadline(), and with TimePoint::max() before
  // replace_plan(), which forgets what waits.
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept;

  // The next thing an operator should hear of; drain after each batch. At most
  // NoticeQueue::capacity wait.
  std::optional<Notice> next_notice() noexcept { return notices_.pop(); }

  // What the client of a host holds, for status output.
  // REQUIRES: a host of the plan in force.
  const Binding& binding(NetworkIndex network, HostIndex host) const noexcept;

  // The other plan is handed back, so that a thread with time may destroy it. Bindings are kept by
  // network key, MAC and address if `plan` was built with the present one as the plan before it.
  // Takes the time of an exchange of pointers, however many hosts there are.
  std::shared_ptr<const Plan> replace_plan(std::shared_ptr<const Plan> plan) noexcept;

 private:
  // A message with all that was found out about it.
  struct Exchange;

  Outcome answer(const Exchange& exchange) noexcept;
  // Who asks for an address and is no host of the plan.
  Outcome on_stranger(const Exchange& exchange) noexcept;
  Outcome on_discover(const Exchange& exchange) noexcept;
  Outcome on_request(const Exchange& exchange) noexcept;
  Outcome on_other_server_selected(const Exchange& exchange) noexcept;
  Outcome on_request_by_stranger(const Exchange& exchange) noexcept;
  Outcome on_decline(const Exchange& exchange) noexcept;
  Outcome on_release(const Exchange& exchange) noexcept;
  Outcome on_inform(const Exchange& exchange) noexcept;
  Outcome on_bootp(const Exchange& exchange) noexcept;

  Outcome offer(const Exchange& exchange) noexcept;
  Outcome grant(const Exchange& exchange) noexcept;
  Outcome refuse(const Exchange& exchange, std::string_view reason) noexcept;
  Outcome reply(const Exchange& exchange, std::optional<MessageType> type) noexcept;

  Outcome reply_with(const Exchange& exchange, std::optional<MessageType> type,
                     net::Ipv4Address address, wire::Bytes payload) noexcept;

  Binding& touch(const Exchange& exchange) noexcept;
  void note_client_identifier(const Exchange& exchange, Binding& own) noexcept;
  void report(Notice::Kind kind, const PendingProbe& probe, const net::MacAddress& holder) noexcept;

  std::shared_ptr<const Plan> plan_;
  NoticeQueue notices_;
  Strangers strangers_;
  PendingProbes probes_;
  OptionTemplates templates_;
};

}  // namespace berth::dhcp
