// What stands in a reply (RFC 2131 tables 3 and 5). Pure but for the
// caller's buffer and templates; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/dhcp/reply_builder.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/network.hpp"
#include "server/dhcp/option_template.hpp"
#include "server/dhcp/request.hpp"

namespace berth::dhcp {

struct Answer {
  std::optional<MessageType> type;  // none: BOOTP
  const Request& request;
  const Network& network;
  const Host* host = nullptr;          // null: a stranger, to whom only a NAK can go
  net::Ipv4Address server_identifier;  // option 54
};

// OFFER, ACK or BOOTP reply. REQUIRES: answer.host. The order is 53, 54, the lease times, what the
// client asked for in its order, the rest of what every client gets, what is echoed, 82.
expected<wire::Bytes, BuildError> compose(const Answer& answer, wire::MutableBytes out) noexcept;
// The same octets, in less time for the second client of a kind.
expected<wire::Bytes, BuildError> compose(const Answer& answer, OptionTemplates& templates,
                                          wire::MutableBytes out) noexcept;

// DHCPNAK: 53, 54, the reason in option 56, and what must be echoed, nothing else.
expected<wire::Bytes, BuildError> compose_nak(const Answer& answer, std::string_view reason,
                                              wire::MutableBytes out) noexcept;

}  // namespace berth::dhcp
