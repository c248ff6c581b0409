#include "server/dns/forwarder.hpp"

#include <cassert>
#include <utility>

#include "server/dns/forwarder_state.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t max_message = 65'535;
// After a failure an old answer is given at once, and renewed meanwhile (RFC 8767 5).
constexpr std::chrono::seconds failure_recheck{30};

// Whose share of the table a question counts for. By IPv6 a machine has as many addresses on a link
// as it likes: all who come there by it are one.
std::uint64_t account_of(const Client& client) noexcept {
  constexpr std::uint64_t by_ipv6 = std::uint64_t{1} << 32;
  return client.ipv6 ? by_ipv6 | client.network : client.source.address.value;
}

std::uint64_t draw_u64(RandomNumbers& random) noexcept {
  std::uint64_t drawn = 0;
  for (int i = 0; i < 4; ++i) drawn = drawn << 16 | random.u16();
  return drawn;
}

HashSecret draw_secret(RandomNumbers& random) noexcept {
  const std::uint64_t first = draw_u64(random);
  return {.first = first, .second = draw_u64(random)};
}

}  // namespace

Forwarder::State::State(std::shared_ptr<const Forwarding> forwarding, RandomNumbers random)
    : pending(forwarding->options().pending, forwarding->options().pending_per_client),
      cache(forwarding->options().cache_entries, forwarding->options().cache_octets),
      forwarding_(std::move(forwarding)),
      random_(std::move(random)),
      secret_(draw_secret(random_)),
      reply_(std::make_unique_for_overwrite<std::byte[]>(max_message)),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(max_message)) {
  servers.replace(*forwarding_, TimePoint());
  closed_streams_.reserve(pending.limit());
}

std::optional<Reply> Forwarder::State::ask(const Forward& question, const Client& client,
                                           WaiterId waiter, TimePoint now,
                                           wire::MutableBytes out) noexcept {
  assert(sending_.empty() && answering_.empty());
  now_ = now;
  const Asker asker(question);
  if (asker.qtype == RrType::aaaa && forwarding_->options().filter_aaaa)
    return fail(asker, ForwardEvent::filtered, Rcode::noerror, ExtendedError::filtered, out);
  const FoldedName name(asker.name());
  const auto key =
      QuestionKey::of(name, asker.qtype, asker.dnssec_ok, (asker.flags & flag::cd) != 0, secret_);
  if (const Cache::Entry* const entry = cache.find(key)) {
    if (cache.is_fresh(*entry, now)) {
      counts.add(ForwardEvent::cached);
      return from_cache(*entry, asker, now, out);
    }
    if (!asker.wants_recursion())
      return fail(asker, ForwardEvent::not_recursive, Rcode::refused,
                  ExtendedError::not_authoritative, out);
    const bool usable = cache.is_usable(*entry, now);
    if (cache.has_failed(*entry, now) && !usable) {
      const auto reason = entry->reason().value_or(ExtendedError::cached_error);
      return fail(asker, ForwardEvent::failed_lately, Rcode::servfail, reason, out);
    }
    if (usable && cache.has_failed_since(*entry, now - failure_recheck)) {
      counts.add(ForwardEvent::stale);
      const Reply reply = from_cache(*entry, asker, now, out);
      if (!cache.has_failed(*entry, now) && pending.find(key) == nullptr) {
        servers.on_question(now);
        start(key, now);
      }
      return reply;
    }
    return wait(key, asker, client, waiter, usable ? entry : nullptr, now, out);
  }
  if (!asker.wants_recursion())
    return fail(asker, ForwardEvent::not_recursive, Rcode::refused,
                ExtendedError::not_authoritative, out);
  return wait(key, asker, client, waiter, nullptr, now, out);
}

std::optional<Reply> Forwarder::State::wait(const QuestionKey& key, const Asker& asker,
                                            const Client& client, WaiterId id,
                                            const Cache::Entry* stale, TimePoint now,
                                            wire::MutableBytes out) noexcept {
  const FoldedName name(asker.name());
  if (forwarding_->servers_for(name).empty())
    return fail(asker, ForwardEvent::no_server, Rcode::refused, ExtendedError::not_authoritative,
                out);
  servers.on_question(now);
  const std::uint64_t account = account_of(client);
  PendingQuestion* question = nullptr;
  ForwardEvent event = ForwardEvent::shared;
  if (!pending.has_share(account)) {
    event = ForwardEvent::client_share;
  } else if (question = pending.find(key); question == nullptr) {
    question = start(key, now);
    event = question != nullptr ? ForwardEvent::asked : ForwardEvent::table_full;
  } else if (client.is_upstream) {
    // It may only ask what another client wants to know, too; so nothing ends by it.
    counts.add(ForwardEvent::looped);
    hasten(*question, now);
  }
  Waiter* const waiter =
      question != nullptr ? pending.add_waiter(*question, asker, account) : nullptr;
  if (waiter == nullptr) {
    if (question != nullptr) event = ForwardEvent::table_full;
    if (stale != nullptr) {
      counts.add(ForwardEvent::stale);
      return from_cache(*stale, asker, now, out);
    }
    return fail(asker, event, Rcode::servfail, ExtendedError::not_ready, out);
  }
  waiter->id = id;
  waiter->since = now;
  question->stale |= stale != nullptr;
  counts.add(event);
  set_timer(*question);
  return std::nullopt;
}

Reply Forwarder::State::from_cache(const Cache::Entry& entry, const Asker& asker, TimePoint now,
                                   wire::MutableBytes out) noexcept {
  std::optional<ExtendedError> reason = entry.reason();
  if (!cache.is_fresh(entry, now))
    reason = entry.rcode() == Rcode::nxdomain ? ExtendedError::stale_nxdomain_answer
                                              : ExtendedError::stale_answer;
  if (!fits(asker, entry.size())) return cut_reply(asker, entry.rcode(), reason, out);
  if (asker.aliases.empty()) {
    Cache::copy(entry, now, out);
    return image_reply(asker, entry.size(), reason, out);
  }
  const wire::MutableBytes image(scratch_.get(), entry.size());
  Cache::copy(entry, now, image);
  return aliased_reply(asker, image, reason, out);
}

Reply Forwarder::State::fail(const Asker& asker, ForwardEvent event, Rcode rcode,
                             ExtendedError reason, wire::MutableBytes out) noexcept {
  counts.add(event);
  return failure_reply(asker, rcode, reason, out);
}

void Forwarder::State::end_wait(PendingQuestion& question, Waiter::Ending ending,
                                std::optional<ExtendedError> reason) noexcept {
  for (Waiter& waiter : question.waiters) {
    waiter.ending = ending;
    waiter.reason = reason;
  }
  answering_.splice(answering_.end(), question.waiters);
}

Answer Forwarder::State::answer(Waiter& waiter) noexcept {
  const wire::MutableBytes out(reply_.get(), max_message);
  const Asker& asker = waiter.asker;
  Reply reply;
  switch (waiter.ending) {
    case Waiter::Ending::image:
      if (!fits(asker, image_.octets.size())) {
        reply = cut_reply(asker, HeaderView::parse(image_.octets)->rcode(), waiter.reason, out);
        break;
      }
      if (!asker.aliases.empty()) {
        reply = aliased_reply(asker, image_.octets, waiter.reason, out);
        break;
      }
      wire::copy(image_.octets, out);
      reply = image_reply(asker, image_.octets.size(), waiter.reason, out);
      break;
    case Waiter::Ending::stale: {
      const FoldedName name(asker.name());
      const auto key = QuestionKey::of(name, asker.qtype, asker.dnssec_ok,
                                       (asker.flags & flag::cd) != 0, secret_);
      const Cache::Entry* const entry = cache.find(key);
      if (entry != nullptr && entry->size() != 0) {
        reply = from_cache(*entry, asker, now_, out);
        break;
      }
      [[fallthrough]];
    }
    case Waiter::Ending::failure:
      reply = failure_reply(asker, Rcode::servfail, waiter.reason, out);
      break;
  }
  const Answer answer{.waiter = waiter.id, .reply = reply};
  pending.remove(waiter);
  return answer;
}

// Closings first: a slot's next socket may be wanted by a datagram behind them.
std::optional<ForwardAction> Forwarder::State::next_action() noexcept {
  if (const auto closed = servers.take_closed())
    return CloseSlot{.server = closed->server, .slot = closed->slot};
  if (!closed_streams_.empty()) {
    const ClosedStream closed = closed_streams_.back();
    closed_streams_.pop_back();
    return CloseStream{.server = closed.server, .stream = closed.stream};
  }
  open_streams(now_);
  while (!sending_.empty()) {
    PendingQuestion& question = sending_.front();
    for (Attempt& attempt : question.attempts)
      if (attempt.live && attempt.unsent) return datagram_of(question, attempt);
    if (question.stream_unsent) return stream_of(question);
    sending_.pop_front();
  }
  if (answering_.empty()) return std::nullopt;
  Waiter& waiter = answering_.front();
  answering_.pop_front();
  return answer(waiter);
}

Forwarder::Forwarder(std::shared_ptr<const Forwarding> forwarding, RandomNumbers random)
    : state_(std::make_unique<State>(std::move(forwarding), std::move(random))) {}
Forwarder::~Forwarder() = default;

std::optional<Reply> Forwarder::ask(const Forward& question, const Client& client, WaiterId waiter,
                                    TimePoint now, wire::MutableBytes out) noexcept {
  return state_->ask(question, client, waiter, now, out);
}

void Forwarder::on_datagram(UpstreamIndex server, SlotIndex slot, wire::Bytes datagram,
                            TimePoint now) noexcept {
  state_->on_datagram(server, slot, datagram, now);
}

void Forwarder::on_unreachable(UpstreamIndex server, TimePoint now) noexcept {
  state_->on_unreachable(server, now);
}

void Forwarder::on_stream_message(StreamId stream, wire::Bytes message, TimePoint now) noexcept {
  state_->on_stream_message(stream, message, now);
}

void Forwarder::on_stream_failed(StreamId stream, TimePoint now) noexcept {
  state_->on_stream_failed(stream, now);
}

void Forwarder::on_timer(TimePoint now) noexcept { state_->on_timer(now); }

std::optional<TimePoint> Forwarder::next_deadline() const noexcept {
  return state_->next_deadline();
}

std::optional<ForwardAction> Forwarder::next_action() noexcept { return state_->next_action(); }

std::shared_ptr<const Forwarding> Forwarder::replace_forwarding(
    std::shared_ptr<const Forwarding> forwarding, TimePoint now) noexcept {
  return state_->replace_forwarding(std::move(forwarding), now);
}

void Forwarder::flush() noexcept { state_->cache.clear(); }

Forwarder::ServerState Forwarder::server_state(UpstreamIndex server) const noexcept {
  const UpstreamServers& servers = state_->servers;
  if (!servers.knows(server)) return {};
  return {.answers = servers.answers(server),
          .latency = servers.latency(server),
          .pending = servers.pending(server)};
}

const ForwardCounts& Forwarder::counts() const noexcept { return state_->counts; }
std::size_t Forwarder::pending_count() const noexcept { return state_->pending.size(); }
std::size_t Forwarder::cache_size() const noexcept { return state_->cache.size(); }
std::size_t Forwarder::cache_octets() const noexcept { return state_->cache.octets(); }

}  // namespace berth::dns
