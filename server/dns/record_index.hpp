// The answer and authority records of a response by their owners: each owner is read once, and then
// only those whose hash is that of the name sought are compared with it, a bounded number of them.
// So a response costs what its octets are worth, however many aliases it has. Nothing allocates
// behind the constructor. One thread at a time.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

struct IndexedRecord {
  std::uint32_t hash;  // of the owner
  std::uint16_t at;
  RrType type;
  RrType about;  // what an RRSIG covers; of others the type
  std::uint8_t owner_size;
  bool kept;  // for the user
};

class RecordIndex {
 public:
  RecordIndex();

  // Forgets what it has read before. Records of other classes and OPT are left out.
  void read(const MessageView& response) noexcept;
  // The name that the records are compared with from now on. REQUIRES: read()
  void seek(const Name& name) noexcept;
  const Name& sought() const noexcept { return sought_; }

  std::span<IndexedRecord> answers() noexcept { return {records_.get(), answer_count_}; }
  std::span<IndexedRecord> authorities() noexcept {
    return std::span(records_.get(), count_).subspan(answer_count_);
  }
  ResourceRecord record(const IndexedRecord& record) const noexcept {
    return ResourceRecord::read(message_, record.at);
  }

  // These are false, too, once there were more comparisons than limit().
  bool is_owned_by_sought(const IndexedRecord& record) noexcept {
    return record.owner_size == sought_.size() && is_at_or_above_sought(record);
  }
  bool is_above_sought(const IndexedRecord& record) noexcept {
    return record.owner_size < sought_.size() && is_at_or_above_sought(record);
  }
  bool is_at_or_above_sought(const IndexedRecord& record) noexcept;
  bool is_at_or_below(const IndexedRecord& record, const Name& zone) noexcept;

  // Of owners, octet by octet. Each record needs one, each alias a few; more are needed only where
  // somebody took the trouble to find names of the same hash.
  std::size_t comparisons() const noexcept { return comparisons_; }
  std::size_t limit() const noexcept { return count_ + spare_comparisons; }
  bool is_exhausted() const noexcept { return comparisons_ > limit(); }

  // Of a name in wire form, whatever its case.
  static std::uint32_t hash(wire::Bytes name) noexcept;

 private:
  static constexpr std::size_t spare_comparisons = 256;

  struct Owner {
    std::uint32_t hash = 0;
    std::size_t size = 0;
    std::size_t end = 0;
  };
  // What a pointer leads to. Of the hash of a name in front of it, `shift` makes its share of the
  // hash of both.
  struct Tail {
    std::size_t at = 0;
    std::uint32_t hash = 0;
    std::uint32_t shift = 1;
    std::size_t size = 0;
  };

  void read(const SectionRange<ResourceRecord>& records) noexcept;
  Owner read_owner(std::size_t at) noexcept;
  void read_tail(std::size_t at) noexcept;
  bool spells(std::size_t at, wire::Bytes name) const noexcept;

  // Behind a pointer, so that memory not written to is not there.
  std::unique_ptr<IndexedRecord[]> records_;
  std::size_t count_ = 0;
  std::size_t answer_count_ = 0;
  wire::Bytes message_;
  Tail tail_;  // of the owner read last that has one

  Name sought_;
  std::array<std::uint32_t, max_name_size> suffix_hashes_{};  // of what begins at each octet
  std::bitset<max_name_size> label_starts_;
  std::uint16_t equal_pointer_ = 0;  // an owner that is known to be, or be above, the name sought
  std::size_t comparisons_ = 0;
};

}  // namespace berth::dns
