#include "server/dns/cache.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocol/dns/header.hpp"

namespace berth::dns {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

// RFC 8767 4: what an answer beyond its TTL says.
constexpr std::uint32_t stale_ttl = 30;
// Entries that the hand passes before one that is in use goes, too: so that room is made in bounded
// time.
constexpr std::size_t max_passed = 32;
// Failures have to be kept even where answers are not (RFC 9520 3.2).
constexpr std::size_t min_entries = 64;

}  // namespace

// The octets of an entry one behind the other, in its head and its blocks.
class Cache::Octets {
 public:
  explicit Octets(const Entry& entry) noexcept : piece_(entry.head_), next_(entry.rest_) {}

  wire::Bytes take(std::size_t count) noexcept {
    if (piece_.empty()) {
      piece_ = next_->octets;
      next_ = next_->next;
    }
    const wire::Bytes taken = piece_.first(std::min(count, piece_.size()));
    piece_ = piece_.subspan(taken.size());
    return taken;
  }

 private:
  wire::Bytes piece_;
  const Block* next_;
};

// A power of two, and no fewer than entries.
Cache::Buckets::Buckets(std::size_t entries)
    : count(std::bit_ceil(entries)), first(std::make_unique<Index::bucket_type[]>(count)) {}

Cache::Cache(std::size_t entries, std::size_t octets)
    : max_octets_(octets), entries_(0), blocks_(0), buckets_(1), by_question_(buckets_.traits()) {
  limit(entries, octets);
}

void Cache::limit(std::size_t entries, std::size_t octets) noexcept {
  max_octets_ = std::max(octets, min_entries * sizeof(Entry));
  entries_.limit(std::clamp(entries, min_entries, max_octets_ / sizeof(Entry)));
  blocks_.limit(max_octets_ / sizeof(Block));
}

void Cache::grow_index() {
  Buckets more(entries_.limit());
  by_question_.rehash(more.traits());
  buckets_ = std::move(more);
}

std::size_t Cache::octets() const noexcept {
  return entries_.taken() * sizeof(Entry) + blocks_.taken() * sizeof(Block);
}

Cache::Entry* Cache::find_mutable(const QuestionKey& key) noexcept {
  const auto found = by_question_.find(key, Hash(), Equal());
  return found == by_question_.end() ? nullptr : &*found;
}

const Cache::Entry* Cache::find(const QuestionKey& key) noexcept {
  Entry* const entry = find_mutable(key);
  if (entry != nullptr) entry->referenced_ = true;
  return entry;
}

bool Cache::is_fresh(const Entry& entry, TimePoint now) const noexcept {
  return entry.image_size_ != 0 && now < entry.expires_;
}

bool Cache::is_usable(const Entry& entry, TimePoint now) const noexcept {
  return entry.image_size_ != 0 && now < entry.stale_until_;
}

bool Cache::has_failed(const Entry& entry, TimePoint now) const noexcept {
  return now < entry.failed_until_ && entry.failed_ > failures_since_;
}

bool Cache::has_failed_since(const Entry& entry, TimePoint since) const noexcept {
  return entry.failed_until_ != TimePoint::min() && entry.failed_ >= since &&
         entry.failed_ > failures_since_;
}

void Cache::copy(const Entry& entry, TimePoint now, wire::MutableBytes out) noexcept {
  Octets octets(entry);
  for (std::size_t at = 0; at < entry.image_size_;) {
    const wire::Bytes piece = octets.take(entry.image_size_ - at);
    wire::copy(piece, out.subspan(at));
    at += piece.size();
  }
  if (entry.image_size_ % 2 != 0) octets.take(1);
  const bool stale = now >= entry.expires_;
  const auto age = static_cast<std::uint32_t>(duration_cast<seconds>(now - entry.stored_).count());
  for (std::size_t i = 0; i < entry.ttl_count_; ++i) {
    const std::size_t at = wire::load_u16(octets.take(2), 0);
    const std::uint32_t ttl = wire::load_u32(out, at);
    wire::store_u32(out, at, stale ? stale_ttl : ttl - std::min(age, ttl));
  }
}

bool Cache::store(const QuestionKey& key, const Image& image, std::optional<ExtendedError> reason,
                  seconds stale, TimePoint now) noexcept {
  Entry* const entry = take(key);
  if (!write(*entry, image)) {
    remove(*entry);
    return false;
  }
  entry->reason_ = reason;
  entry->stored_ = now;
  entry->expires_ = now + image.ttl;
  entry->stale_until_ = entry->expires_ + stale;
  entry->failed_until_ = TimePoint::min();
  return true;
}

void Cache::erase(const QuestionKey& key) noexcept {
  if (Entry* const entry = find_mutable(key)) remove(*entry);
}

void Cache::store_failure(const QuestionKey& key, std::optional<ExtendedError> reason,
                          TimePoint until, TimePoint now) noexcept {
  Entry* entry = find_mutable(key);
  if (entry == nullptr) entry = take(key);
  entry->reason_ = reason;
  entry->failed_ = now;
  entry->failed_until_ = until;
}

// The entry of that question, made if there is none.
Cache::Entry* Cache::take(const QuestionKey& key) noexcept {
  if (Entry* const entry = find_mutable(key)) return entry;
  if (buckets_.count < entries_.limit()) grow_index();
  Entry* entry = entries_.take();
  while (entry == nullptr || octets() > max_octets_) {
    evict_one(entry);
    if (entry == nullptr) entry = entries_.take();
  }
  entry->qtype_ = key.qtype;
  entry->bits_ = key.bits;
  entry->name_size_ = static_cast<std::uint8_t>(key.name.size());
  entry->hash_ = key.hash;
  entry->referenced_ = false;
  entry->reason_ = std::nullopt;
  entry->failed_until_ = TimePoint::min();
  entry->image_size_ = entry->ttl_count_ = 0;
  wire::copy(key.name, wire::MutableBytes(entry->head_).subspan(header_size));
  by_question_.insert(*entry);
  clock_.push_back(*entry);
  return entry;
}

bool Cache::write(Entry& entry, const Image& image) noexcept {
  release_blocks(entry);
  entry.image_size_ = 0;
  const std::size_t padding = image.octets.size() % 2;
  const std::size_t total = image.octets.size() + padding + 2 * image.ttls.size();
  if (total > max_octets_ / 8) return false;
  wire::MutableBytes room = entry.head_;
  Block** next = &entry.rest_;
  const auto put = [&](wire::Bytes octets) {
    while (!octets.empty()) {
      if (room.empty()) {
        *next = take_block(entry);
        if (*next == nullptr) return false;
        room = (*next)->octets;
        next = &(*next)->next;
      }
      const wire::Bytes piece = octets.first(std::min(octets.size(), room.size()));
      wire::copy(piece, room);
      room = room.subspan(piece.size());
      octets = octets.subspan(piece.size());
    }
    return true;
  };
  if (!put(image.octets) || !put(wire::Bytes(std::array{std::byte{0}}).first(padding)))
    return false;
  for (const std::uint16_t at : image.ttls) {
    std::array<std::byte, 2> offset;
    wire::store_u16(offset, 0, at);
    if (!put(offset)) return false;
  }
  entry.image_size_ = static_cast<std::uint16_t>(image.octets.size());
  entry.ttl_count_ = static_cast<std::uint16_t>(image.ttls.size());
  return true;
}

Cache::Block* Cache::take_block(const Entry& keep) noexcept {
  Block* block = blocks_.take();
  while ((block == nullptr || octets() > max_octets_) && clock_.size() > 1) {
    evict_one(&keep);
    if (block == nullptr) block = blocks_.take();
  }
  if (block != nullptr) block->next = nullptr;
  return block;
}

// The hand passes what was asked for since it came by last. REQUIRES: there is another than `keep`
void Cache::evict_one(const Entry* keep) noexcept {
  for (std::size_t passed = 0;; ++passed) {
    Entry& entry = clock_.front();
    const bool spared = &entry == keep || (entry.referenced_ && passed < max_passed);
    if (!spared) {
      ++evicted_;
      return remove(entry);
    }
    entry.referenced_ = false;
    clock_.splice(clock_.end(), clock_, clock_.begin());
  }
}

void Cache::remove(Entry& entry) noexcept {
  release_blocks(entry);
  by_question_.erase(by_question_.iterator_to(entry));
  clock_.erase(clock_.iterator_to(entry));
  entries_.give_back(entry);
}

void Cache::release_blocks(Entry& entry) noexcept {
  for (Block* block = entry.rest_; block != nullptr;) {
    Block* const next = block->next;
    blocks_.give_back(*block);
    block = next;
  }
  entry.rest_ = nullptr;
}

void Cache::clear() noexcept {
  while (!clock_.empty()) remove(clock_.front());
}

}  // namespace berth::dns
