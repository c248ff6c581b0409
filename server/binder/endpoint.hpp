// What passes between the server and its binder: which endpoints are wanted, which sockets are open
// for them, and how each of them stands. Values, and descriptors that move; nothing here refers to
// the other side, so that binder and server can be two processes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "protocol/net/mac.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::binder {

enum class Service : std::uint8_t { dhcp, dns };

// One network to serve. Its address is its identity: a list of Wanted has each address once.
struct Wanted {
  net::Ipv4Prefix link;   // our address, with the subnet's length
  std::string interface;  // empty: whichever carries the address
  bool dhcp = true;
  bool dns = true;
  std::uint16_t dhcp_port = 67;
  std::uint16_t dns_port = 53;
  std::uint16_t dns_sockets = 1;  // for UDP, where the system spreads datagrams over several
  // How long DNS lets the system's own proxy bind first, where there is one that could not do so
  // after us. Zero: not at all.
  std::chrono::milliseconds grace{1000};
  bool guard = false;  // holds DHCP's wildcard, so that the system's own server cannot start
  // In option 54. As written in the plan; else our address, or, beside a server that calls itself
  // by it, an address of the link that nobody has.
  std::optional<net::Ipv4Address> server_id;
  std::optional<net::Ipv4Address> second_id;

  bool wants(Service service) const noexcept { return service == Service::dhcp ? dhcp : dns; }
  std::uint16_t port(Service service) const noexcept {
    return service == Service::dhcp ? dhcp_port : dns_port;
  }

  bool operator==(const Wanted&) const = default;
};

enum class Role : std::uint8_t {
  dhcp_broadcast,  // the one reader of broadcasts on the link
  dhcp_tap,        // in its place: whole frames of DHCP, those to servers and those to clients
  dhcp_unicast,    // renewals and relayed requests, to our address
  dhcp_guard,      // keeps others from the wildcard; what it hears is thrown away
  link,            // whole frames out; ARP replies in, and other servers' where no tap shows them
  dns_udp,
  dns_tcp,  // listening
  // On the IPv6 address that the link itself has: what comes there is of that link.
  dns_udp_ipv6,
  dns_tcp_ipv6,
};
inline constexpr std::size_t role_count = 9;

struct Link {
  std::uint32_t index = 0;
  std::string name;
  net::MacAddress mac;   // zero when the link has none
  bool running = false;  // up, and with a carrier

  bool operator==(const Link&) const = default;
};

// How a holder lets others on its port.
struct HolderOptions {
  bool reuse_address = false;
  bool reuse_port = false;
  std::uint32_t uid = 0;     // Linux's
  std::uint32_t device = 0;  // of SO_BINDTODEVICE on Linux; 0: none
  bool ipv6_only = false;    // Linux's: takes no IPv4, so that it is no holder to us

  bool operator==(const HolderOptions&) const = default;
};

// Who else has a socket on a port of ours.
struct Holder {
  std::int64_t pid = 0;                    // 0: not ours to know
  std::string process;                     // "dnsmasq"
  std::string unit;                        // "dnsmasq.service", when systemd runs it
  net::Ipv4Address address;                // unspecified: the wildcard, of IPv4 or of both
  bool ipv6 = false;                       // the socket is an IPv6 one that takes IPv4 too
  std::optional<HolderOptions> options{};  // where they were looked for, and may be known
  // In place of `address`, where the socket takes IPv6 alone; unspecified: its wildcard.
  std::optional<net::Ipv6Address> ipv6_only{};

  bool operator==(const Holder&) const = default;
};

enum class State : std::uint8_t {
  waiting,   // our address is not there yet
  grace,     // it is; the system's own proxy may bind first, for a moment
  refused,   // it is, but serving it would be wrong; only a change of links or plan helps
  conflict,  // a socket could not be opened, or somebody has a share in it; seen to by itself
  bound,
};

// How clients reach us.
enum class Path : std::uint8_t {
  none,
  socket,
  tap,  // whole frames, past whoever holds the port
};

constexpr std::string_view name(Service service) noexcept {
  return service == Service::dhcp ? "dhcp" : "dns";
}

// The server owns `socket` from here on.
struct Opened {
  net::Ipv4Address address;
  Role role = Role::dhcp_broadcast;
  FileDescriptor socket;
  Link link;                         // index 0 when the address is not on any link yet
  std::uint16_t port = 0;            // of the service
  std::vector<FileDescriptor> more;  // sockets of dns_udp: each has its share of the datagrams
};

// The server closes the socket, and what came with it, before it returns to the binder.
struct Closed {
  net::Ipv4Address address;
  Role role = Role::dhcp_broadcast;
};

// How one service of one endpoint stands; sent whenever anything in it changes, so that `link` is
// current (its MAC address, its name, its carrier) without the sockets being opened anew.
struct Status {
  net::Ipv4Address address;
  Service service = Service::dhcp;
  State state = State::waiting;
  bool serving = false;          // clients get answers, though perhaps not all: see `why`
  Path path = Path::none;        // none: not serving
  net::Ipv4Address server_id;    // of DHCP: the one to give out now
  Link link;                     // index 0: none
  std::optional<Holder> holder;  // in conflict: who is in the way
  // In conflict with somebody who is still being looked for, for a moment: not worth a line yet.
  bool is_unsettled = false;
  std::string why;  // one sentence, and what to do about it; empty when all is well
  std::vector<std::string> notes;

  bool operator==(const Status&) const = default;
};

// The system refused for lack of privilege. At start this is the end: no waiting helps.
struct NeedsPrivilege {
  net::Ipv4Address address;
  Role role = Role::dhcp_broadcast;
  std::string why;
};

// Another DHCP server, which has answered a client on the link. One of this machine, as bootpd on
// macOS, may call itself by the address that is ours too: while it is there, we call ourselves by
// another, so that no client means both of us. A guest that calls itself so is only named: what it
// forges shall not cost our clients their renewals. Where a system cannot tell the two, it costs
// those until an hour after the last forgery.
struct ForeignServer {
  net::Ipv4Address id;  // in option 54
  bool by_host = false;

  bool operator==(const ForeignServer&) const = default;
};

// What the system has told of its links made no sense, and is asked for anew.
struct BadNews {
  std::string_view reason;  // a ParseError's name; static
  std::uint64_t count = 0;
};

using Event = std::variant<Opened, Closed, Status, NeedsPrivilege, BadNews>;

}  // namespace berth::binder
