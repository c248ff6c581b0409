// What a reply must heed of the query that it answers, kept for as long as somebody waits for it;
// and the replies. Values.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"

namespace berth::dns {

struct Asker {
  Asker() noexcept {}  // NOLINT(modernize-use-equals-default): the octets stay as they are
  explicit Asker(const Forward& query) noexcept;

  wire::Bytes qname() const noexcept { return wire::Bytes(octets).first(qname_size); }
  // What others are asked for.
  wire::Bytes name() const noexcept { return aliases.empty() ? qname() : target_of(aliases); }
  bool wants_recursion() const noexcept;

  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // the query's
  RrType qtype{};
  std::uint8_t qname_size = 0;
  bool has_edns = false;
  bool dnssec_ok = false;
  std::uint32_t limit = 0;
  wire::Bytes aliases;                          // Forward::aliases: borrowed
  std::array<std::byte, max_name_size> octets;  // the question's name as the client spells it
};

// No records, but the aliases of ours that lead to NODATA; the reason goes along with EDNS.
Reply failure_reply(const Asker& asker, Rcode rcode, std::optional<ExtendedError> reason,
                    wire::MutableBytes out) noexcept;

// Whether an image of that size, and OPT with it, is no more than the asker takes. One that is goes
// no further: it need not even be copied.
bool fits(const Asker& asker, std::size_t image_size) noexcept;

// Of an image that does not fit: TC and no records (RFC 2181 9), but the aliases of ours.
Reply cut_reply(const Asker& asker, Rcode rcode, std::optional<ExtendedError> reason,
                wire::MutableBytes out) noexcept;

// Makes a reply of an image (image.hpp), which lies at the front of `out` already: id, flags, the
// name as it was asked for and OPT are the asker's. REQUIRES: it fits
Reply image_reply(const Asker& asker, std::size_t image_size, std::optional<ExtendedError> reason,
                  wire::MutableBytes out) noexcept;

// The aliases of ours, and what an image says of the name they lead to; nothing, without an image.
// What is too long is cut, with TC. REQUIRES: `image` and `out` do not overlap
Reply aliased_reply(const Asker& asker, wire::Bytes image, std::optional<ExtendedError> reason,
                    wire::MutableBytes out) noexcept;

}  // namespace berth::dns
