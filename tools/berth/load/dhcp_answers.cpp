// What becomes of the answers to simulated DHCP clients.
#include <array>

#include "tools/berth/load/dhcp_workload.hpp"

namespace berth::load {

using dhcp::MessageType;
using dhcp::MessageView;
using dhcp::OptionCode;

namespace {

// Whether it answers what a client in this phase asked.
bool is_awaited(DhcpClient::Phase phase, MessageType type) noexcept {
  using Phase = DhcpClient::Phase;
  if (phase == Phase::idle) return false;
  if (phase == Phase::selecting) return type == MessageType::offer;
  if (phase == Phase::informing) return type == MessageType::ack;
  return type == MessageType::ack || type == MessageType::nak;
}

std::optional<net::Ipv4Address> server_identifier(const MessageView& reply) noexcept {
  const auto option = reply.find(OptionCode::server_identifier);
  return option ? option->ipv4() : std::nullopt;
}

// RFC 2131 4.3.5: the answer to an INFORM has no lease time.
bool has_options(const MessageView& reply, const ExpectedOptions& expected,
                 bool has_lease) noexcept {
  std::array<std::byte, 1472> scratch;
  for (const ExpectedOption& option : expected) {
    if (option.code == OptionCode::ip_address_lease_time && !has_lease) continue;
    const auto value = reply.collect(option.code, scratch);
    if (!value || !wire::equal(*value, option.value)) return false;
  }
  return true;
}

}  // namespace

void DhcpWorkload::on_message(const Message& message, Time now, Outbox& out) {
  const auto reply = MessageView::parse(message.octets);
  if (!reply || !reply->type()) {
    ++progress_.malformed;
    return;
  }
  if (reply->op() != dhcp::Op::bootreply) return;  // another client's
  const Transaction transaction = ids_.transaction_of(reply->xid());
  const bool is_ours =
      transaction.client < clients_.size() &&
      wire::equal(reply->chaddr(), settings_.clients[transaction.client].mac.octets);
  if (!is_ours) {
    ++progress_.unmatched;
    return;
  }
  DhcpClient& client = clients_[transaction.client];
  const std::uint32_t turns_ago = (client.turn - transaction.turn) % transaction_turns;
  const MessageType type = *reply->type();
  if (turns_ago != 0 || !is_awaited(client.phase, type))
    return take_stray(transaction.client, turns_ago, *reply);
  if (is_foreign(client, *reply)) {
    ++tally(client, client.exchange()).foreign;
    return;
  }
  client.set_answered(0, type == MessageType::offer ? DhcpClient::offer_bit : DhcpClient::ack_bit);
  if (type == MessageType::nak)
    take_nak(transaction.client);
  else if (type == MessageType::offer)
    take_offer(transaction.client, *reply, message, now, out);
  else
    take_ack(transaction.client, *reply, message, now, out);
}

void DhcpWorkload::take_offer(std::uint32_t number, const MessageView& offer,
                              const Message& message, Time now, Outbox& out) {
  DhcpClient& client = clients_[number];
  const auto id = server_identifier(offer);
  if (!id) {  // RFC 2131 table 3: it MUST have one, and without it nothing can follow
    ++progress_.malformed;
    return take_wrong(number, Wrong::options);
  }
  if (const auto wrong = judge(number, offer)) return take_wrong(number, *wrong);
  if (!server_id_) server_id_ = id;
  Tally& counted = tally(client, Exchange::discover_offer);
  ++counted.received;
  counted.latency.record(message.at - client.intended);
  counted.response.record(now - client.sent);
  let_go(number);
  client.address = offer.yiaddr();
  client.server_id = *id;
  client.server_mac = message.path.source_mac;
  // The tester's own delay in reading the offer is not the server's: it counts in the handshake
  // only.
  begin_exchange(number, Phase::requesting, now, now, out);
}

void DhcpWorkload::take_ack(std::uint32_t number, const MessageView& ack, const Message& message,
                            Time now, Outbox& out) {
  DhcpClient& client = clients_[number];
  if (const auto wrong = judge(number, ack)) return take_wrong(number, *wrong);
  Tally& counted = tally(client, client.exchange());
  ++counted.received;
  counted.latency.record(message.at - client.intended);
  counted.response.record(now - client.sent);
  const Time whole = message.at - client.begun;
  if (client.is_counted) progress_.timeline.completed(message.at, whole);
  if (client.phase == Phase::informing) return end_turn(number, End::succeeded);
  const bool is_handshake = client.phase == Phase::requesting;
  if (is_handshake) {
    Tally& handshake = tally(client, Exchange::handshake);
    ++handshake.received;
    handshake.latency.record(whole);
    handshake.response.record(now - client.begun);
  }
  hold(number, ack.yiaddr());
  if (is_handshake && client.is_counted && settings_.scenario == Scenario::churn) {
    ++tally(client, Exchange::release).sent;
    messages_.add_release(number, client, xid_of(number), out);
    let_go(number);
  } else if (is_handshake && client.is_counted && settings_.scenario == Scenario::decline) {
    ++tally(client, Exchange::decline).sent;
    messages_.add_decline(number, client, xid_of(number), out);
    let_go(number);
  }
  end_turn(number, End::succeeded);
}

void DhcpWorkload::take_nak(std::uint32_t number) {
  DhcpClient& client = clients_[number];
  ++tally(client, client.exchange()).naks;
  if (client.phase == Phase::requesting) ++tally(client, Exchange::handshake).naks;
  let_go(number);
  end_turn(number, End::failed);
}

void DhcpWorkload::take_wrong(std::uint32_t number, Wrong wrong) {
  DhcpClient& client = clients_[number];
  const auto kind = static_cast<std::size_t>(wrong);
  ++tally(client, client.exchange()).wrong[kind];
  if (client.phase == Phase::selecting || client.phase == Phase::requesting)
    ++tally(client, Exchange::handshake).wrong[kind];
  end_turn(number, End::failed);
}

// An answer that nobody waits for: the second one, or one that was given up. Older than what is
// remembered, it is like any that matches nothing.
void DhcpWorkload::take_stray(std::uint32_t number, std::uint32_t turns_ago,
                              const MessageView& reply) {
  DhcpClient& client = clients_[number];
  const bool is_offer = *reply.type() == MessageType::offer;
  const bool is_answer =
      is_offer || *reply.type() == MessageType::ack || *reply.type() == MessageType::nak;
  if (turns_ago >= DhcpClient::remembered_turns || !is_answer) {
    ++progress_.unmatched;
    return;
  }
  const unsigned bit = is_offer ? DhcpClient::offer_bit : DhcpClient::ack_bit;
  const bool is_handshake = first_phase() == Phase::selecting;
  Tally& counted = tally(client, is_offer ? Exchange::discover_offer : last_exchange());
  const auto id = server_identifier(reply);
  if (id && server_id_ && *id != *server_id_) {
    ++counted.foreign;
  } else if (client.was_answered(turns_ago, bit)) {
    ++counted.duplicates;
  } else {
    client.set_answered(turns_ago, bit);
    ++counted.late;
    if (is_handshake) ++tally(client, Exchange::handshake).late;
  }
}

bool DhcpWorkload::is_foreign(const DhcpClient& client, const MessageView& reply) const noexcept {
  const auto id = server_identifier(reply);
  if (!id) return false;
  if (client.phase == Phase::requesting && *id != client.server_id) return true;
  return server_id_ && *id != *server_id_;
}

std::optional<Wrong> DhcpWorkload::judge(std::uint32_t number, const MessageView& reply) const {
  const DhcpClient& client = clients_[number];
  const Identity& identity = settings_.clients[number];
  if (client.phase != Phase::informing) {
    const net::Ipv4Address given = reply.yiaddr();
    const bool is_reserved = !identity.reserved.is_unspecified();
    if (given.is_unspecified()) return Wrong::address;
    const auto held = holders_.find(given.value);
    if (held != holders_.end() && held->second != number) return Wrong::duplicate_address;
    if (is_reserved && given != identity.reserved) return Wrong::address;
    if (client.phase != Phase::selecting && given != client.address) return Wrong::address;
  }
  if (!has_options(reply, settings_.expectations[identity.expectation],
                   client.phase != Phase::informing))
    return Wrong::options;
  return std::nullopt;
}

}  // namespace berth::load
