// What the operator wrote, checked: plain aggregates with every default filled in and every address
// absolute. Made by load() only; the server builds its tables from it. Owns all it names.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/net/socket_address.hpp"

namespace berth::config {

// A lease time; `infinite` is RFC 2131's 0xffffffff.
using Seconds = std::chrono::duration<std::uint32_t>;
inline constexpr Seconds infinite{0xffffffff};

// Where in the file something was written; both from 1. Line 0: not in a file.
struct Location {
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // in octets

  auto operator<=>(const Location&) const = default;
};

// An option of the `options:` map: its value in wire form, not yet cut into 255-octet pieces; or
// suppressed by `none`.
struct Option {
  dhcp::OptionCode code{};
  bool suppressed = false;
  std::vector<std::byte> value;

  bool operator==(const Option&) const = default;
};

struct Boot {
  std::optional<net::Ipv4Address> server;
  std::string file;

  bool operator==(const Boot&) const = default;
};

struct Host {
  std::string name;  // a single label, lower case
  std::vector<net::MacAddress> macs;
  std::optional<net::Ipv4Address> address;  // absent: from the pool
  std::vector<std::string> aliases;         // single labels, lower case
  std::optional<Seconds> lease;             // absent: the network's
  std::vector<Option> options;              // ascending by code
  std::optional<Boot> boot;
  bool ignore = false;

  bool operator==(const Host&) const = default;
};

// A `names:` entry: DNS only.
struct NameEntry {
  dns::Name owner;  // absolute, lower case
  std::vector<net::Ipv4Address> addresses;

  bool operator==(const NameEntry&) const = default;
};

// A `records:` line.
struct Record {
  dns::Name owner;  // absolute, lower case
  dns::RrType type{};
  std::vector<std::byte> rdata;  // wire form, uncompressed

  bool operator==(const Record&) const = default;
};

enum class Authoritative : std::uint8_t { reserved, all, off };

struct Network {
  std::string key;
  net::Ipv4Prefix subnet;    // host bits clear
  net::Ipv4Address address;  // ours: where we listen
  enum class Attachment : std::uint8_t {
    automatic,
    named,
    none
  } attachment = Attachment::automatic;
  std::string interface;                // when named
  std::vector<net::Ipv4Prefix> relays;  // an address is a /32
  dns::Name domain;                     // lower case, not the root
  Seconds lease = std::chrono::hours{12};
  std::vector<net::Ipv4Address> routers;      // empty: none
  std::vector<net::Ipv4Address> dns_servers;  // empty: none
  std::optional<net::Ipv4Address> server_id;  // absent: auto
  Authoritative authoritative = Authoritative::reserved;
  bool dhcp = true;
  bool dns = true;
  Seconds ttl = std::chrono::seconds{60};
  std::vector<Option> options;  // ascending by code
  std::vector<Host> hosts;      // in the file's order
  std::vector<NameEntry> names;
  std::vector<Record> records;

  // Whether it is on a link of ours; without one its clients reach us through relays only.
  bool has_link() const noexcept { return attachment != Attachment::none; }

  bool operator==(const Network&) const = default;
};

// Who is asked about the names at and below a domain.
struct Forward {
  dns::Name domain;                         // lower case, not the root
  std::vector<net::SocketAddress> servers;  // empty: nobody, so that they are refused

  bool operator==(const Forward&) const = default;
};

// Whether answers of other servers may hold addresses that mean something only here.
struct RebindProtection {
  bool enabled = false;
  std::vector<dns::Name> allow;  // lower case: names at and below these may have any

  bool operator==(const RebindProtection&) const = default;
};

// Of `dns.listen`, unless another is written: 5353 is mDNS's, and 53 the system's own.
inline constexpr std::uint16_t usual_listen_port = 5354;

// How many different servers `dns.upstream` and `dns.forward` may name.
inline constexpr std::size_t max_servers = 24;

struct Dns {
  // Absent: the system's. Empty: nobody, so that foreign names are refused.
  std::optional<std::vector<net::SocketAddress>> upstream;
  std::vector<Forward> forward;  // in the file's order; no domain twice
  std::uint32_t cache = 10'000;  // answers; 0: none are kept
  std::uint16_t workers = 1;
  std::vector<net::SocketAddress> listen;  // beside the networks' addresses
  enum class Refuse : std::uint8_t { answer, drop } refuse = Refuse::answer;
  RebindProtection rebind_protection;
  enum class Filter : std::uint8_t { none, aaaa } filter = Filter::none;
  bool identity = false;  // whether CHAOS version.bind and id.server are answered

  bool operator==(const Dns&) const = default;
};

// How to live beside macOS's own servers.
struct Coexist {
  enum class Dns : std::uint8_t { coexist, takeover } dns = Dns::coexist;
  enum class Guard : std::uint8_t { never, always } guard = Guard::never;

  bool operator==(const Coexist&) const = default;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;

  bool operator==(const Log&) const = default;
};

struct Config {
  std::vector<Network> networks;
  Dns dns;
  Coexist coexist;
  std::uint16_t dhcp_port = 67;
  std::uint16_t dns_port = 53;
  Log log;
  std::string state_dir;  // empty: the system's place

  bool operator==(const Config&) const = default;
};

}  // namespace berth::config
