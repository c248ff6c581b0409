// The links of this machine, their IPv4 addresses, and which of them carry a default route: what
// the system reports, in the order in which it reports it. A value; equality means that nothing a
// binder cares about has changed.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/binder/endpoint.hpp"

namespace berth::binder {

// A link that carries an address.
struct Carrier {
  Link link;
  net::Ipv4Prefix prefix;         // the address, with the length it has there
  std::uint64_t incarnation = 0;  // differs when the link was deleted and made again
  bool default_route = false;

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

  // All links with a default route, in place of those known before.
  void set_default_routes(std::vector<std::uint32_t> indexes);
  bool carries_default_route(std::uint32_t index) const noexcept;

  // Between the two, everything there is gets reported again; what does not has gone.
  void begin_refresh();
  void end_refresh();

  // The links that carry the address of `wanted`, by index. Where one carries it more than once,
  // the length that `wanted` has is preferred.
  std::vector<Carrier> carriers(const net::Ipv4Prefix& wanted) const;

  bool operator==(const LinkTable&) const = default;

 private:
  struct Entry {
    Link link;
    std::uint64_t incarnation = 0;
    bool reported = true;  // since begin_refresh()
    std::vector<net::Ipv4Prefix> addresses;

    bool operator==(const Entry&) const = default;
  };

  std::map<std::uint32_t, Entry> links_;
  std::vector<std::uint32_t> default_routes_;  // sorted
  std::uint64_t incarnations_ = 0;
};

}  // namespace berth::binder
