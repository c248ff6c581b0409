// The addresses that SVCB and HTTPS records bring along, so that clients need not ask for them:
// what holds for A and AAAA records holds for them (RFC 9460 7.3). Thread-safe.
#pragma once

#include <optional>

#include "protocol/dns/message_view.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

inline bool has_service_hints(RrType type) noexcept {
  return type == RrType::svcb || type == RrType::https;
}

// Whether one of them is an address of a private network. Also true when they cannot be read.
// REQUIRES: has_service_hints(record.type)
bool hints_at_private(const ResourceRecord& record) noexcept;

// The rdata without addresses of IPv6, in `out`. None when a client must heed them (RFC 9460 8),
// when they cannot be read, and when `out` is too small.
// REQUIRES: has_service_hints(record.type)
std::optional<wire::Bytes> without_ipv6_hints(const ResourceRecord& record,
                                              wire::MutableBytes out) noexcept;

}  // namespace berth::dns
