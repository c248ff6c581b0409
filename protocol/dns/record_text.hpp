// Resource records as zone-file text (RFC 1035 5.1, RFC 3597), both ways, for the configuration,
// tools and tests. Nothing allocates in parsing; printing appends to a std::string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

struct RecordTextError {
  std::size_t column = 0;   // octet offset in the line, from 0
  const char* reason = "";  // static text: "expected an IPv4 address"
};

struct ParsedRecord {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  bool has_ttl = false;
  wire::Bytes rdata;  // a prefix of the caller's buffer, uncompressed
};

// One line of a zone file: `owner [ttl] [IN] type rdata`, such as "_etcd._tcp SRV 0 0 2379
// control0" or `note TXT "hello"`. Relative names, in the rdata too, are completed with `origin`.
expected<ParsedRecord, RecordTextError> parse_record(std::string_view line, const Name& origin,
                                                     wire::MutableBytes rdata) noexcept;

// Appends the presentation form of uncompressed rdata; RFC 3597's \# form for what is not well
// formed or of an unknown type.
void append_rdata_text(std::string& out, RrType type, wire::Bytes rdata);

}  // namespace berth::dns
