// Replies of several RRsets, built record by record: aliases followed to their end, the addresses
// of the servers that were named, and whatever has to be cut to fit.
#pragma once

#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/query.hpp"
#include "server/dns/zones.hpp"

namespace berth::dns {

// The RRset of `type`, or the aliases that lead to it, from `match`: the question's name, or what
// it stands for. REQUIRES: match.kind is exists
Reply build_reply(const Query& query, RrType type, const Zones& zones, const Zones::Match& match,
                  wire::MutableBytes out) noexcept;

}  // namespace berth::dns
