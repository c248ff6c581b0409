#include "config/keys.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "config/suggest.hpp"

namespace berth::config {
namespace {

using K = ValueKind;

constexpr std::string_view network = "networks.*";
constexpr std::string_view host = "networks.*.hosts.*";
constexpr std::string_view boot = "networks.*.hosts.*.boot";
constexpr std::string_view pool = "networks.*.pool";
constexpr std::string_view rebind = "dns.rebind-protection";

// One key is one row: name and behaviour, then what a person reads.
// clang-format off
constexpr auto table = std::to_array<Key>({
    {.section = "", .name = "networks", .kind = K::sections, .acted_on = true, .also = "subnets network", .required = true,
     .description = "The links that are served, each under a name of your choice."},
    {.section = "", .name = "dns", .kind = K::section, .acted_on = true, .also = "resolver",
     .description = "What is not about one network: upstream servers, cache, refusals."},
    {.section = "", .name = "coexist", .kind = K::section, .acted_on = true,
     .description = "How to live beside macOS's own servers; nothing on Linux, where there are none."},
    {.section = "", .name = "http", .kind = K::endpoint_or_off, .acted_on = false, .fallback = "off", .in_force = "off",
     .description = "Where to serve the read-only status pages and metrics."},
    {.section = "", .name = "log", .kind = K::section, .acted_on = true, .also = "logging",
     .description = "What is logged and in which form."},
    {.section = "", .name = "state", .kind = K::directory, .acted_on = true, .fallback = "the system's place", .also = "state-dir",
     .description = "The folder that keeps what must survive a restart."},
    {.section = "", .name = "listen", .kind = K::section, .acted_on = true, .also = "ports",
     .description = "Other ports, for tests and unprivileged runs."},

    {.section = network, .name = "subnet", .kind = K::prefix, .acted_on = true, .also = "network prefix cidr", .required = true,
     .description = "The subnet, such as 192.168.200.0/24; any length from /8 to /30. Required."},
    {.section = network, .name = "address", .kind = K::address, .acted_on = true, .fallback = "host 1 of the subnet", .also = "gateway ip listen-address",
     .description = "The host's end of the link: where we listen; also router, DNS server and server id unless said otherwise. With `interface: none` that of another network, and required."},
    {.section = network, .name = "interface", .kind = K::interface, .acted_on = true, .fallback = "auto", .also = "link device bridge",
     .description = "auto: whichever carries the address; a name; or none: only relayed clients, and another network has a link."},
    {.section = network, .name = "relays", .kind = K::relays, .acted_on = true, .also = "relay",
     .description = "Relay agents outside the subnet that are answered: addresses and prefixes."},
    {.section = network, .name = "domain", .kind = K::domain, .acted_on = true, .fallback = "the network's name", .also = "domain-name zone",
     .description = "The domain of the network's names."},
    {.section = network, .name = "lease", .kind = K::lease, .acted_on = true, .fallback = "12h", .also = "lease-time valid-lifetime default-lease-time",
     .description = "For how long an address is leased."},
    {.section = network, .name = "router", .kind = K::addresses_or_none, .acted_on = true, .fallback = "address; with `interface: none` no router", .also = "routers default-gateway",
     .description = "The default gateway given to clients (option 3)."},
    {.section = network, .name = "dns-servers", .kind = K::addresses_or_none, .acted_on = true, .fallback = "address", .also = "nameservers dns-server domain-name-servers",
     .description = "The DNS servers given to clients (option 6)."},
    {.section = network, .name = "server-id", .kind = K::address_or_auto, .acted_on = true, .fallback = "auto", .also = "server-identifier",
     .description = "The address by which clients name this server (option 54). auto: ours, or, while another DHCP server on the link calls itself by ours, one of the subnet that the plan gives to nobody."},
    {.section = network, .name = "authoritative", .kind = K::choice, .acted_on = true, .fallback = "reserved", .choices = "reserved all off",
     .description = "Whose wrong addresses are refused with a NAK."},
    {.section = network, .name = "dhcp", .kind = K::boolean, .acted_on = true, .fallback = "on",
     .description = "Whether DHCP is served on this network."},
    {.section = network, .name = "dns", .kind = K::boolean, .acted_on = true, .fallback = "on",
     .description = "Whether DNS is served on this network."},
    {.section = network, .name = "ttl", .kind = K::duration, .acted_on = true, .fallback = "60s", .also = "local-ttl",
     .description = "How long others may keep our DNS answers."},
    {.section = network, .name = "hosts", .kind = K::sections, .acted_on = true, .also = "reservations host static dhcp-host",
     .description = "The machines of the network by name."},
    {.section = network, .name = "names", .kind = K::names, .acted_on = true, .also = "host-record",
     .description = "More names in DNS, with one address or several. A final dot makes a name absolute."},
    {.section = network, .name = "pool", .kind = K::pool, .acted_on = false, .fallback = "none", .in_force = "none", .also = "range pools dhcp-range",
     .description = "Addresses for machines that are not listed."},
    {.section = network, .name = "options", .kind = K::options, .acted_on = true, .also = "option-data dhcp-option option",
     .description = "DHCP options for every client of the network."},
    {.section = network, .name = "records", .kind = K::records, .acted_on = true, .also = "rrs",
     .description = "More DNS records, as lines of a zone file."},

    {.section = host, .name = "mac", .kind = K::macs, .acted_on = true, .also = "macs hwaddr hw-address ethernet", .required = true,
     .description = "The hardware address, or several."},
    {.section = host, .name = "address", .kind = K::address, .acted_on = true, .also = "ip ip-address ipv4 addr",
     .description = "The address it always gets."},
    {.section = host, .name = "aliases", .kind = K::labels, .acted_on = true, .also = "alias cnames",
     .description = "More names of the same address."},
    {.section = host, .name = "lease", .kind = K::lease, .acted_on = true, .fallback = "the network's", .also = "lease-time",
     .description = "For how long its address is leased."},
    {.section = host, .name = "options", .kind = K::options, .acted_on = true, .also = "option-data dhcp-option option",
     .description = "DHCP options for this host; they come before the network's."},
    {.section = host, .name = "boot", .kind = K::section, .acted_on = true, .also = "pxe netboot",
     .description = "What it boots from the network."},
    {.section = host, .name = "ignore", .kind = K::boolean, .acted_on = true, .fallback = "off", .also = "deny",
     .description = "Never answer this machine's DHCP."},

    {.section = boot, .name = "server", .kind = K::address, .acted_on = true, .also = "next-server tftp-server",
     .description = "Where the file is (siaddr)."},
    {.section = boot, .name = "file", .kind = K::text, .acted_on = true, .also = "filename bootfile boot-file-name", .required = true,
     .description = "The boot file's name."},

    {.section = pool, .name = "range", .kind = K::range, .acted_on = false, .also = "start", .required = true,
     .description = "The first and the last address, as in 100-199."},
    {.section = pool, .name = "lease", .kind = K::lease, .acted_on = false, .fallback = "the network's",
     .description = "For how long an address of the pool is leased."},
    {.section = pool, .name = "probe", .kind = K::boolean, .acted_on = false, .fallback = "on", .also = "ping-check",
     .description = "Whether an address is probed by ARP before it is offered."},
    {.section = pool, .name = "identity", .kind = K::choice, .acted_on = false, .fallback = "mac", .choices = "mac client-id",
     .description = "By what a client is known again."},

    {.section = "dns", .name = "upstream", .kind = K::servers_or_system, .acted_on = true, .fallback = "system", .also = "server servers forwarders upstreams",
     .description = "Who is asked about all other names: the system's resolvers, as they change; a list of servers; or none: they are refused."},
    {.section = "dns", .name = "forward", .kind = K::forward, .acted_on = true, .also = "forward-zones forward-zone conditional stub-zones",
     .description = "Who is asked about the names at and below certain domains: servers, or none, so that they are refused. Of several domains the longest counts."},
    {.section = "dns", .name = "cache", .kind = K::count, .acted_on = true, .fallback = "10000", .also = "cache-size",
     .description = "How many answers of other servers are kept, by each thread that answers."},
    {.section = "dns", .name = "workers", .kind = K::threads, .acted_on = true, .fallback = "1", .also = "threads",
     .description = "How many threads answer DNS over UDP. On Linux; macOS gives all queries to one, so there one answers. A change takes a restart."},
    {.section = "dns", .name = "listen", .kind = K::listeners, .acted_on = true, .fallback = "off", .also = "listen-address interface",
     .description = "More addresses on which DNS is served, to this machine and the networks' clients. on: 127.0.0.1:5354, for this machine's own look-ups. The port is 5354 unless written."},
    {.section = "dns", .name = "refuse", .kind = K::choice, .acted_on = true, .fallback = "answer", .choices = "answer drop",
     .description = "Whether strangers are told that they are refused, or get no answer."},
    {.section = "dns", .name = "rebind-protection", .kind = K::rebind, .acted_on = true, .fallback = "off", .also = "stop-dns-rebind private-address",
     .description = "Refuse other servers' answers that hold addresses of private networks, but those of the servers of `forward`; on, off, or on with exceptions."},
    {.section = "dns", .name = "filter", .kind = K::choice, .acted_on = true, .fallback = "none", .choices = "none aaaa", .also = "filter-aaaa",
     .description = "aaaa: nobody is told the IPv6 addresses of other servers' names, for networks without IPv6 to the outside."},
    {.section = "dns", .name = "identity", .kind = K::boolean, .acted_on = true, .fallback = "off", .also = "version hide-version hide-identity no-ident",
     .description = "Whether version.bind and id.server of the class CHAOS are answered, with berthd's version and this machine's name."},

    {.section = rebind, .name = "allow", .kind = K::domains, .acted_on = true, .also = "rebind-domain-ok private-domain",
     .description = "Domains at and below which names may have any address."},

    {.section = "coexist", .name = "dns", .kind = K::choice, .acted_on = true, .fallback = "coexist", .choices = "coexist takeover",
     .description = "coexist: for a second, the system's DNS proxy may start before us, since it cannot afterwards, and other networks of virtual machines need it; takeover: DNS is served at once."},
    {.section = "coexist", .name = "guard", .kind = K::choice, .acted_on = true, .fallback = "never", .choices = "never always",
     .description = "always: the system's DHCP server is kept from starting, for every network of virtual machines."},

    {.section = "listen", .name = "dhcp-port", .kind = K::port, .acted_on = true, .fallback = "67", .also = "dhcp",
     .description = "The UDP port of the DHCP server."},
    {.section = "listen", .name = "dns-port", .kind = K::port, .acted_on = true, .fallback = "53", .also = "dns port",
     .description = "The UDP and TCP port of the DNS server."},

    {.section = "log", .name = "level", .kind = K::choice, .acted_on = true, .fallback = "info", .choices = "trace debug info warning error", .also = "verbosity",
     .description = "The least important lines that are logged; debug logs each datagram, and trace is the same as yet."},
    {.section = "log", .name = "format", .kind = K::choice, .acted_on = true, .fallback = "text", .choices = "text json",
     .description = "The form of the lines."},
});
// clang-format on

constexpr bool sections_stand_together() {
  for (std::size_t i = 1; i < table.size(); ++i)
    for (std::size_t j = 0; j + 1 < i; ++j)
      if (table[j].section == table[i].section && table[i - 1].section != table[i].section)
        return false;
  return true;
}
static_assert(sections_stand_together());

std::string_view by_other_word(std::span<const Key> rows, std::string_view word) noexcept {
  for (const Key& row : rows) {
    bool found = false;
    for_each_word(row.also, [&](std::string_view other) { found = found || other == word; });
    if (found) return row.name;
  }
  return {};
}

}  // namespace

std::span<const Key> keys() noexcept { return table; }

std::span<const Key> keys_of(std::string_view section) noexcept {
  const auto* const first = std::ranges::find(table, section, &Key::section);
  const auto* const last = std::find_if(
      first, table.end(), [section](const Key& row) { return row.section != section; });
  assert(first != last);
  return {first, last};
}

std::string_view suggest_key(std::string_view section, std::string_view word) noexcept {
  const auto rows = keys_of(section);
  if (const auto name = by_other_word(rows, word); !name.empty()) return name;
  Nearest nearest(word);
  for (const Key& row : rows) nearest.consider(row.name);
  return nearest.best();
}

const Key* find_elsewhere(std::string_view word) noexcept {
  const auto* const row = std::ranges::find(table, word, &Key::name);
  return row == table.end() ? nullptr : row;
}

}  // namespace berth::config
