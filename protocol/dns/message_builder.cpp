#include "protocol/dns/message_builder.hpp"

#include <cassert>
#include <limits>

namespace berth::dns {
namespace {

constexpr std::size_t pointer_reach = 0x4000;  // a pointer has 14 bits
constexpr std::uint16_t pointer_bits = 0xc000;

std::uint32_t hash_label(wire::Bytes label, std::uint32_t rest) noexcept {
  std::uint32_t hash = rest;
  for (const std::byte octet : label)
    hash = (hash ^ std::to_integer<std::uint32_t>(octet)) * 0x01000193u;  // FNV-1a
  return hash;
}

// Whether the name at `at` of `message`, which we wrote, is exactly `name`.
bool spells(wire::Bytes message, std::size_t at, wire::Bytes name) noexcept {
  for (std::size_t i = 0; i < name.size();) {
    while (wire::load_u8(message, at) >= 0xc0) at = wire::load_u16(message, at) & 0x3fffu;
    const std::size_t length = 1u + wire::load_u8(message, at);
    if (length > name.size() - i) return false;
    if (!wire::equal(message.subspan(at, length), name.subspan(i, length))) return false;
    at += length;
    i += length;
  }
  return true;
}

}  // namespace

std::optional<std::uint16_t> NameCompressor::find(wire::Bytes message, std::uint32_t hash,
                                                  wire::Bytes suffix) const noexcept {
  for (std::size_t i = 0; i < count_; ++i)
    if (entries_[i].hash == hash && spells(message, entries_[i].at, suffix)) return entries_[i].at;
  return std::nullopt;
}

void NameCompressor::write(wire::Writer& out, wire::Bytes name) noexcept {
  std::array<std::uint8_t, max_name_size / 2> labels;
  std::array<std::uint32_t, max_name_size / 2> hashes;
  std::size_t count = 0;
  for (std::size_t at = 0; name[at] != std::byte{0}; at += 1u + wire::load_u8(name, at))
    labels[count++] = static_cast<std::uint8_t>(at);
  std::uint32_t hash = 0x811c9dc5u;
  for (std::size_t i = count; i > 0; --i) {
    const std::size_t at = labels[i - 1];
    hash = hash_label(name.subspan(at, 1u + wire::load_u8(name, at)), hash);
    hashes[i - 1] = hash;
  }

  const wire::Bytes written = out.written();
  std::size_t fresh = 0;  // labels to spell out
  std::optional<std::uint16_t> target;
  while (fresh < count && !target) {
    target = find(written, hashes[fresh], name.subspan(labels[fresh]));
    if (!target) ++fresh;
  }
  for (std::size_t i = 0; i < fresh && count_ < capacity; ++i) {
    const std::size_t at = out.size() + labels[i];
    if (at < pointer_reach) entries_[count_++] = {hashes[i], static_cast<std::uint16_t>(at)};
  }
  if (target) {
    out.bytes(name.first(labels[fresh]));
    out.u16(static_cast<std::uint16_t>(pointer_bits | *target));
  } else {
    out.bytes(name);
  }
}

void NameCompressor::rollback(std::size_t size) noexcept {
  while (count_ > 0 && entries_[count_ - 1].at >= size) --count_;
}

MessageBuilder::MessageBuilder(wire::MutableBytes out, std::uint16_t id,
                               std::uint16_t flags) noexcept
    : out_(out), writer_(out), id_(id), flags_(flags) {
  writer_.zeros(header_size);
  if (!writer_.ok()) error_ = BuildError::no_room;
}

void MessageBuilder::edns(const Edns& edns) noexcept {
  assert(section_ == Section::question);
  edns_ = edns;
  if (writer_.size() + edns.wire_size() > out_.size()) error_ = BuildError::no_room;
}

void MessageBuilder::rcode(Rcode rcode) noexcept {
  const auto code = static_cast<std::uint16_t>(rcode);
  flags_ = static_cast<std::uint16_t>((flags_ & ~flag::rcode_mask) | (code & flag::rcode_mask));
  extended_rcode_ = static_cast<std::uint8_t>(code >> 4);
}

void MessageBuilder::question(wire::Bytes qname, RrType qtype, RrClass qclass) noexcept {
  assert(section_ == Section::question);
  const std::size_t start = writer_.size();
  names_.write(writer_, qname);
  writer_.u16(static_cast<std::uint16_t>(qtype));
  writer_.u16(static_cast<std::uint16_t>(qclass));
  if (!end(Section::question, start) && !error_) error_ = BuildError::no_room;
}

bool MessageBuilder::record(Section section, wire::Bytes owner, RrType type, RrClass rr_class,
                            std::uint32_t ttl, wire::Bytes rdata_octets) noexcept {
  if (!begin(section)) return false;
  const std::size_t start = writer_.size();
  names_.write(writer_, owner);
  head(type, rr_class, ttl);
  rdata(RdataWalk(type, rdata_octets, 0, rdata_octets.size()));
  return end(section, start);
}

bool MessageBuilder::record(Section section, const ResourceRecord& record) noexcept {
  if (!begin(section)) return false;
  const std::size_t start = writer_.size();
  std::array<std::byte, max_name_size> owner;
  names_.write(writer_, record.owner.copy_to(owner));
  head(record.type, record.rr_class, record.ttl);
  // Updates have records of known types without rdata (RFC 2136 2.4).
  if (record.rdata_size == 0) {
    writer_.u16(0);
  } else {
    rdata(record.walk_rdata());
  }
  return end(section, start);
}

bool MessageBuilder::begin(Section section) noexcept {
  assert(section >= section_ && section != Section::question);
  section_ = section;
  return !truncated_ && !error_;
}

void MessageBuilder::head(RrType type, RrClass rr_class, std::uint32_t ttl) noexcept {
  writer_.u16(static_cast<std::uint16_t>(type));
  writer_.u16(static_cast<std::uint16_t>(rr_class));
  writer_.u32(ttl);
}

void MessageBuilder::rdata(RdataWalk walk) noexcept {
  const std::size_t length_at = writer_.size();
  writer_.u16(0);
  while (const auto part = walk.next()) {
    std::array<std::byte, max_name_size> expanded;
    if (!part->name) {
      writer_.bytes(part->octets);
    } else if (part->field == RdataField::domain_name) {
      names_.write(writer_, part->name->copy_to(expanded));
    } else {
      writer_.bytes(part->name->copy_to(expanded));
    }
  }
  if (!walk.complete()) error_ = BuildError::bad_rdata;
  if (!writer_.ok()) return;
  const std::size_t length = writer_.size() - length_at - 2;
  if (length > std::numeric_limits<std::uint16_t>::max()) return writer_.fail();
  wire::store_u16(writer_.written(), length_at, static_cast<std::uint16_t>(length));
}

bool MessageBuilder::end(Section section, std::size_t start) noexcept {
  const std::size_t reserved = edns_ ? edns_->wire_size() : 0;
  auto& count = counts_[static_cast<std::size_t>(section)];
  if (!error_ && writer_.ok() && writer_.size() + reserved <= out_.size() &&
      count < std::numeric_limits<std::uint16_t>::max()) {
    ++count;
    return true;
  }
  writer_.rollback(start);
  names_.rollback(start);
  if (section == Section::answer || section == Section::authority) truncated_ = true;
  return false;
}

void MessageBuilder::take_back(const Mark& mark) noexcept {
  assert(section_ == Section::additional || writer_.size() == mark.size);
  writer_.rollback(mark.size);
  names_.rollback(mark.size);
  counts_[section_count - 1] = mark.count;
}

expected<wire::Bytes, BuildError> MessageBuilder::finish() noexcept {
  if (error_) return unexpected(*error_);
  if (edns_) {
    edns_->extended_rcode = extended_rcode_;
    edns_->write(writer_);
    ++counts_[static_cast<std::size_t>(Section::additional)];
  }
  assert(writer_.ok());
  wire::store_u16(out_, field::id, id_);
  wire::store_u16(out_, field::flags,
                  static_cast<std::uint16_t>(flags_ | (truncated_ ? flag::tc : 0)));
  for (std::size_t i = 0; i < section_count; ++i)
    wire::store_u16(out_, field::counts + 2 * i, counts_[i]);
  return writer_.written();
}

}  // namespace berth::dns
