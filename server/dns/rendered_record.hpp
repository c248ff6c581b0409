// A record as the zones keep it: the octets of an answer section, owned by the question's name.
// Values that borrow; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

// The octets before the rdata: a pointer to the question's name as owner, type, class, TTL,
// RDLENGTH.
inline constexpr std::size_t rendered_head_size = 12;

// Without its owner.
struct RenderedRecord {
  RrType type{};
  std::uint32_t ttl = 0;
  wire::Bytes rdata;
};

// REQUIRES: a whole record stands at the front
inline RenderedRecord take_record(wire::Bytes& records) noexcept {
  const std::size_t size = wire::load_u16(records, rendered_head_size - 2);
  const RenderedRecord record{.type = RrType{wire::load_u16(records, 2)},
                              .ttl = wire::load_u32(records, 6),
                              .rdata = records.subspan(rendered_head_size, size)};
  records = records.subspan(rendered_head_size + size);
  return record;
}

// So many aliases of our zones are followed.
inline constexpr std::size_t max_aliases = 8;
inline constexpr std::size_t max_aliases_size = max_aliases * (rendered_head_size + max_name_size);

// Where aliases lead that stand one behind the other: each is owned by the target of that before
// it. REQUIRES: there is one
inline wire::Bytes target_of(wire::Bytes aliases) noexcept {
  RenderedRecord last = take_record(aliases);
  while (!aliases.empty()) last = take_record(aliases);
  return last.rdata;
}

}  // namespace berth::dns
