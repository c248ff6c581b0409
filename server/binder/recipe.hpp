// What is opened for an endpoint, and how: one table per system, so that the policy is the same for
// all of them and a row can be read, and tested, beside the fact that it rests on.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "server/binder/endpoint.hpp"

namespace berth::binder {

enum class Protocol : std::uint8_t { udp, tcp, none };

// Set before the socket is bound. Each socket is non-blocking and closed on exec besides.
enum class SocketOption : std::uint8_t {
  reuse_address,
  free_bind,       // the address need not exist
  broadcast,       // may send to 255.255.255.255
  packet_info,     // each datagram tells its arrival link and destination
  drop_count,      // each datagram tells how many the kernel dropped
  bind_to_device,  // hears the given link only
  send_by_link,    // what it sends leaves by the given link; it hears as before
  ipv6_only,       // leaves IPv4 to others
};

// As setsockopt() knows it.
constexpr std::string_view name(SocketOption option) noexcept {
  constexpr std::array<std::string_view, 8> names{"SO_REUSEADDR", "IP_FREEBIND", "SO_BROADCAST",
                                                  "IP_PKTINFO",   "SO_RXQ_OVFL", "SO_BINDTODEVICE",
                                                  "IP_BOUND_IF",  "IPV6_V6ONLY"};
  return names[static_cast<std::size_t>(option)];
}

class OptionSet {
 public:
  constexpr OptionSet() noexcept = default;
  constexpr OptionSet(std::initializer_list<SocketOption> options) noexcept {
    for (const SocketOption option : options) bits_ |= bit(option);
  }
  constexpr bool contains(SocketOption option) const noexcept { return (bits_ & bit(option)) != 0; }
  constexpr OptionSet with(SocketOption option) const noexcept {
    OptionSet set = *this;
    set.bits_ |= bit(option);
    return set;
  }
  constexpr bool operator==(const OptionSet&) const noexcept = default;

 private:
  static constexpr unsigned bit(SocketOption option) noexcept {
    return 1u << static_cast<unsigned>(option);
  }

  unsigned bits_ = 0;
};

struct ReasonedOption {
  SocketOption option;
  std::string_view why;  // a clause, for people
};

// The options of a recipe, each with its reason, in the order in which they are told.
class ReasonedOptions {
 public:
  constexpr ReasonedOptions() noexcept = default;
  constexpr ReasonedOptions(std::initializer_list<ReasonedOption> options) noexcept {
    for (const ReasonedOption& option : options) {
      assert(size_ < options_.size());
      options_[size_++] = option;
    }
  }
  constexpr OptionSet set() const noexcept {
    OptionSet set;
    for (const ReasonedOption& one : *this) set = set.with(one.option);
    return set;
  }
  constexpr const ReasonedOption* begin() const noexcept { return options_.data(); }
  constexpr const ReasonedOption* end() const noexcept { return options_.data() + size_; }

 private:
  std::array<ReasonedOption, 5> options_{};
  std::size_t size_ = 0;
};

enum class Opens : std::uint8_t {
  from_the_start,
  with_the_address,
  without_broadcast,  // with the address, while a holder keeps dhcp_broadcast from being bound
};

// Whether a socket may be bound beside another's on the same port.
enum class Sharing : std::uint8_t {
  as_bound,         // the options decide
  beside_wildcard,  // bound alone; if that fails, with reuse_address beside a wildcard holder
  unless_taken,     // looks first, and never joins a holder of exactly our address
  after_proxy,      // waits, for the grace, until the system's proxy is there to be bound beside
};

struct Recipe {
  Role role = Role::link;
  Service service = Service::dhcp;
  Protocol protocol = Protocol::none;
  Opens opens = Opens::with_the_address;
  bool wildcard = false;  // bound to every address instead of ours
  // Bound to the link's own IPv6 address instead of ours, and never needed: what is served over
  // IPv4 is served without it.
  bool link_local = false;
  bool of_the_link = true;  // opened anew when the address moves to another link
  Sharing sharing = Sharing::as_bound;
  ReasonedOptions options{};
  // Why it may be several sockets on its address, each with a share of the datagrams; empty: one.
  std::string_view spread{};
  // For people: what reads the link where `protocol` is none, what it is for, and why it is so.
  std::string_view frames_by{};
  std::string_view purpose{};
  std::string_view why{};
};

// Linux. DNS is bound to an address that need not exist: the socket survives whatever happens to
// the link. A second SO_REUSEADDR socket on exactly one address takes all its datagrams, hence
// `beside_wildcard` and `unless_taken`; the DHCP sockets need the option, because their own
// wildcard stands beside them. A wildcard holder that does not share keeps both from being bound:
// then whole frames are read past it. On a listening TCP socket it shares nothing. A broadcast
// never reaches a socket on a specific address, and one bound to a device goes deaf, without an
// error, when the device is made again. SO_REUSEPORT spreads what comes to one address over several
// sockets, each datagram to one of them; a broadcast goes to all, which would all answer: hence DNS
// alone.
inline constexpr std::array linux_recipes{
    Recipe{.role = Role::dhcp_broadcast,
           .protocol = Protocol::udp,
           .wildcard = true,
           .options = {{SocketOption::reuse_address,
                        "stands beside our socket for unicast, and beside servers of other links "
                        "that set it too"},
                       {SocketOption::broadcast,
                        "without it, no answer may be sent to 255.255.255.255"},
                       {SocketOption::packet_info,
                        "each message tells by which link it came, and to which address"},
                       {SocketOption::drop_count,
                        "tells how many messages came while the buffer was full"},
                       {SocketOption::bind_to_device,
                        "hears this link alone; opened anew with the link, since it would hear "
                        "nothing on a new one, and get no error"}},
           .purpose = "broadcasts",
           .why = "a client without an address broadcasts, which a socket on a single address does "
                  "not hear; the one reader on this link, since two would both answer"},
    Recipe{.role = Role::dhcp_tap,
           .opens = Opens::without_broadcast,
           .frames_by = "AF_PACKET",
           .purpose = "broadcasts past a holder",
           .why = "only if a holder that does not share keeps the socket for broadcasts from being "
                  "bound: frames are read before the kernel looks at ports"},
    Recipe{.role = Role::dhcp_unicast,
           .protocol = Protocol::udp,
           .sharing = Sharing::unless_taken,
           .options = {{SocketOption::reuse_address,
                        "our socket for broadcasts, on every address, stands beside it"},
                       {SocketOption::packet_info,
                        "each message tells by which link it came, and to which address"},
                       {SocketOption::drop_count,
                        "tells how many messages came while the buffer was full"}},
           .purpose = "unicast",
           .why = "renewals and relayed requests come to our address; by whichever link, since "
                  "relay agents are on others"},
    Recipe{.role = Role::link,
           .frames_by = "AF_PACKET",
           .purpose = "answers as frames",
           .why =
               "a client without an address does not answer ARP, so its answer is written as a "
               "whole frame; of what comes, it hears answers to ARP, and what other servers reply"},
    Recipe{.role = Role::dns_udp,
           .service = Service::dns,
           .protocol = Protocol::udp,
           .opens = Opens::from_the_start,
           .of_the_link = false,
           .sharing = Sharing::beside_wildcard,
           .options = {{SocketOption::free_bind,
                        "bound before the address exists, and kept while it comes and goes: the "
                        "first question finds it"},
                       {SocketOption::packet_info,
                        "each question tells by which link it came, and to which address"},
                       {SocketOption::drop_count,
                        "tells how many questions came while the buffer was full"}},
           .spread = "each has a thread that answers what comes to it, and the kernel gives all "
                     "questions from one port to one of them",
           .purpose = "queries",
           .why = "our address alone: resolvers on other addresses, loopback among them, keep "
                  "theirs"},
    Recipe{
        .role = Role::dns_tcp,
        .service = Service::dns,
        .protocol = Protocol::tcp,
        .opens = Opens::from_the_start,
        .of_the_link = false,
        .options = {{SocketOption::free_bind,
                     "bound before the address exists, and kept while it comes and goes"},
                    {SocketOption::reuse_address,
                     "lets us start again while old connections are in TIME_WAIT; of a listening "
                     "socket it shares nothing"}},
        .purpose = "longer queries",
        .why = "a client asks again over TCP when an answer did not fit a datagram"},
};

// macOS. A socket on a specific address and one on the wildcard stand side by side if the later has
// SO_REUSEADDR, whatever the earlier has; of one address there is one holder, and a second attempt
// fails as it should. SO_REUSEPORT would share an address with whoever sets it too, and the last
// one bound takes all. mDNSResponder's proxy, which is not root, cannot be bound to the wildcard
// while root holds any address of that port, and tries once: hence `after_proxy`, for each
// protocol by itself, since it binds them one after the other. An address must be there to be
// bound.
//
// No socket option tells links apart there, so DHCP is read and written as whole frames. The tap
// also shows what the host itself sends: the replies of bootpd. dhcp_unicast hears what came by
// another link, from a relay agent; of what the tap shows already it takes the copy, which would
// otherwise be answered by "port unreachable". The guard is bound before there is a link.
//
// vmnet advertises itself as an IPv6 router, and its guests have the bridge's own IPv6 address as
// their first DNS server: unless we are bound to it, mDNSResponder answers there, which knows no
// name of ours. It has a socket of IPv6 alone for each protocol, and the same rules hold.
inline constexpr std::array darwin_recipes{
    Recipe{.role = Role::dhcp_tap,
           .frames_by = "BPF",
           .purpose = "all of the link",
           .why = "no socket hears broadcasts of one link alone, and launchd may have all of them; "
                  "frames are read before the kernel looks at ports, bootpd's answers among them"},
    Recipe{.role = Role::link,
           .frames_by = "BPF",
           .purpose = "answers as frames",
           .why = "a client without an address does not answer ARP, and a broadcast from a socket "
                  "may leave by another link; of what comes, it hears answers to ARP alone"},
    Recipe{.role = Role::dhcp_unicast,
           .protocol = Protocol::udp,
           .options = {{SocketOption::reuse_address,
                        "stands beside a holder of every address, as launchd is for bootpd"},
                       {SocketOption::packet_info,
                        "each message tells by which link it came, and to which address"}},
           .purpose = "unicast",
           .why = "relayed requests come by other links; of what the frames show already it takes "
                  "the copy, which macOS would answer by \"port unreachable\""},
    Recipe{.role = Role::dhcp_guard,
           .protocol = Protocol::udp,
           .opens = Opens::from_the_start,
           .wildcard = true,
           .of_the_link = false,
           .options = {{SocketOption::reuse_address,
                        "stands beside sockets on single addresses; without it they would hear no "
                        "broadcast any more"}},
           .purpose = "guard",
           .why = "while we hold every address launchd cannot, and bootpd starts for no network; "
                  "what it hears is thrown away"},
    Recipe{.role = Role::dns_udp,
           .service = Service::dns,
           .protocol = Protocol::udp,
           .sharing = Sharing::after_proxy,
           .options = {{SocketOption::reuse_address,
                        "stands beside the system's proxy on every address, though that does not "
                        "set it; what is sent to our address comes to us"},
                       {SocketOption::packet_info,
                        "each question tells by which link it came, and to which address"},
                       {SocketOption::send_by_link,
                        "answers leave by this link, whatever routes a VPN has set"}},
           .purpose = "queries",
           .why = "our address alone: the system's proxy keeps all others, and loopback stays free "
                  "for it"},
    Recipe{.role = Role::dns_tcp,
           .service = Service::dns,
           .protocol = Protocol::tcp,
           .sharing = Sharing::after_proxy,
           .options = {{SocketOption::reuse_address,
                        "stands beside the system's proxy on every address"},
                       {SocketOption::send_by_link,
                        "answers leave by this link, whatever routes a VPN has set"}},
           .purpose = "longer queries",
           .why = "a client asks again over TCP when an answer did not fit a datagram"},
    Recipe{.role = Role::dns_udp_ipv6,
           .service = Service::dns,
           .protocol = Protocol::udp,
           .link_local = true,
           .sharing = Sharing::after_proxy,
           .options = {{SocketOption::reuse_address,
                        "stands beside the system's proxy on every address"},
                       {SocketOption::ipv6_only, "our socket for IPv4 stands by itself"}},
           .purpose = "queries by IPv6",
           .why = "router advertisements make this address the first DNS server of guests, and the "
                  "system's proxy would answer there, which knows no name of ours"},
    Recipe{.role = Role::dns_tcp_ipv6,
           .service = Service::dns,
           .protocol = Protocol::tcp,
           .link_local = true,
           .sharing = Sharing::after_proxy,
           .options = {{SocketOption::reuse_address,
                        "stands beside the system's proxy on every address"},
                       {SocketOption::ipv6_only, "our socket for IPv4 stands by itself"}},
           .purpose = "longer queries by IPv6",
           .why = "a client asks again over TCP when an answer did not fit a datagram"},
};

// One socket to open, in full.
struct SocketSpec {
  Role role = Role::link;
  net::Ipv4Address address;                    // to bind; unspecified: the wildcard
  std::optional<net::Ipv6Address> link_local;  // to bind instead, on that link
  std::uint16_t port = 0;
  std::uint32_t link_index = 0;   // 0: no link in particular
  std::uint64_t incarnation = 0;  // of that link; tells the policy, not the system, two links apart
  OptionSet options;
  std::uint16_t sockets = 1;  // on that address, which spread what comes there

  bool operator==(const SocketSpec&) const = default;
};

enum class OpenError : std::uint8_t {
  address_in_use,
  not_permitted,
  vanished,  // the address or the link, since it was reported
  failed,    // anything else
};

struct OpenFailure {
  OpenError error = OpenError::failed;
  std::string text;  // what was attempted, what the system said, what to do

  bool operator==(const OpenFailure&) const = default;
};

}  // namespace berth::binder
