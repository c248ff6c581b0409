// Writes the messages of a client into a caller's buffer: one function for each of the acts of RFC
// 2131 section 4.4, with the fields and options that table 5 demands; further options follow in the
// order of the calls, option 82 (a relay's) last. For tools and tests. Failure is sticky, with one
// check at finish(). Owns nothing; one builder per message; not shared between threads.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// Who asks, and through whom.
struct Requester {
  net::MacAddress chaddr;
  std::uint32_t xid = 0;
  std::uint16_t secs = 0;
  std::uint16_t flags = 0;  // broadcast_flag or nothing
  std::uint8_t hops = 0;
  net::Ipv4Address giaddr;
};

class RequestBuilder {
 public:
  // The message never exceeds `out`; at least the 300 octets of a BOOTP message.
  static RequestBuilder discover(wire::MutableBytes out, const Requester& who) noexcept;
  // Takes the address and the server identifier of an offer; one without option 54 poisons.
  static RequestBuilder request_selecting(wire::MutableBytes out, const Requester& who,
                                          const MessageView& offer) noexcept;
  static RequestBuilder request_selecting(wire::MutableBytes out, const Requester& who,
                                          net::Ipv4Address requested,
                                          net::Ipv4Address server_identifier) noexcept;
  static RequestBuilder request_init_reboot(wire::MutableBytes out, const Requester& who,
                                            net::Ipv4Address requested) noexcept;
  // These two differ in where they are sent: to the server, and to everybody.
  static RequestBuilder request_renewing(wire::MutableBytes out, const Requester& who,
                                         net::Ipv4Address ciaddr) noexcept;
  static RequestBuilder request_rebinding(wire::MutableBytes out, const Requester& who,
                                          net::Ipv4Address ciaddr) noexcept;
  static RequestBuilder decline(wire::MutableBytes out, const Requester& who,
                                net::Ipv4Address declined,
                                net::Ipv4Address server_identifier) noexcept;
  static RequestBuilder release(wire::MutableBytes out, const Requester& who,
                                net::Ipv4Address ciaddr,
                                net::Ipv4Address server_identifier) noexcept;
  static RequestBuilder inform(wire::MutableBytes out, const Requester& who,
                               net::Ipv4Address ciaddr) noexcept;
  // RFC 951: no option 53.
  static RequestBuilder bootp(wire::MutableBytes out, const Requester& who) noexcept;

  // A value longer than 255 octets is split (RFC 3396).
  RequestBuilder& option(OptionCode code, wire::Bytes value) noexcept;
  RequestBuilder& option(OptionCode code, std::uint8_t value) noexcept;
  RequestBuilder& option(OptionCode code, std::uint16_t value) noexcept;
  RequestBuilder& option(OptionCode code, std::uint32_t value) noexcept;
  RequestBuilder& option(OptionCode code, net::Ipv4Address value) noexcept;

  // The value of option 82, as a relay adds it; borrowed until finish().
  RequestBuilder& relay_agent_information(wire::Bytes value) noexcept;

  // The finished message, a prefix of `out`, padded to 300 octets; none when it did not fit.
  std::optional<wire::Bytes> finish() noexcept;

 private:
  RequestBuilder(wire::MutableBytes out, const Requester& who, std::optional<MessageType> type,
                 net::Ipv4Address ciaddr) noexcept;

  wire::Writer writer_;
  wire::Bytes relay_agent_information_;
};

}  // namespace berth::dhcp
