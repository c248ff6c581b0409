#include "server/dns/zones_builder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/dns/record_text.hpp"
#include "server/dns/built_in_zones.hpp"

namespace berth::dns {
namespace {

constexpr std::uint32_t max_ttl = 0x7fffffff;  // RFC 2181 8
constexpr std::uint8_t address_labels = 4;

std::strong_ordering compare(wire::Bytes left, wire::Bytes right) noexcept {
  if (const auto order = left.size() <=> right.size(); order != 0) return order;
  if (left.empty()) return std::strong_ordering::equal;
  return std::memcmp(left.data(), right.data(), left.size()) <=> 0;
}

// The reverse name of the first `octets` octets of an address: 168.192.in-addr.arpa for two.
Name reverse_zone(std::uint32_t address, std::uint8_t octets) noexcept {
  Name name = Name::reverse(address);
  for (std::uint8_t i = octets; i < address_labels; ++i) name = name.parent();
  return name;
}

}  // namespace

void ZonesBuilder::build() {
  const auto count = static_cast<NetworkIndex>(config_.networks.size());
  for (NetworkIndex i = 0; i < count; ++i)
    if (config_.networks[i].dns) stage_network(i);
  stage_pointers();
  stage_built_in_zones();
  sort();
  render();
  finish();
}

void ZonesBuilder::stage_network(NetworkIndex index) {
  const config::Network& network = config_.networks[index];
  stage_apex(Zone::Kind::ours, network.domain, index);
  for (const config::Host& host : network.hosts) {
    if (!host.address) continue;
    if (const auto owner = Name::parse(host.name, network.domain))
      stage_address(index, *owner, *host.address);
    for (const std::string& alias : host.aliases)
      if (const auto owner = Name::parse(alias, network.domain))
        stage_address(index, *owner, *host.address);
  }
  for (const config::NameEntry& entry : network.names)
    for (const net::Ipv4Address address : entry.addresses)
      stage_address(index, entry.owner, address);
  for (const config::Record& record : network.records)
    stage({.ttl = ttl_of(index), .network = index, .type = record.type}, record.owner,
          record.rdata);
  stage_reverse_zones(index);
}

// By address, whatever the subnet's length: whole zones down to /24, below that single names.
void ZonesBuilder::stage_reverse_zones(NetworkIndex index) {
  const net::Ipv4Prefix& subnet = config_.networks[index].subnet;
  const std::uint32_t first = subnet.network().value;
  if (subnet.length > 24) {
    const std::uint32_t zone = add_zone(Zone::Kind::partly, reverse_zone(first, 3), index);
    for (std::uint32_t address = first; address <= subnet.broadcast().value; ++address)
      stage({.zone = zone, .network = index}, Name::reverse(address), {});
    return;
  }
  const auto octets = static_cast<std::uint8_t>(std::max((subnet.length + 7) / 8, 1));
  const std::uint32_t step = std::uint32_t{1} << (32 - 8 * octets);
  const std::uint32_t zones = (subnet.broadcast().value - first) / step + 1;
  for (std::uint32_t i = 0; i < zones; ++i)
    stage_apex(Zone::Kind::ours, reverse_zone(first + i * step, octets), index);
}

// A PTR names the host, else the first of `names`, else our server.
void ZonesBuilder::stage_pointers() {
  const auto each_network = [&](const auto& visit) {
    for (NetworkIndex i = 0; i < config_.networks.size(); ++i)
      if (config_.networks[i].dns) visit(i, config_.networks[i]);
  };
  each_network([&](NetworkIndex, const config::Network& network) {
    for (const config::Host& host : network.hosts) {
      const auto name = Name::parse(host.name, network.domain);
      if (host.address && name) stage_pointer(*host.address, *name);
    }
  });
  each_network([&](NetworkIndex, const config::Network& network) {
    for (const config::NameEntry& entry : network.names) {
      if (is_wildcard(entry.owner.wire())) continue;
      for (const net::Ipv4Address address : entry.addresses) stage_pointer(address, entry.owner);
    }
  });
  each_network([&](NetworkIndex index, const config::Network& network) {
    stage_pointer(network.address, server_of(index));
  });
}

void ZonesBuilder::stage_pointer(net::Ipv4Address address, const Name& target) {
  const NetworkIndex network = network_of(address);
  if (network == no_network || !pointed_to_.insert(address.value).second) return;
  stage({.ttl = ttl_of(network), .network = network, .type = RrType::ptr, .computed = true},
        Name::reverse(address.value), target.wire());
}

void ZonesBuilder::stage_built_in_zones() {
  for (const std::string_view text : built_in_apexes()) {
    const auto apex = Name::parse(text);
    if (apex && !is_apex(*apex)) stage_apex(Zone::Kind::built_in, *apex, no_network);
  }
  std::array<std::byte, max_name_size> rdata;
  for (const std::string_view line : built_in_records())
    if (const auto record = parse_record(line, Name(), rdata))
      stage({.ttl = built_in_ttl, .type = record->type, .computed = true}, record->owner,
            record->rdata);
}

void ZonesBuilder::stage(Staged record, const Name& owner, wire::Bytes rdata) {
  record.name_at = static_cast<std::uint32_t>(text_.size());
  record.name_size = static_cast<std::uint8_t>(owner.size());
  for (const std::byte octet : owner.wire()) text_.push_back(fold(octet));
  record.rdata_at = static_cast<std::uint32_t>(text_.size());
  record.rdata_size = static_cast<std::uint16_t>(rdata.size());
  text_.insert(text_.end(), rdata.begin(), rdata.end());
  staged_.push_back(record);
}

void ZonesBuilder::stage_address(NetworkIndex network, const Name& owner,
                                 net::Ipv4Address address) {
  std::array<std::byte, 4> rdata;
  wire::store_u32(rdata, 0, address.value);
  stage({.ttl = ttl_of(network), .network = network, .type = RrType::a}, owner, rdata);
}

// The zone with its SOA, whose rdata has to wait for the serial, and its NS.
void ZonesBuilder::stage_apex(Zone::Kind kind, const Name& apex, NetworkIndex network) {
  if (is_apex(apex)) return;  // two networks may share a domain
  const std::uint32_t zone = add_zone(kind, apex, network);
  const std::uint32_t ttl = ttl_of(network);
  const Name server = network == no_network ? apex : server_of(network);
  stage({.ttl = ttl, .zone = zone, .network = network, .type = RrType::soa, .computed = true}, apex,
        {});
  stage({.ttl = ttl, .zone = zone, .network = network, .type = RrType::ns, .computed = true}, apex,
        server.wire());
  if (network == no_network || !(apex == config_.networks[network].domain)) return;
  std::array<std::byte, 4> address;
  wire::store_u32(address, 0, config_.networks[network].address.value);
  stage({.ttl = ttl, .network = network, .type = RrType::a, .computed = true}, server, address);
}

std::uint32_t ZonesBuilder::add_zone(Zone::Kind kind, const Name& apex, NetworkIndex network) {
  plans_.push_back({.kind = kind, .apex = apex, .network = network});
  return static_cast<std::uint32_t>(plans_.size() - 1);
}

bool ZonesBuilder::is_apex(const Name& name) const noexcept {
  return std::ranges::any_of(plans_, [&](const ZonePlan& zone) {
    return zone.kind != Zone::Kind::partly && zone.apex == name;
  });
}

NetworkIndex ZonesBuilder::network_of(net::Ipv4Address address) const noexcept {
  for (NetworkIndex i = 0; i < config_.networks.size(); ++i)
    if (config_.networks[i].dns && config_.networks[i].subnet.contains(address)) return i;
  return no_network;
}

std::uint32_t ZonesBuilder::ttl_of(NetworkIndex network) const noexcept {
  if (network == no_network) return built_in_ttl;
  return std::min(config_.networks[network].ttl.count(), max_ttl);
}

// ns.<domain>; the domain itself where that would be too long a name.
Name ZonesBuilder::server_of(NetworkIndex network) const noexcept {
  const Name& domain = config_.networks[network].domain;
  const auto server = Name::parse("ns", domain);
  return server ? *server : domain;
}

// Ancestors first: they are shorter. Within an RRset what the operator wrote stands first.
void ZonesBuilder::sort() {
  std::ranges::sort(staged_, [&](const Staged& left, const Staged& right) {
    if (const auto order = compare(name(left), name(right)); order != 0) return order < 0;
    if (left.type != right.type) return left.type < right.type;
    if (left.computed != right.computed) return right.computed;
    return compare(rdata(left), rdata(right)) < 0;
  });
  std::uint32_t hash = 0x811c9dc5;
  const auto add = [&](wire::Bytes octets) {
    for (const std::byte octet : octets)
      hash = (hash ^ std::to_integer<std::uint32_t>(octet)) * 0x01000193;  // FNV-1a
  };
  for (const Staged& record : staged_) {
    std::array<std::byte, 6> head;
    wire::store_u16(head, 0, static_cast<std::uint16_t>(record.type));
    wire::store_u32(head, 2, record.ttl);
    add(name(record));
    add(head);
    add(rdata(record));
  }
  serial_ = hash;
}

}  // namespace berth::dns
