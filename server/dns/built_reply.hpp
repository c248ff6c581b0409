// Replies of several RRsets, built record by record: aliases followed to their end, the addresses
// of the servers that were named, and whatever has to be cut to fit.
#pragma once

#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/query.hpp"
#include "server/dns/who_answers.hpp"

namespace berth::dns {

// The RRset of `type`, or the aliases that lead to it, from `match`: the question's name, or what
// it stands for. Where they lead to a name of others, and the client may have them asked, the
// question is for them. REQUIRES: match.kind is exists
Outcome build_reply(const Query& query, RrType type, const Sources& sources,
                    const Zones::Match& match, wire::MutableBytes out) noexcept;

}  // namespace berth::dns
