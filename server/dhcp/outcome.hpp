// What became of a DHCP datagram: a reply, a reason for silence, or an answer that has to wait.
// Values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/dhcp/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/destination.hpp"

namespace berth::dhcp {

// Index of a network in the Plan that was asked, and of a host within its network.
using NetworkIndex = std::uint32_t;
using HostIndex = std::uint32_t;
inline constexpr std::uint32_t no_index = 0xffffffff;

struct Reply {
  std::optional<MessageType> type;  // none: BOOTP
  Destination destination;
  wire::Bytes payload;  // a prefix of the caller's buffer, until its next use
  NetworkIndex network = no_index;
  HostIndex host = no_index;
  net::Ipv4Address address;  // the client's: yiaddr, or ciaddr for an INFORM; unspecified in a NAK
};

// The outcome is known only after somebody answered, or did not: ask the link of `network` by ARP
// who has `address`, and tell on_probe(); on_timer() at next_deadline() otherwise.
struct Deferred {
  NetworkIndex network = no_index;
  net::Ipv4Address probe;
};

// Why a well-formed datagram gets no answer. Every one is a counter and a word in the log; the
// sentences for operators are in outcome.cpp's table.
enum class Drop : std::uint8_t {
  not_a_request,              // op is not BOOTREQUEST
  unexpected_message_type,    // a server's message, FORCERENEW, LEASEQUERY or an unknown type
  unsupported_hardware,       // htype or hlen is not Ethernet's
  invalid_chaddr,             // all zero, or a group address
  no_network,                 // no served network for this link or giaddr
  dhcp_off,                   // the network has `dhcp: off`
  relay_not_allowed,          // giaddr is no relay of ours
  too_many_hops,              // more than 16 relays (RFC 1542 4.1.1)
  unknown_client,             // no host of the network has this MAC, and there is no pool
  ignored_client,             // the plan says `ignore: true`
  no_address,                 // the host has no address in the plan, and there is no pool
  other_server_selected,      // REQUEST names another server
  not_authoritative,          // a wrong REQUEST that `authoritative: off` does not let us refuse
  missing_requested_address,  // a REQUEST without option 50 and without ciaddr
  off_link,        // INFORM or a unicast REQUEST whose source or ciaddr is not of the network
  declined,        // DECLINE noted
  released,        // RELEASE noted
  not_the_holder,  // DECLINE or RELEASE that does not fit client, address and server id
  reply_too_big,   // what must be there does not fit the client's limit
};
inline constexpr std::size_t drop_count = 19;

std::string_view name(Drop drop) noexcept;         // "unknown_client"
std::string_view explanation(Drop drop) noexcept;  // a sentence for operators

using Outcome = std::variant<Reply, Deferred, Drop>;

// What an operator should hear of beyond the outcome itself.
struct Notice {
  enum class Kind : std::uint8_t {
    first_lease,       // `mac` got `address` for the first time since start
    refused,           // a host of the plan asked for `address` and was refused: NAK
    shared_client_id,  // `mac` and `other_mac` send the same client identifier
    address_in_use,    // `mac` declined `address`; `other_mac` answered ARP for it, if not zero
    address_declined,  // `mac` declined `address`; who else has it could not be asked
    foreign_server,    // `server`, at `other_mac`, answered `mac` with `address`: seen by a tap
    unknown_client,    // `mac` asked for an address, and the plan has no host for it
  } kind{};
  static constexpr std::size_t kind_count = 7;
  NetworkIndex network = no_index;
  HostIndex host = no_index;
  net::Ipv4Address address;
  net::MacAddress mac;
  net::MacAddress other_mac;
  net::Ipv4Address server;
};

}  // namespace berth::dhcp
