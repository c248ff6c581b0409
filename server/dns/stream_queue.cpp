#include "server/dns/stream_queue.hpp"

#include <algorithm>

namespace berth::dns {
namespace {

constexpr std::ptrdiff_t max_streams_per_server = max_streams / 2;
constexpr std::ptrdiff_t max_streams_per_account = max_streams / 4;

}  // namespace

void StreamQueue::add(PendingQuestion& question) noexcept {
  question.stream_waits = true;
  waiting_[question.stream_server].push_back(question);
  ++waiting_count_;
}

PendingQuestion* StreamQueue::open(TimePoint now) noexcept {
  if (waiting_count_ == 0 || open_.size() == max_streams) return nullptr;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    turn_ = (turn_ + 1) % waiting_.size();
    Questions& waiting = waiting_[turn_];
    if (waiting.empty() || is_full(static_cast<UpstreamIndex>(turn_))) continue;
    const auto next =
        std::ranges::find_if(waiting, [&](const auto& question) { return !is_full(question); });
    if (next == waiting.end()) continue;
    PendingQuestion& question = *next;
    remove(question);
    question.stream_sent = now;
    open_.push_back(question);
    return &question;
  }
  return nullptr;
}

void StreamQueue::remove(PendingQuestion& question) noexcept {
  if (question.stream_waits) {
    waiting_[question.stream_server].erase(Questions::s_iterator_to(question));
    --waiting_count_;
    question.stream_waits = false;
  } else {
    open_.erase(Questions::s_iterator_to(question));
  }
}

PendingQuestion* StreamQueue::longest_in_the_way() noexcept {
  if (waiting_count_ == 0) return nullptr;
  const auto found = std::ranges::find_if(open_, [&](const PendingQuestion& one) {
    return open_.size() == max_streams || is_full(one) ||
           (is_full(one.stream_server) && !waiting_[one.stream_server].empty());
  });
  return found == open_.end() ? nullptr : &*found;
}

bool StreamQueue::is_full(UpstreamIndex server) const noexcept {
  return std::ranges::count(open_, server, &PendingQuestion::stream_server) >=
         max_streams_per_server;
}

bool StreamQueue::is_full(const PendingQuestion& question) const noexcept {
  return std::ranges::count(open_, question.stream_account, &PendingQuestion::stream_account) >=
         max_streams_per_account;
}

}  // namespace berth::dns
