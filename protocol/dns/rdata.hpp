// What the rdata of the known types is made of: one table, from which messages are validated,
// names in rdata are compressed and records are read and printed as text. A type that is not in the
// table is opaque (RFC 3597). Nothing allocates; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/dns/name_view.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

enum class RdataField : std::uint8_t {
  ipv4,
  ipv6,
  u8,
  u16,
  u32,
  domain_name,        // senders may compress it: the types of RFC 1035 (RFC 3597 4)
  uncompressed_name,  // receivers expand it, senders never compress it
  tag,                // a <character-string> that is a word: CAA's property tag (RFC 8659 4.1)
  text,               // one <character-string>
  texts,              // one or more of them, to the end
  text_rest,          // text without a length, to the end
  hex,                // one octet or more, to the end
  counted,            // a length octet and as many octets
  bitmap,             // a type bitmap (RFC 4034 4.1.2), to the end
  opaque,             // whatever there is, to the end
};

// The fields of `type` in order; a single `opaque` for unknown types.
std::span<const RdataField> rdata_fields(RrType type) noexcept;

struct RdataPart {
  RdataField field{};
  wire::Bytes octets;            // as they stand in the message
  std::optional<NameView> name;  // when the field is a name
};

// Walks the rdata in [at, end) of `message` field by field. Uncompressed rdata that stands alone is
// walked as a message of its own, with at = 0; a name with a pointer then means nothing.
class RdataWalk {
 public:
  RdataWalk(RrType type, wire::Bytes message, std::size_t at, std::size_t end) noexcept
      : fields_(rdata_fields(type)), message_(message.first(end)), at_(at) {}

  // The next part; `texts` is handed out text by text. None at the end, and at what is malformed.
  std::optional<RdataPart> next() noexcept;

  // After next() gave none: whether the rdata was well formed to its last octet.
  bool complete() const noexcept { return fields_.empty() && at_ == message_.size(); }

 private:
  std::optional<std::size_t> measure(RdataField field) const noexcept;

  std::span<const RdataField> fields_;
  wire::Bytes message_;
  std::size_t at_;
};

// Whether [at, end) of `message` is rdata of `type`.
bool well_formed_rdata(RrType type, wire::Bytes message, std::size_t at, std::size_t end) noexcept;

}  // namespace berth::dns
