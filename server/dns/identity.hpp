// Who answers: the names of the class CHAOS by which programs ask for it (RFC 4892 2). Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>

#include "protocol/wire/cursor.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/query.hpp"

namespace berth::dns {

// Of up to 255 octets each; what is empty is not told.
struct Identity {
  std::string version;
  std::string host;
};

// None: there is no such name, or it is not told.
std::optional<Reply> answer_identity(const Query& query, const Identity& identity,
                                     wire::MutableBytes out) noexcept;

}  // namespace berth::dns
