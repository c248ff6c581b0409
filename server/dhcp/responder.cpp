#include "server/dhcp/responder.hpp"

#include <cassert>
#include <chrono>
#include <utility>

#include "server/dhcp/client_id.hpp"
#include "server/dhcp/exchange.hpp"
#include "server/dhcp/network_choice.hpp"
#include "server/dhcp/reply.hpp"

namespace berth::dhcp {
namespace {

constexpr std::uint8_t hops_max = 16;  // RFC 1542 4.1.1
constexpr std::chrono::seconds probe_time{1};
constexpr std::chrono::seconds offer_time{60};
// What one client can do over and over is told of so often.
constexpr std::chrono::minutes notice_time{1};
constexpr std::size_t many_hosts = 1024;  // fewer stay in the cache
constexpr std::uint32_t infinite_lease = 0xffffffff;

// Six octets that are no station's address: all zero, or a group's. In whole loads, which the
// comparison of two addresses is not.
bool is_nobodys(wire::Bytes chaddr) noexcept {
  return (wire::load_u8(chaddr, 0) & 1) != 0 ||
         (wire::load_u32(chaddr, 0) | wire::load_u16(chaddr, 4)) == 0;
}

// What is wrong with a message before anything is known of its sender.
std::optional<Drop> unacceptable(const MessageView& message) noexcept {
  if (message.op() != Op::bootrequest) return Drop::not_a_request;
  switch (message.type().value_or(MessageType::discover)) {
    case MessageType::discover:
    case MessageType::request:
    case MessageType::decline:
    case MessageType::release:
    case MessageType::inform: break;
    default: return Drop::unexpected_message_type;
  }
  if (message.htype() != ethernet_htype || message.chaddr().size() != 6)
    return Drop::unsupported_hardware;
  if (is_nobodys(message.chaddr())) return Drop::invalid_chaddr;
  if (message.hops() > hops_max) return Drop::too_many_hops;
  return std::nullopt;
}

// Whether it is time to tell of this again.
bool is_news(TimePoint& reported_until, TimePoint now) noexcept {
  if (now < reported_until) return false;
  reported_until = now + notice_time;
  return true;
}

}  // namespace

Responder::Responder(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {
  assert(plan_ != nullptr);
}

Outcome Responder::handle(const Request& request, const Ingress& ingress, TimePoint now,
                          wire::MutableBytes out) noexcept {
  if (const auto reason = unacceptable(request.message())) return *reason;

  const NetworkChoice chosen = choose_network(*plan_, request, ingress);
  if (chosen.network == no_index) return chosen.reason;
  const Network& network = plan_->network(chosen.network);
  if (!network.dhcp) return Drop::dhcp_off;

  const std::uint64_t client_id =
      request.client_identifier().empty() ? 0 : digest_of(request.client_identifier());
  plan_->bindings().prefetch_client_id(client_id);

  const HostIndex index = network.leases.find(request.chaddr()).host;
  const Host* const host = index == no_index ? nullptr : &network.hosts[index];
  if (host != nullptr && host->ignore) return Drop::ignored_client;
  return answer({request, ingress, now, out, chosen.network, network, index, host, client_id});
}

// The network is the arrival link's, which is right nearly always.
void Responder::prefetch(wire::Bytes datagram, const Ingress& ingress) const noexcept {
  if (ingress.network == no_index || datagram.size() < field::options) return;
  const Network& network = plan_->network(ingress.network);
  if (network.host_count() < many_hosts) return;
  const auto chaddr = net::MacAddress::from_bytes(datagram.subspan(field::chaddr));
  const LeaseTable::Found found = network.leases.find(chaddr);
  if (found.host == no_index) return;
  __builtin_prefetch(&network.hosts[found.host]);
  plan_->bindings().prefetch(found.slot);
}

Outcome Responder::answer(const Exchange& exchange) noexcept {
  const auto type = exchange.request.message().type();
  if (!type) return on_bootp(exchange);
  switch (*type) {
    case MessageType::discover: return on_discover(exchange);
    case MessageType::request: return on_request(exchange);
    case MessageType::decline: return on_decline(exchange);
    case MessageType::release: return on_release(exchange);
    default: return on_inform(exchange);
  }
}

Outcome Responder::on_stranger(const Exchange& exchange) noexcept {
  const net::MacAddress mac = exchange.request.chaddr();
  if (strangers_.is_news(mac, exchange.now))
    notices_.push({Notice::Kind::unknown_client, exchange.network_index, no_index, {}, mac, {}});
  return Drop::unknown_client;
}

// RFC 2131 4.3.1.
Outcome Responder::on_discover(const Exchange& exchange) noexcept {
  if (exchange.host == nullptr) return on_stranger(exchange);
  if (!exchange.has_address()) return Drop::no_address;
  return offer(exchange);
}

Outcome Responder::offer(const Exchange& exchange) noexcept {
  Outcome outcome = reply(exchange, MessageType::offer);
  if (!std::holds_alternative<Reply>(outcome)) return outcome;

  Binding& binding = touch(exchange);
  note_client_identifier(exchange, binding);
  // Until it takes the offer, a client holds what it held.
  if (binding.state != Binding::State::bound || binding.expires <= exchange.now) {
    binding.state = Binding::State::offered;
    binding.expires = exchange.now + offer_time;
  }
  return outcome;
}

// RFC 2131 4.3.3. Only the holder is believed, and it keeps its address: the plan says whose it is,
// so the operator must hear who else uses it.
Outcome Responder::on_decline(const Exchange& exchange) noexcept {
  const Request& request = exchange.request;
  const bool is_holder = exchange.has_address() &&
                         request.requested_address() == exchange.host->address &&
                         exchange.is_for_us();
  if (!is_holder) return Drop::not_the_holder;
  Binding& binding = touch(exchange);
  binding.state = Binding::State::declined;
  if (!is_news(binding.declines_reported_until, exchange.now)) return Drop::declined;

  const net::Ipv4Address address = exchange.host->address;
  const PendingProbe probe{exchange.network_index, exchange.host_index, address, request.chaddr(),
                           exchange.now + probe_time};
  const bool is_on_link = exchange.ingress.network == exchange.network_index;
  if (is_on_link && probes_.add(probe)) return Deferred{exchange.network_index, address};
  report(Notice::Kind::address_declined, probe, {});
  return Drop::declined;
}

// RFC 2131 4.3.4. Table 5 wants a server identifier; systemd-networkd sends none, but sends to the
// server's own address, which says the same.
Outcome Responder::on_release(const Exchange& exchange) noexcept {
  const bool is_for_us = exchange.request.server_identifier()
                             ? exchange.is_for_us()
                             : is_unicast(*plan_, exchange.ingress);
  const bool is_holder = exchange.has_address() &&
                         exchange.request.message().ciaddr() == exchange.host->address && is_for_us;
  if (!is_holder) return Drop::not_the_holder;
  touch(exchange).state = Binding::State::released;
  return Drop::released;
}

// RFC 2131 4.3.5. The reply goes to whatever ciaddr says, so ciaddr must be the sender's own: the
// address it sends from, or, through a relay agent, the one it has in the plan.
Outcome Responder::on_inform(const Exchange& exchange) noexcept {
  if (exchange.host == nullptr) return Drop::unknown_client;
  const Network& network = exchange.network;
  const net::Ipv4Address ciaddr = exchange.request.message().ciaddr();
  const bool may_be_client = network.subnet.contains(ciaddr) && ciaddr != network.address &&
                             ciaddr != network.subnet.network() &&
                             ciaddr != network.subnet.broadcast();
  const net::Ipv4Address own =
      exchange.request.is_relayed() ? exchange.host->address : exchange.ingress.source.address;
  if (!may_be_client || ciaddr != own) return Drop::off_link;
  return reply(exchange, MessageType::ack);
}

// RFC 1534: a client without DHCP holds its address for good.
Outcome Responder::on_bootp(const Exchange& exchange) noexcept {
  if (exchange.host == nullptr) return on_stranger(exchange);
  if (!exchange.has_address()) return Drop::no_address;
  return grant(exchange);
}

Outcome Responder::grant(const Exchange& exchange) noexcept {
  const bool is_bootp = !exchange.request.message().type();
  Outcome outcome = reply(exchange, is_bootp ? std::nullopt : std::optional(MessageType::ack));
  if (!std::holds_alternative<Reply>(outcome)) return outcome;

  Binding& binding = touch(exchange);
  note_client_identifier(exchange, binding);
  const std::uint32_t lease = exchange.host->lease;
  binding.state = Binding::State::bound;
  binding.expires = is_bootp || lease == infinite_lease
                        ? TimePoint::max()
                        : exchange.now + std::chrono::seconds(lease);
  if (!binding.was_bound) {
    binding.was_bound = true;
    notices_.push({Notice::Kind::first_lease,
                   exchange.network_index,
                   exchange.host_index,
                   exchange.host->address,
                   exchange.request.chaddr(),
                   {}});
  }
  return outcome;
}

Outcome Responder::refuse(const Exchange& exchange, std::string_view reason) noexcept {
  if (exchange.network.authoritative == config::Authoritative::off) return Drop::not_authoritative;
  if (!exchange.is_reachable()) return Drop::off_link;  // before anything is noted
  const Request& request = exchange.request;
  const auto payload = compose_nak(
      {MessageType::nak, request, exchange.network, exchange.host, exchange.server_identifier()},
      reason, exchange.out);
  if (!payload) return Drop::reply_too_big;
  if (exchange.host != nullptr && is_news(touch(exchange).refusals_reported_until, exchange.now)) {
    const net::Ipv4Address ciaddr = request.message().ciaddr();
    notices_.push({Notice::Kind::refused,
                   exchange.network_index,
                   exchange.host_index,
                   request.requested_address().value_or(ciaddr),
                   request.chaddr(),
                   {}});
  }
  return reply_with(exchange, MessageType::nak, {}, *payload);
}

Outcome Responder::reply(const Exchange& exchange, std::optional<MessageType> type) noexcept {
  const Request& request = exchange.request;
  const auto payload =
      compose({type, request, exchange.network, exchange.host, exchange.server_identifier()},
              templates_, exchange.out);
  if (!payload) return Drop::reply_too_big;
  const bool is_inform = request.message().type() == MessageType::inform;
  const net::Ipv4Address address = is_inform ? request.message().ciaddr() : exchange.host->address;
  return reply_with(exchange, type, address, *payload);
}

// Filled in place, member by member: copying what has just been written in smaller pieces makes the
// processor wait for them.
Outcome Responder::reply_with(const Exchange& exchange, std::optional<MessageType> type,
                              net::Ipv4Address address, wire::Bytes payload) noexcept {
  Outcome outcome;
  Reply& reply = *std::get_if<Reply>(&outcome);
  const Destination destination = destination_of(exchange.request.message(), type, address);
  reply.destination.via = destination.via;
  reply.destination.endpoint.address = destination.endpoint.address;
  reply.destination.endpoint.port = destination.endpoint.port;
  reply.destination.mac = destination.mac;
  if (reply.destination.via != Destination::Via::unicast && !exchange.is_reachable()) {
    outcome = Drop::off_link;
    return outcome;
  }
  reply.type = type;
  reply.payload = payload;
  reply.network = exchange.network_index;
  reply.host = exchange.host_index;
  reply.address = address;
  return outcome;
}

// REQUIRES, here and below: the sender is a host of the plan.
Binding& Responder::touch(const Exchange& exchange) noexcept {
  Binding& binding = plan_->bindings().at(exchange.host->slot);
  binding.mac = exchange.request.chaddr();
  binding.last_seen = exchange.now;
  return binding;
}

// Clones of one disk image send the same identifier. Each gets its own address all the same, since
// a client is who its chaddr says, but whoever runs them should know.
void Responder::note_client_identifier(const Exchange& exchange, Binding& own) noexcept {
  const std::uint64_t digest = exchange.client_id;
  if (digest == 0) return;
  Binding* const other = plan_->bindings().note_client_id(own, exchange.host->slot.number, digest);
  if (other == nullptr || own.reported_client_id == digest) return;
  own.reported_client_id = digest;
  other->reported_client_id = digest;
  notices_.push({Notice::Kind::shared_client_id, exchange.network_index, exchange.host_index,
                 exchange.host->address, own.mac, other->mac});
}

void Responder::on_probe(NetworkIndex network, net::Ipv4Address address,
                         const net::MacAddress& holder, TimePoint) noexcept {
  // The client that declined may answer for the address itself, which says nothing.
  const auto probe = probes_.take_unless(network, address, holder);
  if (probe) report(Notice::Kind::address_in_use, *probe, holder);
}

void Responder::on_timer(TimePoint now) noexcept {
  while (const auto probe = probes_.take_due(now)) report(Notice::Kind::address_in_use, *probe, {});
}

std::optional<TimePoint> Responder::next_deadline() const noexcept {
  return probes_.next_deadline();
}

void Responder::report(Notice::Kind kind, const PendingProbe& probe,
                       const net::MacAddress& holder) noexcept {
  notices_.push({kind, probe.network, probe.host, probe.address, probe.mac, holder});
}

const Binding& Responder::binding(NetworkIndex network, HostIndex host) const noexcept {
  return plan_->bindings().at(plan_->network(network).hosts[host].slot);
}

std::shared_ptr<const Plan> Responder::replace_plan(std::shared_ptr<const Plan> plan) noexcept {
  assert(plan != nullptr);
  // All speak of the old plan. Notices are fetched after each batch, so none is lost.
  probes_ = {};
  notices_ = {};
  strangers_ = {};
  templates_.clear();
  std::swap(plan_, plan);
  return plan;
}

}  // namespace berth::dhcp
