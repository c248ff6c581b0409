// The second half of ZonesBuilder: from staged records to octets and nodes.
#include <algorithm>
#include <array>

#include "protocol/dns/record_text.hpp"
#include "server/dns/built_in_zones.hpp"
#include "server/dns/zones_builder.hpp"

namespace berth::dns {
namespace {

constexpr std::uint16_t pointer_to_question = 0xc000 | header_size;
constexpr std::size_t soa_numbers_size = 20;

// Refresh, retry and expire are for secondaries, of which there are none.
constexpr std::uint32_t soa_refresh = 3600;
constexpr std::uint32_t soa_retry = 600;
constexpr std::uint32_t soa_expire = 86400;

wire::Bytes parent_of(wire::Bytes name) noexcept {
  return name.subspan(1u + wire::load_u8(name, 0));
}

bool is_root(wire::Bytes name) noexcept { return name.size() == 1; }

}  // namespace

std::uint32_t ZonesBuilder::append(wire::Bytes octets) {
  const std::size_t at = zones_.octets_.size();
  zones_.octets_.insert(zones_.octets_.end(), octets.begin(), octets.end());
  return static_cast<std::uint32_t>(at);
}

void ZonesBuilder::reserve() {
  std::size_t owners = 0;
  std::size_t size = 0;
  wire::Bytes previous;
  for (const Staged& record : staged_) {
    const wire::Bytes owner = name(record);
    if (!wire::equal(owner, previous)) {
      ++owners;
      size += 1 + owner.size() + Zones::Node::tail_size;
    }
    size += Rrset::head_size + rendered_head_size + record.rdata_size;
    previous = owner;
  }
  zones_.octets_.reserve(size);
  zones_.nodes_.reserve(owners);
}

void ZonesBuilder::render() {
  reserve();
  for (Group rest = staged_; !rest.empty();) {
    const auto end = std::ranges::find_if_not(
        rest, [&](const Staged& record) { return wire::equal(name(record), name(rest.front())); });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    render_owner(rest.first(count));
    rest = rest.subspan(count);
  }
}

void ZonesBuilder::render_owner(Group group) {
  const wire::Bytes owner = name(group.front());
  const std::uint32_t zone = zone_of(group);
  ZonePlan& plan = plans_[zone];
  const std::uint32_t node = begin_node(owner, zone);
  const std::size_t begin = zones_.octets_.size();
  while (!group.empty()) {
    const Staged& front = group.front();
    const auto end =
        std::ranges::find_if(group, [&](const Staged& r) { return r.type != front.type; });
    const auto count = static_cast<std::size_t>(end - group.begin());
    if (front.type != RrType{}) render_rrset(group.first(count), plan);
    group = group.subspan(count);
  }
  if (plan.kind == Zone::Kind::exact && plan.soa == nullptr && wire::equal(owner, plan.apex.wire()))
    render_soa(plan);
  end_node(node, /*is_absent=*/zones_.octets_.size() == begin);
}

std::uint32_t ZonesBuilder::begin_node(wire::Bytes name, std::uint32_t zone) {
  const auto at = static_cast<std::uint32_t>(zones_.octets_.size());
  zones_.octets_.push_back(static_cast<std::byte>(name.size()));
  append(name);
  std::array<std::byte, Zones::Node::tail_size> tail{};
  wire::store_u32(tail, 1, zone);
  append(tail);
  return at;
}

void ZonesBuilder::end_node(std::uint32_t at, bool is_absent) {
  const wire::MutableBytes node = wire::MutableBytes(zones_.octets_).subspan(at);
  const std::size_t tail = 1u + wire::load_u8(node, 0);
  const std::size_t rrsets = tail + Zones::Node::tail_size;
  wire::store_u8(node, tail, is_absent ? Zones::Node::absent_flag : 0);
  wire::store_u32(node, tail + 5, static_cast<std::uint32_t>(node.size() - rrsets));
  zones_.nodes_.insert(at);
}

// What the operator wrote, or else what we computed; equal records once (RFC 2181 5), with the
// least TTL of them all (RFC 2181 5.2).
void ZonesBuilder::render_rrset(Group group, ZonePlan& zone) {
  const bool computed = group.front().computed;
  const auto end =
      std::ranges::find_if(group, [&](const Staged& r) { return r.computed != computed; });
  group = group.first(static_cast<std::size_t>(end - group.begin()));
  const std::uint32_t ttl = std::ranges::min(group, {}, &Staged::ttl).ttl;
  const RrType type = group.front().type;

  if (type == RrType::soa && !computed && wire::equal(name(group.front()), zone.apex.wire()))
    zone.soa = &group.front();

  const std::uint32_t begin = begin_rrset();
  std::uint16_t count = 0;
  for (const Staged* previous = nullptr; const Staged& record : group) {
    if (previous != nullptr && wire::equal(rdata(*previous), rdata(record))) continue;
    previous = &record;
    const bool is_soa = type == RrType::soa && computed;
    render_record(type, ttl, is_soa ? wire::Bytes(soa_rdata(zone)) : rdata(record));
    ++count;
  }
  end_rrset(begin, type, count);
}

void ZonesBuilder::render_soa(const ZonePlan& zone) {
  const std::uint32_t begin = begin_rrset();
  render_record(RrType::soa, ttl_of(zone.network), soa_rdata(zone));
  end_rrset(begin, RrType::soa, 1);
}

std::uint32_t ZonesBuilder::begin_rrset() {
  return append(std::array<std::byte, Rrset::head_size>{});
}

void ZonesBuilder::render_record(RrType type, std::uint32_t ttl, wire::Bytes rdata) {
  std::array<std::byte, rendered_head_size> head{};
  wire::Writer writer(head);
  writer.u16(pointer_to_question);
  writer.u16(static_cast<std::uint16_t>(type));
  writer.u16(static_cast<std::uint16_t>(RrClass::in));
  writer.u32(ttl);
  writer.u16(static_cast<std::uint16_t>(rdata.size()));
  append(head);
  append(rdata);
}

void ZonesBuilder::end_rrset(std::uint32_t begin, RrType type, std::uint16_t count) {
  const wire::MutableBytes rrset = wire::MutableBytes(zones_.octets_).subspan(begin);
  wire::Writer writer(rrset);
  writer.u16(static_cast<std::uint16_t>(type));
  writer.u16(count);
  writer.u32(static_cast<std::uint32_t>(rrset.size() - Rrset::head_size));
}

std::vector<std::byte> ZonesBuilder::soa_rdata(const ZonePlan& zone) const {
  if (zone.network == no_network) {
    std::array<std::byte, 2 * max_name_size + soa_numbers_size> buffer;
    const auto record = parse_record(built_in_soa, zone.apex, buffer);
    if (!record) return {};
    return {record->rdata.begin(), record->rdata.end()};
  }
  const Name& domain = config_.networks[zone.network].domain;
  const Name server = server_of(zone.network);
  const Name mailbox = Name::parse("hostmaster", domain).value_or(domain);
  std::vector<std::byte> rdata(server.size() + mailbox.size() + soa_numbers_size);
  wire::Writer writer(rdata);
  writer.bytes(server.wire());
  writer.bytes(mailbox.wire());
  for (const std::uint32_t number :
       {serial_, soa_refresh, soa_retry, soa_expire, ttl_of(zone.network)})
    writer.u32(number);
  return rdata;
}

// Links the owner to the names above it, and gives the zone it is in: one of its own when no zone
// of ours encloses it.
std::uint32_t ZonesBuilder::zone_of(Group group) {
  const wire::Bytes owner = name(group.front());
  const std::uint32_t enclosing = link_to_ancestors(owner);
  const auto chosen =
      std::ranges::find_if(group, [](const Staged& r) { return r.zone != Zones::no_zone; });
  if (chosen != group.end()) return chosen->zone;
  if (enclosing != Zones::no_zone) return enclosing;
  const auto apex = Name::from_wire(is_wildcard(owner) ? parent_of(owner) : owner);
  return add_zone(Zone::Kind::exact, apex.value_or(Name()), group.front().network);
}

// The zone of the closest ancestor in the table; the names between the two come to exist (RFC 4592
// 2.2.2). Below an exact name, or nothing, there is no zone.
std::uint32_t ZonesBuilder::link_to_ancestors(wire::Bytes owner) {
  if (is_root(owner)) return Zones::no_zone;
  wire::Bytes closest = parent_of(owner);
  while (!is_root(closest) && !zones_.find(FoldedName(closest))) closest = parent_of(closest);
  const auto ancestor = zones_.find(FoldedName(closest));
  std::uint32_t zone = ancestor ? ancestor->zone : Zones::no_zone;
  if (zone != Zones::no_zone && plans_[zone].kind == Zone::Kind::exact) zone = Zones::no_zone;

  if (zone != Zones::no_zone)
    for (wire::Bytes between = parent_of(owner); between.size() > closest.size();
         between = parent_of(between))
      end_node(begin_node(between, zone), /*is_absent=*/false);
  if (is_wildcard(owner)) set_wildcard_flag(FoldedName(parent_of(owner)));
  return zone;
}

// Outside of our zones the name may have to be added for it.
void ZonesBuilder::set_wildcard_flag(const FoldedName& name) {
  const auto found = zones_.nodes_.find(name);
  const bool exists = found != zones_.nodes_.end();
  const std::uint32_t at = exists ? *found : begin_node(name.wire(), Zones::no_zone);
  if (!exists) end_node(at, /*is_absent=*/false);
  const wire::MutableBytes node = wire::MutableBytes(zones_.octets_).subspan(at);
  node[1u + wire::load_u8(node, 0)] |= std::byte{Zones::Node::wildcard_flag};
}

// Spans into the octets, now that these grow no more.
void ZonesBuilder::finish() {
  struct Place {
    std::uint32_t apex;
    std::uint32_t soa;
    std::uint32_t soa_size;
  };
  std::vector<Place> places;
  places.reserve(plans_.size());
  for (const ZonePlan& plan : plans_) {
    const std::uint32_t apex = append(plan.apex.wire());
    const std::vector<std::byte> made = soa_rdata(plan);
    const wire::Bytes rdata = plan.soa != nullptr ? this->rdata(*plan.soa) : wire::Bytes(made);
    const std::uint32_t ttl = plan.soa != nullptr ? plan.soa->ttl : ttl_of(plan.network);
    const std::uint32_t minimum = wire::load_u32(rdata, rdata.size() - 4);
    const std::uint32_t soa = static_cast<std::uint32_t>(zones_.octets_.size());
    render_record(RrType::soa, std::min(ttl, minimum), rdata);
    places.push_back({apex, soa + 2, static_cast<std::uint32_t>(zones_.octets_.size() - soa - 2)});
  }
  std::vector<std::uint32_t> domains;
  for (const config::Network& network : config_.networks)
    domains.push_back(append(network.domain.wire()));
  zones_.octets_.shrink_to_fit();

  const wire::Bytes octets = zones_.octets_;
  for (std::size_t i = 0; i < plans_.size(); ++i)
    zones_.zones_.push_back({.kind = plans_[i].kind,
                             .apex = octets.subspan(places[i].apex, plans_[i].apex.size()),
                             .negative_soa = octets.subspan(places[i].soa, places[i].soa_size)});
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const config::Network& network = config_.networks[i];
    zones_.networks_.push_back({.subnet = network.subnet,
                                .address = network.address,
                                .domain = octets.subspan(domains[i], network.domain.size()),
                                .served = network.dns});
  }
}

}  // namespace berth::dns
