#include "tools/berth/load/dns_workload.hpp"

#include <algorithm>
#include <cassert>

#include "protocol/dns/message_builder.hpp"
#include "tools/berth/load/random.hpp"

namespace berth::load {
namespace {

// Whether the record's rdata, its names expanded and without regard to case, is this.
bool has_rdata(const dns::ResourceRecord& record, wire::Bytes wanted) noexcept {
  std::array<std::byte, dns::max_name_size> expanded{};
  dns::RdataWalk walk = record.walk_rdata();
  for (auto part = walk.next(); part; part = walk.next()) {
    const wire::Bytes octets =
        part->name ? wire::Bytes(part->name->copy_to(expanded)) : part->octets;
    if (octets.size() > wanted.size()) return false;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      const bool is_same =
          part->name ? dns::fold(octets[i]) == dns::fold(wanted[i]) : octets[i] == wanted[i];
      if (!is_same) return false;
    }
    wanted = wanted.subspan(octets.size());
  }
  return wanted.empty();
}

}  // namespace

DnsWorkload::DnsWorkload(const DnsSettings& settings)
    : settings_(settings),
      slots_(std::size_t{settings.ports} * slots_per_port),
      free_(static_cast<std::uint32_t>(slots_.size())),
      timers_(slots_.size()) {
  assert(!settings.queries.empty() && settings.ports != 0);
  assert(slots_per_port % settings.in_a_row == 0);
  Random random(settings.seed);
  for (Slot& slot : slots_) slot.turn = static_cast<std::uint16_t>(random.next() % turns);
}

std::optional<Time> DnsWorkload::next_deadline() const {
  if (stage_ == Stage::idle) return Time{};
  if (stage_ == Stage::done) return std::nullopt;
  if (stage_ == Stage::lingering) return linger_until_;
  std::optional<Time> next = timers_.next();
  const auto consider = [&](Time time) {
    if (!next || time < *next) next = time;
  };
  if (stage_ == Stage::running) {
    if (pacer_) consider(pacer_->next());
    if (!pacer_ && open_ < settings_.loop.at_once && !free_.empty()) return Time{};
    if (settings_.extent.duration != Time{}) consider(progress_.begun + settings_.extent.duration);
  }
  if (!next && open_ == 0) return Time{};
  return next;
}

void DnsWorkload::stop(Time now) {
  if (stage_ > Stage::running) return;
  if (stage_ == Stage::idle) progress_.begun = now;
  end_turns(now);
}

void DnsWorkload::end_turns(Time now) {
  progress_.ended = now;
  stage_ = Stage::draining;
}

void DnsWorkload::on_timer(Time now, Outbox& out) {
  if (stage_ == Stage::idle) {
    stage_ = Stage::running;
    progress_.begun = now + settings_.extent.warm_up;
    progress_.timeline.begin(progress_.begun);
    if (settings_.loop.is_open()) pacer_.emplace(now, settings_.loop.rate);
  }
  while (const auto late = timers_.take(now)) end(*late);
  while (!out.is_full() && may_begin(now)) {
    const Time intended = pacer_ ? pacer_->next() : now;
    if (pacer_) pacer_->start();
    if (!free_.empty()) {
      begin(intended, now, out);
    } else if (intended >= progress_.begun) {
      ++progress_.starved;
    }
  }
  if (out.is_full()) return;
  if (stage_ == Stage::running && is_over(now))
    end_turns(pacer_ ? std::max(now, pacer_->next()) : now);
  if (stage_ == Stage::draining && open_ == 0) {
    progress_.settled = now;
    const bool is_any_missing = progress_.tallies[Exchange::query].never() != 0;
    linger_until_ = is_any_missing ? now + settings_.timeout : now;
    stage_ = Stage::lingering;
  }
  if (stage_ == Stage::lingering && now >= linger_until_) stage_ = Stage::done;
}

// In an open loop what was due before the end is still begun, however late it is.
bool DnsWorkload::is_over(Time now) const noexcept {
  const Extent& extent = settings_.extent;
  const Time next = pacer_ ? pacer_->next() : now;
  return (extent.duration != Time{} && next >= progress_.begun + extent.duration) ||
         (extent.count != 0 && begun_ >= extent.count);
}

bool DnsWorkload::may_begin(Time now) const noexcept {
  if (stage_ != Stage::running || is_over(now)) return false;
  return pacer_ ? pacer_->is_due(now) : open_ < settings_.loop.at_once && !free_.empty();
}

void DnsWorkload::begin(Time intended, Time now, Outbox& out) {
  const std::uint32_t number = free_.take();
  Slot& slot = slots_[number];
  slot = {.query = static_cast<std::uint32_t>(next_query_),
          .turn = static_cast<std::uint16_t>((slot.turn + 1) % turns),
          .is_open = true,
          .was_answered = false,
          .is_counted = intended >= progress_.begun,
          .intended = intended,
          .sent = now};
  const DnsQuery& query = settings_.queries[next_query_];
  next_query_ = (next_query_ + 1) % settings_.queries.size();

  dns::MessageBuilder builder(out.room(), id_of(number), dns::flag::rd);
  builder.question(query.qname.wire(), query.qtype, dns::RrClass::in);
  if (const auto octets = builder.finish()) out.commit(*octets, {.port = port_of(number)});

  ++begun_;
  ++open_;
  timers_.set(number, now + settings_.timeout);
  if (!slot.is_counted) return;
  ++progress_.turns;
  ++progress_.tallies[Exchange::query].sent;
  progress_.timeline.started(intended);
  progress_.lag.record(now - intended);
}

std::uint16_t DnsWorkload::port_of(std::uint32_t number) const noexcept {
  return static_cast<std::uint16_t>(number / settings_.in_a_row % settings_.ports);
}

std::uint16_t DnsWorkload::id_of(std::uint32_t number) const noexcept {
  const std::uint32_t row = number / settings_.in_a_row / settings_.ports;
  const std::uint32_t in_port = row * settings_.in_a_row + number % settings_.in_a_row;
  return static_cast<std::uint16_t>(std::uint32_t{slots_[number].turn} << slot_bits | in_port);
}

std::uint32_t DnsWorkload::slot_of(std::uint16_t port, std::uint16_t id) const noexcept {
  const std::uint32_t in_port = std::uint32_t{id} & (slots_per_port - 1u);
  const std::uint32_t row = in_port / settings_.in_a_row * settings_.ports + port;
  return row * settings_.in_a_row + in_port % settings_.in_a_row;
}

void DnsWorkload::end(std::uint32_t number) {
  timers_.clear(number);
  slots_[number].is_open = false;
  --open_;
  free_.put(number);
}

void DnsWorkload::on_message(const Message& message, Time now, Outbox& /*out*/) {
  const auto answer = dns::MessageView::parse(message.octets);
  if (!answer || !answer->header().is_response()) {
    ++progress_.malformed;
    return;
  }
  const std::uint16_t id = answer->header().id();
  const std::uint32_t number = slot_of(message.path.port, id);
  Slot& slot = slots_[number];
  if (slot.turn != id >> slot_bits) {
    ++progress_.unmatched;
    return;
  }
  Tally& tally = slot.is_counted ? progress_.tallies[Exchange::query] : uncounted_;
  if (!slot.is_open) {
    ++(slot.was_answered ? tally.duplicates : tally.late);
    slot.was_answered = true;
    return;
  }
  slot.was_answered = true;
  if (const auto wrong = judge(slot, *answer)) {
    ++tally.wrong[static_cast<std::size_t>(*wrong)];
    return end(number);
  }
  ++tally.received;
  const Time latency = message.at - slot.intended;
  tally.latency.record(latency);
  tally.response.record(now - slot.sent);
  if (slot.is_counted) {
    ++progress_.completed;
    ++progress_.rcodes[static_cast<std::size_t>(answer->header().rcode())];
    progress_.timeline.completed(message.at, latency);
  }
  end(number);
}

std::optional<Wrong> DnsWorkload::judge(const Slot& slot, const dns::MessageView& answer) const {
  const DnsQuery& query = settings_.queries[slot.query];
  const auto question = answer.question();
  // A server that cannot read the question may leave it out; it says so by the response code.
  if (!question) {
    if (answer.header().rcode() == dns::Rcode::noerror) return Wrong::question;
  } else if (question->qtype != query.qtype || !(question->qname == query.qname)) {
    return Wrong::question;
  }
  if (query.answer.empty()) return std::nullopt;
  for (const dns::ResourceRecord& record : answer.records(dns::Section::answer))
    if (record.type == query.qtype && has_rdata(record, query.answer)) return std::nullopt;
  return Wrong::answer;
}

}  // namespace berth::load
