// What passes between the server and its binder: which endpoints are wanted, which sockets are open
// for them, and how each of them stands. Values, and descriptors that move; nothing here refers to
// the other side, so that binder and server can be two processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::binder {

// One network to serve. Its address is its identity: a list of Wanted has each address once.
struct Wanted {
  net::Ipv4Prefix link;   // our address, with the subnet's length
  std::string interface;  // empty: whichever carries the address
  bool dhcp = true;
  bool dns = true;
  std::uint16_t dhcp_port = 67;
  std::uint16_t dns_port = 53;

  bool operator==(const Wanted&) const = default;
};

enum class Service : std::uint8_t { dhcp, dns };

enum class Role : std::uint8_t {
  dhcp_broadcast,  // the one reader of broadcasts on the link
  dhcp_unicast,    // renewals and relayed requests, to our address
  link,            // whole frames out, ARP replies in
  dns_udp,
  dns_tcp,  // listening
};

struct Link {
  std::uint32_t index = 0;
  std::string name;
  net::MacAddress mac;   // zero when the link has none
  bool running = false;  // up, and with a carrier

  bool operator==(const Link&) const = default;
};

// Who else has a socket on a port of ours.
struct Holder {
  std::int64_t pid = 0;      // 0: not ours to know
  std::string process;       // "dnsmasq"
  std::string unit;          // "dnsmasq.service", when systemd runs it
  net::Ipv4Address address;  // unspecified: the wildcard, of IPv4 or of both
  bool ipv6 = false;         // the socket is an IPv6 one that takes IPv4 too

  bool operator==(const Holder&) const = default;
};

enum class State : std::uint8_t {
  waiting,   // our address is not there yet
  refused,   // it is, but serving it would be wrong; only a change of links or plan helps
  conflict,  // a socket could not be opened; tried again by itself
  bound,
};

constexpr std::string_view name(Service service) noexcept {
  return service == Service::dhcp ? "dhcp" : "dns";
}

// The server owns `socket` from here on.
struct Opened {
  net::Ipv4Address address;
  Role role = Role::dhcp_broadcast;
  FileDescriptor socket;
  Link link;  // index 0 when the address is not on any link yet
};

// The server closes the socket before it returns to the binder.
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
  Link link;                     // index 0: none
  std::optional<Holder> holder;  // in conflict: who is in the way
  std::string why;               // one sentence, and what to do about it; empty when all is well
  std::vector<std::string> notes;

  bool operator==(const Status&) const = default;
};

// The system refused for lack of privilege. At start this is the end: no waiting helps.
struct NeedsPrivilege {
  net::Ipv4Address address;
  Role role = Role::dhcp_broadcast;
  std::string why;
};

using Event = std::variant<Opened, Closed, Status, NeedsPrivilege>;

}  // namespace berth::binder
