// Replies that take no building: the question as it came, octets that stand ready, OPT.
#pragma once

#include <optional>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/query.hpp"
#include "server/dns/zones.hpp"

namespace berth::dns {

// The header, and OPT where there was one: for what cannot be read, or is no query.
Reply header_only(const HeaderView& query, Rcode rcode, const std::optional<Edns>& edns,
                  wire::MutableBytes out) noexcept;

// No records, and never more octets than the query had. With EDNS the reason goes along where that
// leaves room for it (RFC 8914), as it does behind a cookie.
Reply error(const Query& query, Rcode rcode, wire::MutableBytes out,
            std::optional<ExtendedError> reason = {}) noexcept;

// Whether the RRset fits, and the reply with it, owned by the question's name.
bool fits(const Query& query, const Rrset& rrset) noexcept;
Reply positive(const Query& query, const Rrset& rrset, wire::MutableBytes out) noexcept;

// NXDOMAIN or NODATA (RFC 2308 2). With a zone that the question's name is in, its SOA.
Reply negative(const Query& query, Rcode rcode, const Zone* zone, bool authoritative,
               wire::MutableBytes out) noexcept;

}  // namespace berth::dns
