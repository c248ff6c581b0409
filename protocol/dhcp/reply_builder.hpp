// Writes one BOOTREPLY into a caller's buffer. The constructor copies what RFC 2131 table 3 copies
// from the request; the options follow in the order of the calls; finish() echoes option 82 last
// (RFC 3046 2.2), closes the options and pads to the 300 octets of a BOOTP message. Failure is
// sticky, so composing is a straight line with one check at finish().
//
// The message never exceeds `limit` octets. Options that no longer fit the options field go, whole,
// into `file` and then `sname` (option 52, RFC 2131 4.1) as long as those fields are not used for a
// boot file or server name; room for option 52, for option 82 and for `end` is kept from the start.
// A BOOTP reply is never overloaded, since its reader may not know of option 52, and neither is a
// DHCPNAK, whose `file` and `sname` are unused (RFC 2131 table 3). Owns nothing; one builder per
// message; not shared between threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

enum class BuildError : std::uint8_t {
  // What must be there does not fit the limit or the buffer. Less than 300 octets never suffice.
  no_room,
};

// The greatest message this client accepts: option 57 less the IP and UDP headers, never less than
// the 548 octets of RFC 2131 section 2 (RFC 2132 9.10: the legal minimum of option 57 is 576). A
// BOOTP client that sends no option 57 accepts what it sends itself, 300 octets at least (RFC 951).
std::size_t reply_limit(const MessageView& request) noexcept;
// The same for a caller that has read option 57 already.
inline std::size_t reply_limit(const MessageView& request,
                               std::optional<std::uint16_t> maximum_message_size) noexcept {
  if (maximum_message_size)
    return std::max<std::size_t>(*maximum_message_size, default_message_size + ip_udp_header_size) -
           ip_udp_header_size;
  if (request.type()) return default_message_size;
  return std::max(request.bytes().size(), bootp_message_size);
}

class ReplyBuilder {
 public:
  // `type` is absent for a BOOTP reply, which then carries no option 53. `relay_agent_information`
  // is the value of option 82 to echo, empty for none. A value longer than 255 octets is split as
  // RFC 3396 says, here and in option().
  ReplyBuilder(wire::MutableBytes out, const MessageView& request, std::optional<MessageType> type,
               std::size_t limit, wire::Bytes relay_agent_information = {}) noexcept;

  ReplyBuilder& ciaddr(net::Ipv4Address address) noexcept;
  ReplyBuilder& yiaddr(net::Ipv4Address address) noexcept;
  ReplyBuilder& siaddr(net::Ipv4Address address) noexcept;
  // Sets the broadcast flag whatever the request said (RFC 2131 4.3.2: a relayed DHCPNAK).
  ReplyBuilder& broadcast() noexcept;
  // Boot file and server name in their fixed fields; without effect in a DHCPNAK. A text that does
  // not fit its field, terminating zero included, poisons the reply. REQUIRES: called before any
  // option.
  ReplyBuilder& file(std::string_view name) noexcept;
  ReplyBuilder& sname(std::string_view name) noexcept;

  // An option the reply must have: one that does not fit poisons the reply.
  ReplyBuilder& option(OptionCode code, wire::Bytes value) noexcept;
  ReplyBuilder& option(OptionCode code, std::uint8_t value) noexcept;
  ReplyBuilder& option(OptionCode code, std::uint16_t value) noexcept;
  ReplyBuilder& option(OptionCode code, std::uint32_t value) noexcept;
  ReplyBuilder& option(OptionCode code, net::Ipv4Address value) noexcept;

  // An option the client would like: left out, and false, when it does not fit.
  bool option_if_room(OptionCode code, wire::Bytes value) noexcept;

  // Options already in wire form, code and length octets included: a prefix of `out` that costs one
  // copy. They go into the options field only; false, and nothing written, when they do not fit.
  bool encoded_options_if_room(wire::Bytes encoded) noexcept {
    if (options_.end - options_.at < encoded.size()) return false;
    wire::copy(encoded, out_.subspan(options_.at));
    options_.at += encoded.size();
    return true;
  }

  // The finished message, a prefix of `out`.
  expected<wire::Bytes, BuildError> finish() noexcept;

 private:
  // A part of `out_` that options go into.
  struct Area {
    std::size_t at = 0;   // the next option's place
    std::size_t end = 0;  // where options must stop; room for `end` lies behind it
  };

  wire::MutableBytes claim(std::size_t size) noexcept;
  wire::MutableBytes claim_value(OptionCode code, std::size_t size) noexcept;
  void set_address(std::size_t at, net::Ipv4Address address) noexcept;
  void set_text(Area& area, std::size_t at, std::size_t size, std::string_view text) noexcept;

  wire::MutableBytes out_;  // no longer than the limit
  wire::Bytes relay_agent_information_;
  Area options_;
  Area file_;   // empty unless options may go there
  Area sname_;  // likewise
  bool is_nak_ = false;
  bool ok_ = false;
};

}  // namespace berth::dhcp
