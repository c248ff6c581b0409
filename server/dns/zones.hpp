// Every name we answer for, from the configuration: hosts, aliases, names and records, the reverse
// names of our subnets, each zone's SOA and NS, and the zones that every resolver keeps to itself
// (RFC 6303, RFC 6761). Immutable and shared as const by any number of threads; a reload makes
// another. RRsets are kept as the octets of an answer section, so that answering is copying.
//
// An SOA's serial is a hash of all the records: it changes when any of them does, and only then.
// Nobody transfers these zones, so that it need not grow.
#pragma once

#include <bitset>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/folded_name.hpp"
#include "server/dns/identity.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/rendered_record.hpp"

namespace berth::dns {

struct Rrset {
  RrType type{};
  std::uint16_t count = 0;
  wire::Bytes records;  // each a RenderedRecord

  // Before the records in the tables: type and count, and the records' size in 32 bits.
  static constexpr std::size_t head_size = 8;
};

struct Zone {
  enum class Kind : std::uint8_t {
    ours,      // a network's domain, or a reverse zone all of whose addresses are ours
    partly,    // a reverse zone of which a subnet is ours: only the names in the table are
    exact,     // one absolute name; nothing below it is ours
    built_in,  // kept from the Internet's servers
  } kind = Kind::ours;
  wire::Bytes apex;          // uncompressed
  wire::Bytes negative_soa;  // the SOA record behind its owner, with the negative TTL (RFC 2308 3)
};

class ZonesBuilder;

class Zones {
 public:
  // `identity`: who answers, where the configuration lets it be told.
  explicit Zones(const config::Config& config, Identity identity = {});
  Zones(const Zones&) = delete;
  Zones& operator=(const Zones&) = delete;
  ~Zones() = default;

  // What we know of a name.
  struct Match {
    enum class Kind : std::uint8_t {
      not_ours,
      no_such_name,  // NXDOMAIN in `zone`
      exists,        // in `zone`, itself or by a wildcard, perhaps without records
    } kind = Kind::not_ours;
    const Zone* zone = nullptr;
    wire::Bytes rrsets = {};  // for find() and first()
  };
  // The name, the wildcard that covers it (RFC 4592), or the zone it is missing from.
  Match match(const FoldedName& name) const noexcept;
  // Whether they are more than the cache next to a core usually holds: only then is asking for
  // memory ahead worth its time.
  bool is_large() const noexcept { return octets_.size() > large_size; }
  // Asks for the memory that match() will read for a name of this hash, without waiting for it.
  void prefetch(std::uint64_t hash) const noexcept { nodes_.find(Prefetched{hash}); }
  // The name itself, if it has records.
  Match match_exactly(const FoldedName& name) const noexcept;

  static std::optional<Rrset> find(const Match& match, RrType type) noexcept;
  static std::optional<Rrset> first(const Match& match) noexcept;

  struct Network {
    net::Ipv4Prefix subnet;
    net::Ipv4Address address;  // ours
    wire::Bytes domain;
    bool served = true;  // `dns: on`

    // Otherwise its clients reach us through routers, at an address of another network.
    bool has_link() const noexcept { return subnet.contains(address); }
  };
  // In the order of the configuration.
  const std::vector<Network>& networks() const noexcept { return networks_; }
  const Identity& identity() const noexcept { return identity_; }
  config::Dns::Refuse refuse() const noexcept { return refuse_; }
  std::uint16_t port() const noexcept { return port_; }

  std::size_t name_count() const noexcept { return nodes_.size(); }

 private:
  friend class ZonesBuilder;

  static constexpr std::uint32_t no_zone = 0xffffffff;
  static constexpr std::size_t large_size = std::size_t{256} << 10;

  // A name stands in octets_ with all that answers for it beside it, so that finding it touches
  // memory in one place: its size and itself, flags, zone, the size of its RRsets, and these.
  struct Node {
    wire::Bytes name;
    bool has_wildcard = false;
    bool is_absent = false;        // one of our addresses that has no name
    std::uint32_t zone = no_zone;  // without one, the name is there only for the wildcard below it
    wire::Bytes rrsets;

    static constexpr std::uint8_t wildcard_flag = 1;
    static constexpr std::uint8_t absent_flag = 2;
    static constexpr std::size_t tail_size = 9;  // flags, zone, size of the RRsets
    // No less than a host's name or reverse name has, with its RRset. As many octets are behind the
    // last node, too: the zones'.
    static constexpr std::size_t usual_size = 96;
  };
  Node node_at(std::uint32_t at) const noexcept;
  wire::Bytes name_at(std::uint32_t at) const noexcept {
    const wire::Bytes octets = octets_;
    return octets.subspan(at + 1, wire::load_u8(octets, at));
  }

  // A name to be looked up later: every node that may be it is fetched, and none is it.
  struct Prefetched {
    std::uint64_t hash;
  };

  // Looking up by FoldedName needs no offset.
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    const Zones* zones;
    std::size_t operator()(std::uint32_t at) const noexcept {
      return FoldedName(zones->name_at(at)).hash();
    }
    std::size_t operator()(const FoldedName& name) const noexcept { return name.hash(); }
    std::size_t operator()(const Prefetched& later) const noexcept { return later.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const Zones* zones;
    bool operator()(std::uint32_t left, std::uint32_t right) const noexcept {
      return same(zones->name_at(left), zones->name_at(right));
    }
    bool operator()(const FoldedName& left, std::uint32_t right) const noexcept {
      return same(left.wire(), zones->name_at(right));
    }
    bool operator()(std::uint32_t left, const FoldedName& right) const noexcept {
      return same(right.wire(), zones->name_at(left));
    }
    bool operator()(const Prefetched&, std::uint32_t at) const noexcept {
      const std::byte* const node = zones->octets_.data() + at;
      __builtin_prefetch(node);
      __builtin_prefetch(node + Node::usual_size / 2);  // a cache line is longer than that
      __builtin_prefetch(node + Node::usual_size);
      return false;
    }
    static bool same(wire::Bytes left, wire::Bytes right) noexcept {
      return left.size() == right.size() &&
             std::memcmp(left.data(), right.data(), left.size()) == 0;
    }
  };

  // A bit for each top-level domain that any of the names is in, by a small hash: most names that
  // are for others to answer are in none, and there is nothing above them to look for.
  class TopLevels {
   public:
    void add(wire::Bytes name) noexcept { bits_.set(hash_of(name)); }
    bool may_have(wire::Bytes name) const noexcept { return bits_.test(hash_of(name)); }

   private:
    static std::uint8_t hash_of(wire::Bytes name) noexcept;
    std::bitset<256> bits_;
  };

  std::optional<Node> find(const FoldedName& name) const noexcept;
  Match exists(const Node& node) const noexcept;
  Match below(const Node& closest_encloser, const FoldedName& encloser) const noexcept;

  std::vector<std::byte> octets_;  // the nodes, then the zones' apexes and SOAs
  boost::unordered_flat_set<std::uint32_t, Hash, Equal> nodes_;
  TopLevels top_levels_;
  std::vector<Zone> zones_;
  std::vector<Network> networks_;
  Identity identity_;
  config::Dns::Refuse refuse_;
  std::uint16_t port_;
};

}  // namespace berth::dns
