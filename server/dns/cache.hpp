// What servers said, kept for as long as they say: images that we wrote, with the offsets of their
// TTLs, so that a hit is a copy and a patch. Also failures, for a moment (RFC 9520). Bounded in
// entries and in octets; what has not been asked for since it was last looked at goes first
// (CLOCK). Memory is taken with the first that is stored, and touched as far as it is used; nothing
// allocates from then on, until limit() allows more. One thread at a time.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/header.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/image.hpp"
#include "server/dns/pool.hpp"
#include "server/dns/question_key.hpp"
#include "server/time.hpp"

namespace berth::dns {

class Cache {
 public:
  // One answer, one failure, or both: an old answer that could not be renewed.
  class Entry;

  Cache(std::size_t entries, std::size_t octets);

  // Also what has expired; null when there is nothing. The entry is good until the next store().
  const Entry* find(const QuestionKey& key) noexcept;

  // Keeps an image for its TTL, and `stale` beyond. False when it is too large.
  // REQUIRES: image.ttl > 0
  bool store(const QuestionKey& key, const Image& image, std::optional<ExtendedError> reason,
             std::chrono::seconds stale, TimePoint now) noexcept;
  void erase(const QuestionKey& key) noexcept;
  // Servers could not answer: so it is until `until`. An image that is there stays.
  void store_failure(const QuestionKey& key, std::optional<ExtendedError> reason, TimePoint until,
                     TimePoint now) noexcept;
  // A server answers again: what failed before may not fail now.
  void forget_failures(TimePoint now) noexcept { failures_since_ = now; }
  void clear() noexcept;

  // Copies the entry's image to the front of `out`, its TTLs less what has passed; of an entry that
  // has expired, the TTLs that RFC 8767 4 gives it.
  // REQUIRES: out.size() >= entry.size()
  static void copy(const Entry& entry, TimePoint now, wire::MutableBytes out) noexcept;

  bool is_fresh(const Entry& entry, TimePoint now) const noexcept;
  bool is_usable(const Entry& entry, TimePoint now) const noexcept;  // fresh or stale
  bool has_failed(const Entry& entry, TimePoint now) const noexcept;
  // The last time it was to be renewed, unless a server has come back.
  bool has_failed_since(const Entry& entry, TimePoint since) const noexcept;

  std::size_t size() const noexcept { return entries_.taken(); }
  std::size_t octets() const noexcept;
  std::size_t evicted() const noexcept { return evicted_; }

  // Entries beyond it go with the next store().
  void limit(std::size_t entries, std::size_t octets) noexcept;

 private:
  struct Block {
    Pool<Block>::Number number = 0;
    Block* next = nullptr;
    std::array<std::byte, 240> octets;
  };

 public:
  // What is compared is in its first cache line.
  class alignas(64) Entry : public boost::intrusive::unordered_set_base_hook<>,
                            public boost::intrusive::list_base_hook<> {
   public:
    Pool<Entry>::Number number = 0;

    std::size_t size() const noexcept { return image_size_; }  // 0: only a failure
    std::optional<ExtendedError> reason() const noexcept { return reason_; }
    // REQUIRES: size() != 0
    Rcode rcode() const noexcept { return HeaderView::parse(wire::Bytes(head_))->rcode(); }

   private:
    friend class Cache;

    wire::Bytes name() const noexcept {
      return wire::Bytes(head_).subspan(header_size, name_size_);
    }

    RrType qtype_{};
    std::uint8_t bits_ = 0;
    std::uint8_t name_size_ = 0;
    bool referenced_ = false;
    std::optional<ExtendedError> reason_;
    std::uint64_t hash_ = 0;
    TimePoint stored_;
    TimePoint expires_;
    TimePoint stale_until_;
    TimePoint failed_;
    TimePoint failed_until_;
    Block* rest_ = nullptr;
    std::uint16_t image_size_ = 0;
    std::uint16_t ttl_count_ = 0;
    // The image, then the offsets of its TTLs; what does not fit here is in blocks. A header and a
    // name fit always.
    std::array<std::byte, 288> head_;
  };

 private:
  struct Hash {
    std::size_t operator()(const Entry& entry) const noexcept { return entry.hash_; }
    std::size_t operator()(const QuestionKey& key) const noexcept { return key.hash; }
  };
  struct Equal {
    // It is the one, most likely: its image is fetched while the name is compared.
    bool operator()(const QuestionKey& key, const Entry& entry) const noexcept {
      if (key.hash != entry.hash_) return false;
      __builtin_prefetch(entry.head_.data() + 64);
      return key.qtype == entry.qtype_ && key.bits == entry.bits_ &&
             wire::equal(key.name, entry.name());
    }
    bool operator()(const Entry& left, const Entry& right) const noexcept {
      return &left == &right;
    }
  };
  // A table that grows would allocate when it pleases.
  using Index = boost::intrusive::unordered_set<
      Entry, boost::intrusive::hash<Hash>, boost::intrusive::equal<Equal>,
      boost::intrusive::power_2_buckets<true>, boost::intrusive::constant_time_size<false>>;
  struct Buckets {
    explicit Buckets(std::size_t entries);
    Index::bucket_traits traits() noexcept { return {first.get(), count}; }

    std::size_t count;
    std::unique_ptr<Index::bucket_type[]> first;
  };
  class Octets;

  Entry* find_mutable(const QuestionKey& key) noexcept;
  Entry* take(const QuestionKey& key) noexcept;
  void grow_index();
  bool write(Entry& entry, const Image& image) noexcept;
  Block* take_block(const Entry& keep) noexcept;
  void evict_one(const Entry* keep) noexcept;
  void remove(Entry& entry) noexcept;
  void release_blocks(Entry& entry) noexcept;

  std::size_t max_octets_;
  Pool<Entry> entries_;
  Pool<Block> blocks_;
  Buckets buckets_;
  Index by_question_;
  boost::intrusive::list<Entry> clock_;  // the front is looked at next
  TimePoint failures_since_ = TimePoint::min();
  std::size_t evicted_ = 0;
};

}  // namespace berth::dns
