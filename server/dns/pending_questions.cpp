#include "server/dns/pending_questions.hpp"

#include <algorithm>
#include <cassert>

namespace berth::dns {

PendingQuestion* PendingQuestions::find(const QuestionKey& key) noexcept {
  const auto found = by_question_.find(key);
  return found == by_question_.end() ? nullptr : &*found;
}

PendingQuestions::Found PendingQuestions::find(UpstreamIndex server, SlotIndex slot,
                                               std::uint16_t id) noexcept {
  const auto found = by_match_.find(match_of(server, slot, id));
  if (found == by_match_.end()) return {};
  return {found->question, &*found};
}

PendingQuestion* PendingQuestions::find(StreamId stream) noexcept {
  const auto number = static_cast<Pool<PendingQuestion>::Number>(stream);
  const auto generation = static_cast<std::uint32_t>(static_cast<std::uint64_t>(stream) >> 32);
  if (!questions_.knows(number)) return nullptr;
  PendingQuestion& question = questions_[number];
  return question.stream_live && question.generation == generation ? &question : nullptr;
}

PendingQuestion* PendingQuestions::add(const QuestionKey& key, bool probe, TimePoint now) noexcept {
  PendingQuestion* const question = questions_.take();
  if (question == nullptr) return nullptr;
  assert(question->waiters.empty());
  ++question->generation;
  question->qtype = key.qtype;
  question->bits = key.bits;
  question->hash = key.hash;
  question->qname_size = static_cast<std::uint8_t>(key.name.size());
  wire::copy(key.name, question->octets);
  question->capitals.fill(std::byte{0});
  question->attempt_count = question->rounds = 0;
  question->stale = false;
  question->stream_unsent = question->stream_live = false;
  question->probe = probe;
  question->tried = question->failed = question->plain = 0;
  question->reason = std::nullopt;
  question->started = question->next_attempt = question->due = now;
  if (!probe) by_question_.insert(*question);
  timers_.insert(*question);
  return question;
}

void PendingQuestions::remove(PendingQuestion& question) noexcept {
  assert(question.waiters.empty());
  if (!question.probe) by_question_.erase(by_question_.iterator_to(question));
  timers_.erase(timers_.iterator_to(question));
  if (question.is_queued()) question.QueueHook::unlink();
  question.stream_live = false;
  questions_.give_back(question);
}

bool PendingQuestions::has_share(std::uint64_t account) const noexcept {
  const auto found = by_account_.find(account);
  return found == by_account_.end() || found->waiting < per_client_;
}

// There are as many accounts and aliases as waiters.
Waiter* PendingQuestions::add_waiter(PendingQuestion& question, const Asker& asker,
                                     std::uint64_t account) noexcept {
  Waiter* const waiter = waiters_.take();
  if (waiter == nullptr) return nullptr;
  waiter->asker = asker;
  waiter->aliases = nullptr;
  if (!asker.aliases.empty()) {
    waiter->aliases = aliases_.take();
    wire::copy(asker.aliases, waiter->aliases->octets);
    waiter->asker.aliases = wire::Bytes(waiter->aliases->octets).first(asker.aliases.size());
  }
  waiter->reason = std::nullopt;
  const auto found = by_account_.find(account);
  waiter->account = found != by_account_.end() ? &*found : accounts_.take();
  if (found == by_account_.end()) {
    waiter->account->id = account;
    waiter->account->waiting = 0;
    by_account_.insert(*waiter->account);
  }
  ++waiter->account->waiting;
  question.waiters.push_back(*waiter);
  return waiter;
}

void PendingQuestions::remove(Waiter& waiter) noexcept {
  Account& account = *waiter.account;
  if (--account.waiting == 0) {
    by_account_.erase(by_account_.iterator_to(account));
    accounts_.give_back(account);
  }
  if (waiter.aliases != nullptr) aliases_.give_back(*waiter.aliases);
  waiters_.give_back(waiter);
}

void PendingQuestions::add(PendingQuestion& question, Attempt& attempt) noexcept {
  attempt.live = true;
  attempt.question = &question;
  by_match_.insert(attempt);
}

void PendingQuestions::remove(Attempt& attempt) noexcept {
  by_match_.erase(by_match_.iterator_to(attempt));
}

void PendingQuestions::set_due(PendingQuestion& question, TimePoint due) noexcept {
  timers_.erase(timers_.iterator_to(question));
  question.due = due;
  timers_.insert(question);
}

void PendingQuestions::limit(std::size_t limit, std::size_t per_client) noexcept {
  questions_.limit(limit);
  aliases_.limit(limit);
  accounts_.limit(limit);
  waiters_.limit(limit);
  per_client_ = per_client;
}

}  // namespace berth::dns
