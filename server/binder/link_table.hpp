// The links of this machine, their addresses of IPv4, their own of IPv6, and which of them carry a
// default route: what the system reports, in the order in which it reports it. A value; equality
// means that nothing a binder cares about has changed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "server/binder/endpoint.hpp"

namespace berth::binder {

// A link that carries an address.
struct Carrier {
  Link link;
  net::Ipv4Prefix prefix;         // the address, with the length it has there
  std::uint64_t incarnation = 0;  // differs when the link was deleted and made again
  bool default_route = false;
  std::optional<net::Ipv6Address> link_local{};

  bool operator==(const Carrier&) const = default;
};

class LinkTable {
 public:
  // A new link, or news of a known one.
  void set_link(const Link& link);
  // With its addresses and default routes.
  void remove_link(std::uint32_t index);

  void add_address(std::uint32_t index, const net::Ipv4Prefix& address);
  void remove_address(std::uint32_t index, const net::Ipv4Prefix& address);

  // Its own IPv6 address; of several the first that is told. Linux tells none: nothing is opened on
  // it there.
  void set_link_local(std::uint32_t index, const net::Ipv6Address& address);

  // All links with a default route, in place of those known before.
  void set_default_routes(std::vector<std::uint32_t> indexes);
  bool carries_default_route(std::uint32_t index) const noexcept;

  // Between the two, everything there is gets reported again; what does not has gone.
  void begin_refresh();
  void end_refresh();

  // The links that carry the address of `wanted`, by index. Where one carries it more than once,
  // the length that `wanted` has is preferred.
  std::vector<Carrier> carriers(const net::Ipv4Prefix& wanted) const;

  // The links, but for that one, that carry another address of exactly that subnet, so that what is
  // sent to it may leave by any of them.
  std::vector<std::string> rivals(const net::Ipv4Prefix& subnet, std::uint32_t but_for) const;

  // The bridges with an address that macOS makes for virtual machines: bridge100 and up.
  std::vector<std::string> vmnet_bridges() const;

  bool operator==(const LinkTable&) const = default;

 private:
  struct Entry {
    Link link;
    std::uint64_t incarnation = 0;
    bool reported = true;  // since begin_refresh()
    std::vector<net::Ipv4Prefix> addresses;
    std::optional<net::Ipv6Address> link_local;

    bool operator==(const Entry&) const = default;
  };

  std::map<std::uint32_t, Entry> links_;
  std::vector<std::uint32_t> default_routes_;  // sorted
  std::uint64_t incarnations_ = 0;
};

}  // namespace berth::binder
