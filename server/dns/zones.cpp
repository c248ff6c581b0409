#include "server/dns/zones.hpp"

#include <array>
#include <utility>

#include "server/dns/zones_builder.hpp"

namespace berth::dns {
namespace {

Rrset rrset_at(wire::Bytes octets) noexcept {
  return {.type = RrType{wire::load_u16(octets, 0)},
          .count = wire::load_u16(octets, 2),
          .records = octets.subspan(Rrset::head_size, wire::load_u32(octets, 4))};
}

}  // namespace

Zones::Zones(const config::Config& config, Identity identity)
    : nodes_(0, Hash{this}, Equal{this}),
      identity_(config.dns.identity ? std::move(identity) : Identity()),
      refuse_(config.dns.refuse),
      port_(config.dns_port) {
  ZonesBuilder(config, *this).build();
  for (const std::uint32_t node : nodes_) top_levels_.add(name_at(node));
}

std::uint8_t Zones::TopLevels::hash_of(wire::Bytes name) noexcept {
  std::uint32_t hash = 0;
  for (std::size_t at = 0, size = wire::load_u8(name, 0); size != 0;
       at += 1 + size, size = wire::load_u8(name, at))
    hash = static_cast<std::uint32_t>(size) << 16 | wire::load_u16(name, at + 1);
  return static_cast<std::uint8_t>(hash * 0x9e3779b1u >> 24);
}

Zones::Node Zones::node_at(std::uint32_t at) const noexcept {
  const wire::Bytes octets = octets_;
  const wire::Bytes name = name_at(at);
  const wire::Bytes tail = octets.subspan(at + 1 + name.size());
  const std::uint8_t flags = wire::load_u8(tail, 0);
  return {.name = name,
          .has_wildcard = (flags & Node::wildcard_flag) != 0,
          .is_absent = (flags & Node::absent_flag) != 0,
          .zone = wire::load_u32(tail, 1),
          .rrsets = tail.subspan(Node::tail_size, wire::load_u32(tail, 5))};
}

std::optional<Zones::Node> Zones::find(const FoldedName& name) const noexcept {
  const auto found = nodes_.find(name);
  if (found == nodes_.end()) return std::nullopt;
  return node_at(*found);
}

Zones::Match Zones::exists(const Node& node) const noexcept {
  return {.kind = Match::Kind::exists, .zone = &zones_[node.zone], .rrsets = node.rrsets};
}

Zones::Match Zones::match(const FoldedName& name) const noexcept {
  if (const auto node = find(name)) {
    if (node->zone == no_zone) return {};
    if (!node->is_absent) return exists(*node);
    return {.kind = Match::Kind::no_such_name, .zone = &zones_[node->zone]};
  }
  if (!top_levels_.may_have(name.wire())) return {};
  FoldedName encloser = name;
  while (!encloser.is_root()) {
    encloser = encloser.parent();
    if (const auto node = find(encloser)) return below(*node, encloser);
  }
  return {};
}

// A name that is not in the table, but whose closest encloser (RFC 4592 3.3.1) is.
Zones::Match Zones::below(const Node& closest_encloser, const FoldedName& encloser) const noexcept {
  if (closest_encloser.has_wildcard) {
    static constexpr std::array star = {std::byte{1}, std::byte{'*'}};
    if (const auto wildcard = find(FoldedName(star, encloser.wire()))) return exists(*wildcard);
  }
  if (closest_encloser.zone == no_zone) return {};
  const Zone& zone = zones_[closest_encloser.zone];
  if (zone.kind == Zone::Kind::exact) return {};
  return {.kind = Match::Kind::no_such_name, .zone = &zone};
}

Zones::Match Zones::match_exactly(const FoldedName& name) const noexcept {
  const auto node = find(name);
  return node && !node->rrsets.empty() ? exists(*node) : Match();
}

std::optional<Rrset> Zones::find(const Match& match, RrType type) noexcept {
  for (wire::Bytes rest = match.rrsets; !rest.empty();) {
    const Rrset rrset = rrset_at(rest);
    if (rrset.type == type) return rrset;
    rest = rest.subspan(Rrset::head_size + rrset.records.size());
  }
  return std::nullopt;
}

std::optional<Rrset> Zones::first(const Match& match) noexcept {
  if (match.rrsets.empty()) return std::nullopt;
  return rrset_at(match.rrsets);
}

}  // namespace berth::dns
