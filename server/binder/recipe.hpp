// What is opened for an endpoint, and how: one table per system, so that the policy is the same for
// all of them and a row can be read, and tested, beside the fact that it rests on.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "protocol/net/ipv4.hpp"
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
};

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

enum class Opens : std::uint8_t { from_the_start, with_the_address };

// Whether a socket may be bound beside another's on the same port.
enum class Sharing : std::uint8_t {
  as_bound,         // the options decide
  beside_wildcard,  // bound alone; if that fails, with reuse_address beside a wildcard holder
  unless_taken,     // looks first, and never joins a holder of exactly our address
};

struct Recipe {
  Role role = Role::link;
  Service service = Service::dhcp;
  Protocol protocol = Protocol::none;
  Opens opens = Opens::with_the_address;
  bool wildcard = false;    // bound to every address instead of ours
  bool of_the_link = true;  // opened anew when the address moves to another link
  Sharing sharing = Sharing::as_bound;
  OptionSet options;
};

// Linux. DNS is bound to an address that need not exist: the socket survives whatever happens to
// the link. A second SO_REUSEADDR socket on exactly one address takes all its datagrams, hence
// `beside_wildcard` and `unless_taken`; the DHCP sockets need the option, because their own
// wildcard stands beside them. On a listening TCP socket it shares nothing, but lets us start again
// while old connections are in TIME_WAIT. A broadcast never reaches a socket on a specific address,
// and one bound to a device goes deaf, without an error, when the device is made again.
inline constexpr std::array linux_recipes{
    Recipe{
        Role::dhcp_broadcast, Service::dhcp, Protocol::udp, Opens::with_the_address, true, true,
        Sharing::as_bound,
        OptionSet{SocketOption::reuse_address, SocketOption::broadcast, SocketOption::packet_info,
                  SocketOption::drop_count, SocketOption::bind_to_device}},
    Recipe{Role::dhcp_unicast, Service::dhcp, Protocol::udp, Opens::with_the_address, false, true,
           Sharing::unless_taken,
           OptionSet{SocketOption::reuse_address, SocketOption::packet_info,
                     SocketOption::drop_count}},
    Recipe{Role::link, Service::dhcp, Protocol::none, Opens::with_the_address, false, true,
           Sharing::as_bound, OptionSet{}},
    Recipe{Role::dns_udp, Service::dns, Protocol::udp, Opens::from_the_start, false, false,
           Sharing::beside_wildcard,
           OptionSet{SocketOption::free_bind, SocketOption::packet_info, SocketOption::drop_count}},
    Recipe{Role::dns_tcp, Service::dns, Protocol::tcp, Opens::from_the_start, false, false,
           Sharing::as_bound, OptionSet{SocketOption::free_bind, SocketOption::reuse_address}},
};

// One socket to open, in full.
struct SocketSpec {
  Role role = Role::link;
  net::Ipv4Address address;  // to bind; unspecified: the wildcard
  std::uint16_t port = 0;
  std::uint32_t link_index = 0;   // 0: no link in particular
  std::uint64_t incarnation = 0;  // of that link; tells the policy, not the system, two links apart
  OptionSet options;

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
