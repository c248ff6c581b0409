#include "server/dns/record_index.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t min_record_size = 11;
constexpr std::size_t max_records = (65'535 - header_size) / min_record_size;

constexpr std::size_t first_pointer = 0xc000;  // as two octets
constexpr unsigned first_pointer_octet = 0xc0;

// A polynomial of the octets: that of a suffix is known from behind, that of a name with a pointer
// from both its parts.
constexpr std::uint32_t base = 0x9e3779b1;

std::uint32_t value_of(std::byte octet) noexcept {
  return std::to_integer<std::uint32_t>(fold(octet));
}

std::size_t target_of_pointer(wire::Bytes message, std::size_t at) noexcept {
  return wire::load_u16(message, at) & 0x3fffu;
}

// Where the label is that the name at `at` goes on with: behind pointers.
std::size_t label_at(wire::Bytes message, std::size_t at) noexcept {
  while (wire::load_u8(message, at) >= first_pointer_octet) at = target_of_pointer(message, at);
  return at;
}

}  // namespace

RecordIndex::RecordIndex()
    : records_(std::make_unique_for_overwrite<IndexedRecord[]>(max_records)) {}

std::uint32_t RecordIndex::hash(wire::Bytes name) noexcept {
  std::uint32_t hash = 0;
  for (const std::byte octet : name) hash = hash * base + value_of(octet);
  return hash;
}

void RecordIndex::read(const MessageView& response) noexcept {
  message_ = response.octets();
  tail_ = {};
  count_ = comparisons_ = 0;
  read(response.records(Section::answer));
  answer_count_ = count_;
  read(response.records(Section::authority));
}

void RecordIndex::read(const SectionRange<ResourceRecord>& records) noexcept {
  if (records.empty()) return;
  std::size_t at = (*records.begin()).owner.offset();
  for (std::size_t left = records.size(); left > 0; --left) {
    const Owner owner = read_owner(at);
    const RrType type{wire::load_u16(message_, owner.end)};
    const RrClass rr_class{wire::load_u16(message_, owner.end + 2)};
    const std::size_t rdata_size = wire::load_u16(message_, owner.end + 8);
    const std::size_t rdata_at = owner.end + min_record_size - 1;
    if (rr_class == RrClass::in && type != RrType::opt)
      records_[count_++] = {
          .hash = owner.hash,
          .at = static_cast<std::uint16_t>(at),
          .type = type,
          .about = type == RrType::rrsig ? RrType{wire::load_u16(message_, rdata_at)} : type,
          .owner_size = static_cast<std::uint8_t>(owner.size),
          .kept = false};
    at = rdata_at + rdata_size;
  }
}

RecordIndex::Owner RecordIndex::read_owner(std::size_t at) noexcept {
  const std::size_t start = at;
  std::size_t length = 0;
  do {
    length = wire::load_u8(message_, at);
    if (length >= first_pointer_octet) {
      read_tail(target_of_pointer(message_, at));
      return {.hash = hash(message_.subspan(start, at - start)) * tail_.shift + tail_.hash,
              .size = at - start + tail_.size,
              .end = at + 2};
    }
    at += 1 + length;
  } while (length != 0);
  return {.hash = hash(message_.subspan(start, at - start)), .size = at - start, .end = at};
}

// Records that stand one behind the other point to the same name, most often.
void RecordIndex::read_tail(std::size_t at) noexcept {
  if (tail_.at == at) return;
  tail_ = {.at = at};
  std::size_t length = 0;
  do {
    at = label_at(message_, at);
    length = wire::load_u8(message_, at);
    for (const std::byte octet : message_.subspan(at, 1 + length)) {
      tail_.hash = tail_.hash * base + value_of(octet);
      tail_.shift *= base;
    }
    tail_.size += 1 + length;
    at += 1 + length;
  } while (length != 0);
}

void RecordIndex::seek(const Name& name) noexcept {
  sought_ = name;
  equal_pointer_ = 0;
  const wire::Bytes octets = sought_.wire();
  label_starts_.reset();
  for (std::size_t at = 0; at < octets.size(); at += 1u + wire::load_u8(octets, at))
    label_starts_.set(at);
  std::uint32_t hash = 0;
  std::uint32_t shift = 1;
  for (std::size_t at = octets.size(); at > 0; --at) {
    hash += value_of(octets[at - 1]) * shift;
    shift *= base;
    suffix_hashes_[at - 1] = hash;
  }
}

bool RecordIndex::is_at_or_above_sought(const IndexedRecord& record) noexcept {
  if (record.owner_size > sought_.size()) return false;
  const std::size_t from = sought_.size() - record.owner_size;
  if (record.hash != suffix_hashes_[from] || !label_starts_[from]) return false;
  const std::uint16_t pointer = wire::load_u16(message_, record.at);
  if (pointer >= first_pointer && pointer == equal_pointer_) return true;
  if (is_exhausted()) return false;
  ++comparisons_;
  if (!spells(record.at, sought_.wire().subspan(from))) return false;
  equal_pointer_ = pointer;
  return true;
}

bool RecordIndex::is_at_or_below(const IndexedRecord& record, const Name& zone) noexcept {
  if (record.owner_size < zone.size()) return false;
  if (is_exhausted()) return false;
  ++comparisons_;
  std::size_t at = label_at(message_, record.at);
  for (std::size_t left = record.owner_size; left > zone.size();) {
    const std::size_t size = 1u + wire::load_u8(message_, at);
    if (size > left - zone.size()) return false;  // the zone's first label is none of its labels
    left -= size;
    at = label_at(message_, at + size);
  }
  return spells(at, zone.wire());
}

// REQUIRES: the name at `at` is no shorter than `name`
bool RecordIndex::spells(std::size_t at, wire::Bytes name) const noexcept {
  while (!name.empty()) {
    at = label_at(message_, at);
    const std::size_t size = 1u + wire::load_u8(message_, at);
    if (size > name.size()) return false;
    for (std::size_t i = 0; i < size; ++i)
      if (fold(message_[at + i]) != fold(name[i])) return false;
    at += size;
    name = name.subspan(size);
  }
  return true;
}

}  // namespace berth::dns
