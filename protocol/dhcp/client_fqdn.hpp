// The value of option 81, Client FQDN (RFC 4702): the name a client has or wants, and who puts it
// into DNS. Owns the name it parsed; nothing allocates. Thread-safe: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/dhcp/domain_text.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dhcp {

// RFC 4702 2.1; the other bits must be zero and are ignored.
namespace fqdn_flag {
inline constexpr std::uint8_t server_updates = 0x01;  // S
inline constexpr std::uint8_t overridden = 0x02;      // O
inline constexpr std::uint8_t wire_encoding = 0x04;   // E
inline constexpr std::uint8_t no_updates = 0x08;      // N
}  // namespace fqdn_flag

// The flags as people write them, in this order.
struct FqdnFlagLetter {
  char letter;
  std::uint8_t flag;
};
inline constexpr std::array<FqdnFlagLetter, 4> fqdn_flag_letters = {{
    {'S', fqdn_flag::server_updates},
    {'O', fqdn_flag::overridden},
    {'E', fqdn_flag::wire_encoding},
    {'N', fqdn_flag::no_updates},
}};

class ClientFqdn {
 public:
  // None when it has no three leading octets, or when the name is not a host's: hostile labels,
  // compression, characters beyond letters, digits, hyphens and underscores. Both encodings are
  // read, the wire form and the deprecated ASCII; a trailing NUL of the latter is ignored.
  static std::optional<ClientFqdn> parse(wire::Bytes value) noexcept;

  // The client asks the server to update A records. Never together with no_updates().
  bool server_updates() const noexcept { return has(fqdn_flag::server_updates) && !no_updates(); }
  bool overridden() const noexcept { return has(fqdn_flag::overridden); }
  bool wire_encoding() const noexcept { return has(fqdn_flag::wire_encoding); }
  bool no_updates() const noexcept { return has(fqdn_flag::no_updates); }
  std::uint8_t flags() const noexcept { return flags_; }

  // Empty when the client leaves the choice to the server.
  std::string_view name() const noexcept { return name_.view(); }
  bool is_absolute() const noexcept { return name_.is_absolute(); }

 private:
  bool has(std::uint8_t flag) const noexcept { return (flags_ & flag) != 0; }

  std::uint8_t flags_ = 0;
  DomainText name_;
};

// Three octets and a name of 255.
inline constexpr std::size_t client_fqdn_size_max = 3 + domain_wire_size_max;

// Writes the value a server answers with (RFC 4702 section 4) to the front of `out`: the absolute
// name the client has in DNS, S as `server_updates` says, O when that is not what the client asked
// for, N and E as the client's, both RCODEs 255. None when `name` is no name or `out` too small;
// client_fqdn_size_max octets always suffice.
std::optional<wire::Bytes> build_client_fqdn_reply(const ClientFqdn& request, bool server_updates,
                                                   std::string_view name,
                                                   wire::MutableBytes out) noexcept;

}  // namespace berth::dhcp
