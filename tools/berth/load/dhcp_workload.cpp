#include "tools/berth/load/dhcp_workload.hpp"

#include <algorithm>
#include <cassert>

namespace berth::load {
namespace {

// Clients that get their first address at the same time, and how often the rest is tried again.
constexpr std::size_t preparing_at_once = 32;
constexpr std::uint32_t preparing_rounds = 3;
// Leases given back per second where the run itself was slower.
constexpr double least_release_rate = 1000;

constexpr bool begins_with_lease(Scenario scenario) noexcept {
  return scenario == Scenario::renew || scenario == Scenario::rebind ||
         scenario == Scenario::reboot || scenario == Scenario::inform;
}

}  // namespace

std::string_view name(Scenario scenario) noexcept {
  switch (scenario) {
    case Scenario::dora: return "dora";
    case Scenario::renew: return "renew";
    case Scenario::rebind: return "rebind";
    case Scenario::reboot: return "reboot";
    case Scenario::churn: return "churn";
    case Scenario::decline: return "decline";
    case Scenario::inform: return "inform";
  }
  return {};
}

DhcpWorkload::DhcpWorkload(const DhcpSettings& settings)
    : settings_(settings),
      messages_(settings),
      ids_(settings.seed),
      random_(settings.seed),
      clients_(settings.clients.size()),
      idle_(static_cast<std::uint32_t>(settings.clients.size())),
      timers_(settings.clients.size()),
      server_id_(settings.server_id) {
  assert(!clients_.empty() && clients_.size() <= max_clients);
  holders_.reserve(clients_.size() * 2);
  for (DhcpClient& client : clients_)
    client.turn = static_cast<std::uint32_t>(random_.next()) % transaction_turns;
}

std::optional<Time> DhcpWorkload::next_deadline() const {
  std::optional<Time> next = timers_.next();
  const auto consider = [&](Time time) {
    if (!next || time < *next) next = time;
  };
  switch (stage_) {
    case Stage::idle: return Time{};
    case Stage::done: return std::nullopt;
    case Stage::draining: break;
    case Stage::releasing: return pacer_->next();
    case Stage::lingering: return linger_until_;
    case Stage::preparing:
      if (active_ < preparing_at_once && !idle_.empty()) return Time{};
      break;
    case Stage::running:
      if (pacer_) consider(pacer_->next());
      if (!pacer_ && active_ < settings_.loop.at_once && !idle_.empty()) return Time{};
      if (settings_.extent.duration != Time{})
        consider(progress_.begun + settings_.extent.duration);
      break;
  }
  // Whoever is idle for good is done, which on_timer() finds.
  if (!next && active_ == 0) return Time{};
  return next;
}

void DhcpWorkload::stop(Time now) {
  if (stage_ > Stage::running) return;
  if (stage_ != Stage::running) progress_.begun = now;
  end_turns(now);
  // Nobody asks again; what was asked last gets the time that a last message has.
  is_hurried_ = true;
  for (std::uint32_t i = 0; i < clients_.size(); ++i)
    if (timers_.has(i)) timers_.set(i, now + settings_.patience.last);
}

void DhcpWorkload::end_turns(Time now) {
  progress_.ended = now;
  stage_ = Stage::draining;
}

void DhcpWorkload::begin_stage(Time now, Stage stage) {
  stage_ = stage;
  turns_ = 0;
  pacer_.reset();
  if (stage == Stage::running) {
    progress_.begun = now + settings_.extent.warm_up;
    progress_.timeline.begin(progress_.begun);
    if (settings_.loop.is_open()) pacer_.emplace(now, settings_.loop.rate);
  } else if (stage == Stage::releasing) {
    pacer_.emplace(now, std::max(settings_.loop.rate, least_release_rate));
  }
}

void DhcpWorkload::on_timer(Time now, Outbox& out) {
  while (!out.is_full()) {
    const auto due = timers_.take(now);
    if (!due) break;
    time_out(*due, now, out);
  }
  if (stage_ == Stage::idle)
    begin_stage(now, begins_with_lease(settings_.scenario) ? Stage::preparing : Stage::running);
  begin_turns(now, out);
  if (out.is_full()) return;
  if (stage_ == Stage::running && is_over(now)) {
    // An open loop lasts until the start that is no more.
    end_turns(pacer_ ? std::max(now, pacer_->next()) : now);
  }
  if (stage_ == Stage::preparing && active_ == 0 && idle_.empty()) end_preparation(now);
  if (stage_ == Stage::draining && active_ == 0) {
    progress_.settled = now;
    // Begins the next time, so that whoever looks has seen what the turns came to.
    return begin_stage(now, Stage::releasing);
  }
  if (stage_ == Stage::releasing) release_leases(now, out);
  if (stage_ == Stage::lingering && now >= linger_until_) stage_ = Stage::done;
}

// In an open loop what was due before the end is still begun, however late it is.
bool DhcpWorkload::is_over(Time now) const noexcept {
  const Extent& extent = settings_.extent;
  const Time next = pacer_ ? pacer_->next() : now;
  return (extent.duration != Time{} && next >= progress_.begun + extent.duration) ||
         (extent.count != 0 && turns_ >= extent.count);
}

bool DhcpWorkload::may_begin_turn(Time now) const noexcept {
  if (stage_ == Stage::preparing) return active_ < preparing_at_once && !idle_.empty();
  if (stage_ != Stage::running || is_over(now)) return false;
  return pacer_ ? pacer_->is_due(now) : active_ < settings_.loop.at_once && !idle_.empty();
}

void DhcpWorkload::begin_turns(Time now, Outbox& out) {
  while (!out.is_full() && may_begin_turn(now)) {
    const Time intended = pacer_ ? pacer_->next() : now;
    if (pacer_) pacer_->start();
    if (idle_.empty()) {
      if (intended >= progress_.begun) ++progress_.starved;
      continue;
    }
    ++turns_;
    begin_turn(idle_.take(), intended, now, out);
  }
}

DhcpWorkload::Phase DhcpWorkload::first_phase() const noexcept {
  if (stage_ == Stage::preparing) return Phase::selecting;
  switch (settings_.scenario) {
    case Scenario::renew: return Phase::renewing;
    case Scenario::rebind: return Phase::rebinding;
    case Scenario::reboot: return Phase::rebooting;
    case Scenario::inform: return Phase::informing;
    case Scenario::dora:
    case Scenario::churn:
    case Scenario::decline: break;
  }
  return Phase::selecting;
}

Exchange DhcpWorkload::last_exchange() const noexcept {
  DhcpClient last;
  last.phase = first_phase() == Phase::selecting ? Phase::requesting : first_phase();
  return last.exchange();
}

void DhcpWorkload::begin_turn(std::uint32_t number, Time intended, Time now, Outbox& out) {
  DhcpClient& client = clients_[number];
  client.turn = (client.turn + 1) % transaction_turns;
  client.answered <<= 2;
  client.is_counted = stage_ == Stage::running && intended >= progress_.begun;
  client.begun = intended;
  ++active_;
  // RFC 2131 figure 5: whoever lost a lease begins anew.
  const Phase phase = client.has_lease ? first_phase() : Phase::selecting;
  if (phase == Phase::selecting) ++tally(client, Exchange::handshake).sent;
  if (client.is_counted) {
    ++progress_.turns;
    progress_.timeline.started(intended);
    progress_.lag.record(now - intended);
  }
  begin_exchange(number, phase, intended, now, out);
}

void DhcpWorkload::begin_exchange(std::uint32_t number, Phase phase, Time intended, Time now,
                                  Outbox& out) {
  DhcpClient& client = clients_[number];
  client.phase = phase;
  client.intended = intended;
  client.sent = now;
  client.sent_messages = 0;
  ++tally(client, client.exchange()).sent;
  send(number, now, out);
}

void DhcpWorkload::send(std::uint32_t number, Time now, Outbox& out) {
  DhcpClient& client = clients_[number];
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(now - client.begun).count();
  messages_.add(number, client, xid_of(number),
                static_cast<std::uint16_t>(std::clamp<std::int64_t>(waited, 0, 0xffff)), out);
  ++client.sent_messages;
  timers_.set(number, now + settings_.patience.after(client.sent_messages, random_));
}

void DhcpWorkload::time_out(std::uint32_t number, Time now, Outbox& out) {
  DhcpClient& client = clients_[number];
  if (client.sent_messages >= settings_.patience.tries || is_hurried_)
    return end_turn(number, End::failed);
  ++tally(client, client.exchange()).retransmits;
  send(number, now, out);
}

void DhcpWorkload::end_turn(std::uint32_t number, End end) {
  DhcpClient& client = clients_[number];
  timers_.clear(number);
  client.phase = Phase::idle;
  --active_;
  if (client.is_counted && end == End::succeeded) ++progress_.completed;
  // Who has an address takes its turns when all have theirs.
  if (stage_ != Stage::preparing) idle_.put(number);
}

// Those without an address are tried again a few times, and then left out.
void DhcpWorkload::end_preparation(Time now) {
  ++rounds_;
  const auto wants = [&](bool with_lease) {
    for (std::uint32_t i = 0; i < clients_.size(); ++i)
      if (clients_[i].has_lease == with_lease) idle_.put(i);
  };
  wants(false);
  if (!idle_.empty() && rounds_ < preparing_rounds) return;
  unprepared_ = idle_.size();
  idle_.clear();
  wants(true);
  if (!idle_.empty()) return begin_stage(now, Stage::running);
  progress_.begun = progress_.ended = progress_.settled = now;
  stage_ = Stage::done;
}

void DhcpWorkload::release_leases(Time now, Outbox& out) {
  for (; releasing_ < clients_.size() && settings_.releases; ++releasing_) {
    if (!clients_[releasing_].has_lease) continue;
    if (out.is_full() || !pacer_->is_due(now)) return;
    pacer_->start();
    clients_[releasing_].turn = (clients_[releasing_].turn + 1) % transaction_turns;
    messages_.add_release(releasing_, clients_[releasing_], xid_of(releasing_), out);
    let_go(releasing_);
  }
  stage_ = Stage::lingering;
  linger_until_ = now;
  for (std::size_t i = 0; i < exchange_count; ++i) {
    const auto exchange = static_cast<Exchange>(i);
    if (is_answered(exchange) && progress_.tallies[exchange].never() != 0)
      linger_until_ = now + settings_.patience.last;
  }
}

void DhcpWorkload::hold(std::uint32_t number, net::Ipv4Address address) {
  let_go(number);
  clients_[number].has_lease = true;
  clients_[number].address = address;
  holders_.insert_or_assign(address.value, number);
}

void DhcpWorkload::let_go(std::uint32_t number) {
  DhcpClient& client = clients_[number];
  if (!client.has_lease) return;
  client.has_lease = false;
  const auto held = holders_.find(client.address.value);
  if (held != holders_.end() && held->second == number) holders_.erase(held);
}

std::optional<net::MacAddress> DhcpWorkload::holder(net::Ipv4Address address) const {
  const auto held = holders_.find(address.value);
  if (held == holders_.end()) return std::nullopt;
  return settings_.clients[held->second].mac;
}

Tally& DhcpWorkload::tally(const DhcpClient& client, Exchange exchange) noexcept {
  return client.is_counted ? progress_.tallies[exchange] : uncounted_[exchange];
}

std::uint32_t DhcpWorkload::xid_of(std::uint32_t number) const noexcept {
  return ids_.id_of({number, clients_[number].turn});
}

}  // namespace berth::load
