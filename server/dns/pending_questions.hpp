// The questions that are in flight, who waits for them, and the queries that were sent for each:
// found by question, by what a response must match, and by time. Bounded; memory is taken with the
// first of each kind, and nothing allocates from then on, until limit() allows more. One thread at
// a time.
#pragma once

#include <algorithm>
#include <array>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <tuple>

#include "server/dns/asker.hpp"
#include "server/dns/forwarder.hpp"
#include "server/dns/pool.hpp"
#include "server/dns/question_key.hpp"
#include "server/dns/upstream_servers.hpp"
#include "server/time.hpp"

namespace berth::dns {

// Queries sent for one question, over all servers.
inline constexpr std::size_t max_attempts = 8;

// Aliases of ours that an answer begins with.
struct KeptAliases {
  Pool<KeptAliases>::Number number = 0;
  std::array<std::byte, max_aliases_size> octets;
};

// How many wait whose share is one.
struct Account : boost::intrusive::set_base_hook<> {
  Pool<Account>::Number number = 0;
  std::uint64_t id = 0;
  std::size_t waiting = 0;
};

// Somebody who gets an answer.
struct Waiter : boost::intrusive::list_base_hook<> {
  // From where the answer is taken when its turn comes.
  enum class Ending : std::uint8_t { image, stale, failure };

  Pool<Waiter>::Number number = 0;
  Ending ending = Ending::failure;
  std::optional<ExtendedError> reason;
  WaiterId id{};
  Account* account = nullptr;  // whose share it counts for
  TimePoint since;
  Asker asker;
  KeptAliases* aliases = nullptr;  // the asker's, if there are any
};

struct PendingQuestion;

// A query by UDP, which a response may still answer.
struct Attempt {
  UpstreamIndex server = 0;
  SlotIndex slot = 0;
  std::uint16_t id = 0;
  bool live = false;
  bool unsent = false;
  bool plain = false;  // without EDNS
  TimePoint sent;
  PendingQuestion* question = nullptr;  // while it is live
  boost::intrusive::set_member_hook<> hook{};
};

using QueueHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Among the queries by TCP.
struct ByStream;
using StreamHook = boost::intrusive::list_base_hook<boost::intrusive::tag<ByStream>>;

struct ByTime;
struct ByQuestion;

struct PendingQuestion : boost::intrusive::set_base_hook<boost::intrusive::tag<ByTime>>,
                         boost::intrusive::set_base_hook<boost::intrusive::tag<ByQuestion>>,
                         QueueHook,
                         StreamHook {
  PendingQuestion() noexcept {}  // NOLINT(modernize-use-equals-default): the name stays as it is

  wire::Bytes qname() const noexcept { return wire::Bytes(octets).first(qname_size); }
  QuestionKey key() const noexcept {
    return {.name = qname(), .qtype = qtype, .bits = bits, .hash = hash};
  }
  bool is_queued() const noexcept { return QueueHook::is_linked(); }
  // Whether a datagram may still answer.
  bool is_awaited() const noexcept {
    return std::any_of(attempts.begin(), attempts.begin() + attempt_count,
                       [](const Attempt& attempt) { return attempt.live; });
  }
  const Attempt& last_attempt() const noexcept { return attempts[attempt_count - 1u]; }

  Pool<PendingQuestion>::Number number = 0;
  std::uint32_t generation = 0;  // of those that had this number
  RrType qtype{};
  std::uint8_t bits = 0;
  std::uint8_t qname_size = 0;
  std::uint8_t attempt_count = 0;
  std::uint8_t rounds = 0;  // over all servers
  bool stale = false;       // the cache has an old answer
  bool probe = false;       // for nobody, of one server
  bool stream_unsent = false;
  bool stream_live = false;   // asked by TCP, or about to be
  bool stream_waits = false;  // for its turn
  UpstreamIndex stream_server = 0;
  std::uint16_t stream_id = 0;
  std::uint64_t stream_account = 0;  // whose share of the streams it counts for
  std::uint64_t hash = 0;
  ServerSet tried = 0;                  // in this round
  ServerSet failed = 0;                 // for good
  ServerSet plain = 0;                  // those that want no EDNS
  std::optional<ExtendedError> reason;  // that a server gave
  TimePoint started;
  TimePoint next_attempt;
  TimePoint due;
  TimePoint stream_sent;
  boost::intrusive::list<Waiter> waiters;
  std::array<Attempt, max_attempts> attempts;
  std::array<std::byte, (max_name_size + 7) / 8> capitals{};  // a bit for each octet of the name
  std::array<std::byte, max_name_size> octets;                // in lower case
};

class PendingQuestions {
 public:
  PendingQuestions(std::size_t limit, std::size_t per_client)
      : per_client_(per_client),
        aliases_(limit),
        accounts_(limit),
        waiters_(limit),
        questions_(limit) {}

  PendingQuestion* find(const QuestionKey& key) noexcept;
  struct Found {
    PendingQuestion* question = nullptr;
    Attempt* attempt = nullptr;
  };
  Found find(UpstreamIndex server, SlotIndex slot, std::uint16_t id) noexcept;
  PendingQuestion* find(StreamId stream) noexcept;

  // Null when there are as many as may be. A probe is not found by its question.
  PendingQuestion* add(const QuestionKey& key, bool probe, TimePoint now) noexcept;
  // REQUIRES: nobody waits for it, and no attempt is live
  void remove(PendingQuestion& question) noexcept;

  bool has_share(std::uint64_t account) const noexcept;
  // Null when as many wait as may.
  Waiter* add_waiter(PendingQuestion& question, const Asker& asker, std::uint64_t account) noexcept;
  void remove(Waiter& waiter) noexcept;  // which is in no list any more

  void add(PendingQuestion& question, Attempt& attempt) noexcept;
  void remove(Attempt& attempt) noexcept;
  static StreamId stream_of(const PendingQuestion& question) noexcept {
    return StreamId{std::uint64_t{question.generation} << 32 | question.number};
  }

  void set_due(PendingQuestion& question, TimePoint due) noexcept;
  // The one whose time is next; null for none.
  PendingQuestion* next() noexcept { return timers_.empty() ? nullptr : &*timers_.begin(); }
  std::optional<TimePoint> next_due() const noexcept {
    return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->due);
  }
  // Every question. `use` may remove the one it is given.
  template <class Use>
  void for_each(Use use) {
    for (auto at = timers_.begin(); at != timers_.end();) use(*at++);
  }

  std::size_t size() const noexcept { return questions_.taken(); }
  std::size_t limit() const noexcept { return questions_.limit(); }
  void limit(std::size_t limit, std::size_t per_client) noexcept;

 private:
  struct KeyOf {
    using type = QuestionKey;
    QuestionKey operator()(const PendingQuestion& one) const noexcept { return one.key(); }
  };
  struct KeyOrder {
    bool operator()(const QuestionKey& left, const QuestionKey& right) const noexcept {
      const auto head = [](const QuestionKey& key) {
        return std::tuple(key.hash, key.qtype, key.bits, key.name.size());
      };
      if (head(left) != head(right)) return head(left) < head(right);
      return std::memcmp(left.name.data(), right.name.data(), left.name.size()) < 0;
    }
  };
  struct DueOf {
    using type = TimePoint;
    TimePoint operator()(const PendingQuestion& one) const noexcept { return one.due; }
  };
  struct MatchOf {
    using type = std::uint32_t;
    std::uint32_t operator()(const Attempt& attempt) const noexcept {
      return match_of(attempt.server, attempt.slot, attempt.id);
    }
  };
  struct IdOf {
    using type = std::uint64_t;
    std::uint64_t operator()(const Account& account) const noexcept { return account.id; }
  };
  template <class Tag>
  using Hook =
      boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<Tag>>>;
  using Timers = boost::intrusive::multiset<PendingQuestion, Hook<ByTime>,
                                            boost::intrusive::key_of_value<DueOf>>;
  using Questions =
      boost::intrusive::set<PendingQuestion, Hook<ByQuestion>, boost::intrusive::compare<KeyOrder>,
                            boost::intrusive::key_of_value<KeyOf>>;
  using Matches = boost::intrusive::set<
      Attempt,
      boost::intrusive::member_hook<Attempt, boost::intrusive::set_member_hook<>, &Attempt::hook>,
      boost::intrusive::key_of_value<MatchOf>>;

  static std::uint32_t match_of(UpstreamIndex server, SlotIndex slot, std::uint16_t id) noexcept {
    const std::uint32_t socket = server * std::uint32_t{max_slots} + slot;
    return socket << 16 | id;
  }

  std::size_t per_client_;
  Pool<KeptAliases> aliases_;
  Pool<Account> accounts_;
  Pool<Waiter> waiters_;  // before the questions, whose lists they are in
  Pool<PendingQuestion> questions_;
  // Trees, since a table of hashes allocates when it is made anew.
  Questions by_question_;
  Matches by_match_;
  boost::intrusive::set<Account, boost::intrusive::key_of_value<IdOf>> by_account_;
  Timers timers_;
};

}  // namespace berth::dns
