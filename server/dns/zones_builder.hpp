// Makes Zones from a configuration: stages every record with its owner, sorts them so that each
// owner's stand together and every name behind those it is below, and renders them in that order.
// Lives during construction only.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/config.hpp"
#include "protocol/dns/name.hpp"
#include "server/dns/zones.hpp"

namespace berth::dns {

inline bool is_wildcard(wire::Bytes name) noexcept {
  return name.size() > 2 && name[0] == std::byte{1} && name[1] == std::byte{'*'};
}

class ZonesBuilder {
 public:
  ZonesBuilder(const config::Config& config, Zones& zones) : config_(config), zones_(zones) {}

  void build();

 private:
  // A record, or with the type 0 only an owner. Names and rdata stand in text_.
  struct Staged {
    std::uint32_t name_at = 0;
    std::uint32_t rdata_at = 0;
    std::uint32_t ttl = 0;
    std::uint16_t rdata_size = 0;
    std::uint32_t zone = Zones::no_zone;  // where it is not the zone that encloses the owner
    NetworkIndex network = no_network;
    RrType type{};
    std::uint8_t name_size = 0;
    bool computed = false;  // gives way to what the operator wrote for this owner and type
  };
  using Group = std::span<const Staged>;

  struct ZonePlan {
    Zone::Kind kind{};
    Name apex;
    NetworkIndex network = no_network;
    const Staged* soa = nullptr;  // what the operator wrote
  };

  // What the configuration says.
  void stage_network(NetworkIndex index);
  void stage_reverse_zones(NetworkIndex index);
  void stage_pointers();
  void stage_pointer(net::Ipv4Address address, const Name& target);
  void stage_built_in_zones();

  void stage(Staged record, const Name& owner, wire::Bytes rdata);
  void stage_address(NetworkIndex network, const Name& owner, net::Ipv4Address address);
  void stage_apex(Zone::Kind kind, const Name& apex, NetworkIndex network);
  std::uint32_t add_zone(Zone::Kind kind, const Name& apex, NetworkIndex network);
  bool is_apex(const Name& name) const noexcept;
  NetworkIndex network_of(net::Ipv4Address address) const noexcept;
  std::uint32_t ttl_of(NetworkIndex network) const noexcept;
  Name server_of(NetworkIndex network) const noexcept;

  // From the staged records to the tables.
  void sort();
  void reserve();
  void render();
  void render_owner(Group group);
  void render_rrset(Group group, ZonePlan& zone);
  void render_soa(const ZonePlan& zone);
  std::uint32_t begin_rrset();
  void render_record(RrType type, std::uint32_t ttl, wire::Bytes rdata);
  void end_rrset(std::uint32_t begin, RrType type, std::uint16_t count);
  std::vector<std::byte> soa_rdata(const ZonePlan& zone) const;
  std::uint32_t zone_of(Group group);
  std::uint32_t link_to_ancestors(wire::Bytes owner);
  std::uint32_t begin_node(wire::Bytes name, std::uint32_t zone);
  void end_node(std::uint32_t at, bool is_absent);
  void set_wildcard_flag(const FoldedName& name);
  void finish();

  std::uint32_t append(wire::Bytes octets);  // to the tables' octets; where they stand

  wire::Bytes name(const Staged& staged) const noexcept {
    return wire::Bytes(text_).subspan(staged.name_at, staged.name_size);
  }
  wire::Bytes rdata(const Staged& staged) const noexcept {
    return wire::Bytes(text_).subspan(staged.rdata_at, staged.rdata_size);
  }

  const config::Config& config_;
  Zones& zones_;
  std::vector<std::byte> text_;
  std::vector<Staged> staged_;
  std::vector<ZonePlan> plans_;
  boost::unordered_flat_set<std::uint32_t> pointed_to_;  // addresses that have a PTR
  std::uint32_t serial_ = 0;
};

}  // namespace berth::dns
