// A network while it is loaded: the values, and the nodes they came from, so that rules that span
// several of them can still name the line. Internal to config/, but that the command reads options
// in its own files as plans have them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/place.hpp"
#include "protocol/net/ipv4.hpp"

namespace berth::config {

// A line of `records:` that was read, and which it is: lines with mistakes are left out.
struct RecordLine {
  TreeNode node;
  std::size_t index = 0;
};

struct Draft {
  Network network;
  Place place;              // of the network's map
  bool has_subnet = false;  // else network.subnet is a stand-in in which every address lies

  // The names of network.hosts and network.names, and the lines of network.records: as many, in
  // the same order.
  std::vector<TreeNode> hosts;
  std::vector<TreeNode> names;
  std::vector<RecordLine> records;
};

// Reads `draft.place` into `draft.network`, whose key is set. `has_pool` says whether hosts may go
// without an address.
void load_network(Draft& draft, Report& report);

// The map at `place` as hosts, names or records of the network, whose subnet, address and domain
// are known.
void load_hosts(const Place& place, bool has_pool, Draft& draft, Report& report);
void load_names(const Place& place, Draft& draft, Report& report);
void load_records(const Place& place, Draft& draft, Report& report);

// The `options:` map at `place`, ascending by code.
std::vector<Option> load_options(const Place& place, const net::Ipv4Prefix& subnet, Report& report);

// RFC 3442: a client that takes option 121 ignores option 3, so wherever 121 is set, for the
// network or one of its hosts, a default route through the router that holds there is added, unless
// a 0.0.0.0/0 is listed or there is no router.
void add_default_routes(Network& network);

Dns load_dns(const Place& place, Report& report);

// What is not acted on yet, checked for its form.
void check_pool(const Place& place, const net::Ipv4Prefix& subnet, Report& report);
Coexist load_coexist(const Place& place, Report& report);
void check_http(const Place& place, Report& report);

}  // namespace berth::config
