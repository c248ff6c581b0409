#include <algorithm>
#include <utility>

#include "protocol/dns/header.hpp"
#include "protocol/dns/message_builder.hpp"
#include "server/dns/forwarder_state.hpp"

namespace berth::dns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds max_wait{1600};
// For a connection, a query and an answer, before another server is asked.
constexpr milliseconds stream_patience{1500};
// RFC 8767 5: who asks is given an old answer when servers take longer.
constexpr milliseconds stale_after{1800};
// RFC 9520 3.2: for how long a failure counts.
constexpr seconds failure_ttl{5};
constexpr milliseconds probe_timeout{1000};
// For whom a question is asked that nobody waits for: no account of a client.
constexpr std::uint64_t nobody = ~std::uint64_t{0};

}  // namespace

std::span<const UpstreamIndex> Forwarder::State::servers_of(
    const PendingQuestion& question) const noexcept {
  return forwarding_->servers_for(FoldedName(question.qname()));
}

PendingQuestion* Forwarder::State::start(const QuestionKey& key, TimePoint now) noexcept {
  PendingQuestion* const question = pending.add(key, /*probe=*/false, now);
  if (question == nullptr) return nullptr;
  if (forwarding_->options().mixed_case) {
    for (std::size_t i = 0; i < question->capitals.size(); i += 2) {
      const std::uint16_t drawn = random_.u16();
      question->capitals[i] = static_cast<std::byte>(drawn);
      question->capitals[i + 1] = static_cast<std::byte>(drawn >> 8);
    }
  }
  attempt(*question, now);
  return question;
}

void Forwarder::State::attempt(PendingQuestion& question, TimePoint now) noexcept {
  const auto list = servers_of(question);
  const ServerSet by_stream = question.stream_live ? set_of(question.stream_server) : 0;
  auto server = servers.choose(list, question.tried | question.failed | by_stream, now);
  if (!server) {
    ++question.rounds;
    question.tried = 0;
    server = servers.choose(list, question.failed | by_stream, now);
  }
  const bool exhausted = question.attempt_count == max_attempts;
  if ((!server || (exhausted && !question.is_awaited())) && !question.stream_live)
    return give_up(question, now);
  if (!server || exhausted) {
    question.next_attempt = question.started + client_timeout;
    return set_timer(question);
  }
  if (question.attempt_count > 0 && *server != question.last_attempt().server)
    counts.add(ForwardEvent::failed_over);
  send(question, *server, now);
}

// REQUIRES: question.attempt_count < max_attempts
void Forwarder::State::send(PendingQuestion& question, UpstreamIndex server,
                            TimePoint now) noexcept {
  Attempt& attempt = question.attempts[question.attempt_count++];
  attempt = {.server = server,
             .slot = servers.take_slot(server, forwarding_->options(), random_, now),
             .unsent = true,
             .plain = (question.plain & set_of(server)) != 0 || !servers.knows_edns(server, now),
             .sent = now};
  do {
    attempt.id = random_.u16();
  } while (pending.find(server, attempt.slot, attempt.id).question != nullptr);
  pending.add(question, attempt);
  if (!question.is_queued()) sending_.push_back(question);
  counts.add(ForwardEvent::sent);

  question.tried |= set_of(server);
  const auto doublings = std::min<unsigned>(question.rounds, 4);
  const milliseconds wait = question.probe ? probe_timeout : servers.patience(server);
  question.next_attempt = now + std::min(wait * (1u << doublings), max_wait);
  set_timer(question);
}

void Forwarder::State::ask_by_stream(PendingQuestion& question, UpstreamIndex server,
                                     TimePoint now) noexcept {
  if (question.stream_live) {
    if (question.stream_server == server) return;
    close_stream(question);
  }
  ++question.generation;  // what comes of an earlier stream is not taken for this one's
  question.stream_live = true;
  question.stream_server = server;
  question.stream_id = random_.u16();
  question.stream_account =
      question.waiters.empty() ? nobody : question.waiters.front().account->id;
  question.next_attempt = now + stream_patience;
  streams_.add(question);
  set_timer(question);
}

void Forwarder::State::open_streams(TimePoint now) noexcept {
  while (PendingQuestion* const question = streams_.open(now)) {
    question->stream_unsent = true;
    if (!question->is_queued()) sending_.push_back(*question);
    counts.add(ForwardEvent::sent_stream);
  }
}

void Forwarder::State::end_late_streams(TimePoint now) noexcept {
  while (PendingQuestion* const question = streams_.longest_in_the_way()) {
    if (now < question->stream_sent + stream_patience) return;
    const Source source{.server = question->stream_server};
    close_stream(*question);
    reject(*question, source, ForwardEvent::stream_failed, now);
  }
}

void Forwarder::State::close_stream(PendingQuestion& question) noexcept {
  if (!question.stream_live) return;
  if (!question.stream_unsent && !question.stream_waits)
    closed_streams_.push_back({question.stream_server, PendingQuestions::stream_of(question)});
  end_stream(question);
}

// REQUIRES: question.stream_live
void Forwarder::State::end_stream(PendingQuestion& question) noexcept {
  streams_.remove(question);
  question.stream_live = question.stream_unsent = false;
}

void Forwarder::State::hasten(PendingQuestion& question, TimePoint now) noexcept {
  if (question.probe || question.attempt_count == max_attempts) return;
  const ServerSet by_stream = question.stream_live ? set_of(question.stream_server) : 0;
  const ServerSet excluded = question.tried | question.failed | by_stream;
  if (question.rounds == 0 && servers.choose(servers_of(question), excluded, now))
    attempt(question, now);
}

void Forwarder::State::set_timer(PendingQuestion& question) noexcept {
  TimePoint due = std::min(question.next_attempt, question.started + client_timeout);
  if (question.stale && !question.waiters.empty())
    due = std::min(due, question.waiters.front().since + stale_after);
  pending.set_due(question, due);
}

void Forwarder::State::on_timer(TimePoint now) noexcept {
  now_ = now;
  while (PendingQuestion* const question = pending.next()) {
    if (question->due > now) break;
    on_due(*question, now);
  }
  end_late_streams(now);
  while (const auto server = servers.take_probe(now)) probe(*server, now);
}

std::optional<TimePoint> Forwarder::State::next_deadline() noexcept {
  auto next = pending.next_due();
  const auto probe = servers.next_probe();
  if (probe) next = next ? std::min(*next, *probe) : probe;
  if (const PendingQuestion* const question = streams_.longest_in_the_way())
    next = std::min(*next, question->stream_sent + stream_patience);  // it is pending
  return next;
}

void Forwarder::State::on_due(PendingQuestion& question, TimePoint now) noexcept {
  const bool late = now >= question.started + client_timeout;
  if ((late || now >= question.next_attempt) && question.attempt_count > 0) {
    const Attempt& last = question.last_attempt();
    if (last.live && servers.on_timeout(last.server, last.sent, now))
      counts.add(ForwardEvent::server_lost);
  }
  if (late) return give_up(question, now);
  if (question.stale && !question.waiters.empty() &&
      now >= question.waiters.front().since + stale_after)
    answer_stale(question, now);
  if (now < question.next_attempt) return set_timer(question);
  if (question.probe) return finish(question);
  attempt(question, now);
}

// The question stays in flight, for the next who asks.
void Forwarder::State::answer_stale(PendingQuestion& question, TimePoint now) noexcept {
  question.stale = false;
  const Cache::Entry* const entry = cache.find(question.key());
  if (entry == nullptr || !cache.is_usable(*entry, now)) return;
  for (std::size_t i = question.waiters.size(); i > 0; --i) counts.add(ForwardEvent::stale);
  end_wait(question, Waiter::Ending::stale, std::nullopt);
}

void Forwarder::State::give_up(PendingQuestion& question, TimePoint now) noexcept {
  const auto list = servers_of(question);
  const bool unreachable = std::ranges::any_of(list, [&](UpstreamIndex server) {
    return servers.unreachable_since(server, question.started);
  });
  const auto reason = question.reason.value_or(unreachable ? ExtendedError::network_error
                                                           : ExtendedError::no_reachable_authority);
  if (question.stale) answer_stale(question, now);
  // That no stream was free is no failure of a server, and nothing to remember.
  const bool is_ours = question.stream_waits;
  const bool refused = !servers.choose(list, question.failed, now);
  const auto event = is_ours   ? ForwardEvent::no_stream
                     : refused ? ForwardEvent::failed
                               : ForwardEvent::timed_out;
  for (std::size_t i = question.waiters.size(); i > 0; --i) counts.add(event);
  end_wait(question, Waiter::Ending::failure, is_ours ? ExtendedError::not_ready : reason);
  if (!question.probe && !is_ours)
    cache.store_failure(question.key(), reason, now + failure_ttl, now);
  finish(question);
}

void Forwarder::State::finish(PendingQuestion& question) noexcept {
  for (std::size_t i = 0; i < question.attempt_count; ++i) release(question.attempts[i]);
  close_stream(question);
  pending.remove(question);
}

void Forwarder::State::release(Attempt& attempt) noexcept {
  if (!attempt.live) return;
  attempt.live = attempt.unsent = false;
  pending.remove(attempt);
  servers.release_slot({.server = attempt.server, .slot = attempt.slot});
}

// Of the root, which every resolver knows.
void Forwarder::State::probe(UpstreamIndex server, TimePoint now) noexcept {
  const FoldedName root(Name().wire());
  const auto key = QuestionKey::of(root, RrType::ns, false, false, secret_);
  PendingQuestion* const question = pending.add(key, /*probe=*/true, now);
  if (question == nullptr) return;
  counts.add(ForwardEvent::probed);
  send(*question, server, now);
}

ForwardAction Forwarder::State::datagram_of(const PendingQuestion& question,
                                            Attempt& attempt) noexcept {
  attempt.unsent = false;
  return SendDatagram{.server = attempt.server,
                      .slot = attempt.slot,
                      .octets = query_of(question, attempt.id, attempt.plain)};
}

ForwardAction Forwarder::State::stream_of(PendingQuestion& question) noexcept {
  question.stream_unsent = false;
  const bool plain = (question.plain & set_of(question.stream_server)) != 0 ||
                     !servers.knows_edns(question.stream_server, question.stream_sent);
  return SendStream{.server = question.stream_server,
                    .stream = PendingQuestions::stream_of(question),
                    .octets = query_of(question, question.stream_id, plain)};
}

// RFC 6840 5.7: with AD, so that the answer says whether it was validated.
wire::Bytes Forwarder::State::query_of(const PendingQuestion& question, std::uint16_t id,
                                       bool plain) noexcept {
  const QuestionKey key = question.key();
  const unsigned cd = key.checking_disabled() ? flag::cd : 0u;
  MessageBuilder query(query_, id, static_cast<std::uint16_t>(flag::rd | flag::ad | cd));
  if (!plain) query.edns({.udp_size = max_udp_size, .dnssec_ok = key.dnssec_ok()});
  query.question(spelled(question), question.qtype, RrClass::in);
  return *query.finish();
}

wire::Bytes Forwarder::State::spelled(const PendingQuestion& question) noexcept {
  const wire::Bytes name = question.qname();
  wire::copy(name, spelled_);
  // Label lengths lie below the letters.
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool capital = (wire::load_u8(question.capitals, i / 8) >> i % 8 & 1u) != 0;
    const std::uint8_t octet = wire::load_u8(name, i);
    if (capital && octet >= 'a' && octet <= 'z')
      spelled_[i] = static_cast<std::byte>(octet - 'a' + 'A');
  }
  return wire::Bytes(spelled_).first(name.size());
}

std::shared_ptr<const Forwarding> Forwarder::State::replace_forwarding(
    std::shared_ptr<const Forwarding> forwarding, TimePoint now) noexcept {
  now_ = now;
  forwarding_.swap(forwarding);
  const ForwardingOptions& options = forwarding_->options();
  pending.limit(options.pending, options.pending_per_client);
  closed_streams_.reserve(pending.limit());
  cache.limit(options.cache_entries, options.cache_octets);
  if (!forwarding_->may_keep_answers_of(*forwarding)) cache.clear();
  const auto is_gone = [&](UpstreamIndex server) { return !forwarding_->names(server); };
  pending.for_each([&](PendingQuestion& question) {
    for (std::size_t i = 0; i < question.attempt_count; ++i)
      if (is_gone(question.attempts[i].server)) release(question.attempts[i]);
    if (question.stream_live && is_gone(question.stream_server)) close_stream(question);
  });
  servers.replace(*forwarding_, now);
  pending.for_each([&](PendingQuestion& question) {
    if (question.is_awaited() || question.stream_live) return;
    if (question.probe) return finish(question);
    question.attempt_count = question.rounds = 0;
    question.tried = question.failed = question.plain = 0;
    attempt(question, now);
  });
  return forwarding;
}

}  // namespace berth::dns
