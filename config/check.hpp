// The rules that span several entries: what is written twice, who stands in whose way. Internal to
// config/.
#pragma once

#include <span>

#include "config/draft.hpp"

namespace berth::config {

// Reports, close to linear in the number of entries:
// - subnets of two networks that overlap, whatever their order in the file;
// - a file none of whose networks has a link, and a network without one whose address is not that
//   of a network with one;
// - within a network, a MAC or an address that two hosts have;
// - a name that two of hosts, aliases and `names` have, within a network or between networks that
//   share a domain; a `names` entry may share a host's address;
// - a CNAME beside other data (RFC 1034 3.6.2), the server's own included, CNAMEs that lead in a
//   ring, and a record that is written twice.
// Networks without a valid subnet or domain take part as far as they can.
void check(std::span<const Draft> drafts, Report& report);

// That none of the servers to ask is one of our own sockets, nor two of these the same; that a
// network's domain is not forwarded. `dns` is the map of that key, and `config` what was loaded.
void check_dns(const Place& dns, const Config& config, Report& report);

// The part of it that is about names and records.
void check_names(std::span<const Draft> drafts, Report& report);

}  // namespace berth::config
