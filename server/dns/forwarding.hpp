// Whom to ask what the zones do not answer: the servers by suffix, and what is kept of what they
// say. Made from the configuration and the host's resolvers; immutable, shared as const by any
// number of threads, replaced whole.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/dns/name.hpp"
#include "server/dns/folded_name.hpp"

namespace berth::dns {

// One server that is asked. Whoever makes a Forwarding knows their addresses. An index names the
// same server in every Forwarding that a Forwarder is given one after the other; what was learnt of
// a server is forgotten with the first that does not name it, and its index is free then.
using UpstreamIndex = std::uint16_t;
inline constexpr std::size_t max_upstreams = 64;

// One of the UDP sockets that are kept for a server, each with a random port of its own.
using SlotIndex = std::uint8_t;
inline constexpr std::size_t max_slots = 32;

// Queries by TCP, to all servers, of one thread.
inline constexpr std::size_t max_streams = 16;

struct ForwardingOptions {
  // Of one thread that answers. Without entries nothing is kept, but for failures.
  std::size_t cache_entries = 10'000;
  std::size_t cache_octets = std::size_t{16} << 20;
  std::chrono::seconds min_ttl{0};
  std::chrono::seconds max_ttl{std::chrono::hours{24}};
  std::chrono::seconds max_negative_ttl{std::chrono::hours{3}};  // RFC 2308 5
  // How long after its end an answer may still be given while no server answers (RFC 8767 4);
  // zero: never.
  std::chrono::seconds max_stale{std::chrono::hours{24}};

  std::size_t pending = 10'240;  // questions in flight, and clients that wait, each
  std::size_t pending_per_client = 1'024;
  SlotIndex slots = 16;          // of each server; 1 to max_slots
  std::uint16_t slot_uses = 64;  // queries after which a port is given up

  // Random case in what is asked, and the same required of what answers.
  bool mixed_case = false;
  // Addresses of private networks, and records that hint at them, are cut from answers, but for
  // names below these, and for names with servers of their own.
  bool rebind_protection = false;
  std::vector<Name> rebind_exceptions = {};
  bool filter_aaaa = false;  // AAAA is answered NODATA, and hints at it are cut
};

class Forwarding {
 public:
  struct Rule {
    Name suffix;                         // not the root
    std::vector<UpstreamIndex> servers;  // of nobody: names below it are refused
  };

  // `servers` for what no rule speaks of; empty: that is refused.
  // REQUIRES: suffixes differ, whatever their case; every index < max_upstreams
  Forwarding(std::vector<Rule> rules, std::vector<UpstreamIndex> servers,
             ForwardingOptions options = {});
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;
  ~Forwarding() = default;

  // The rule with the longest suffix that `name` is at or below; null for none.
  const Rule* rule_for(const FoldedName& name) const noexcept {
    return has_rules() ? find_rule(name) : nullptr;
  }
  std::span<const UpstreamIndex> servers_for(const FoldedName& name) const noexcept {
    const Rule* const rule = rule_for(name);
    return rule != nullptr ? rule->servers : servers_;
  }
  bool has_rules() const noexcept { return !rules_.empty(); }
  // Whether there is anybody to ask anything.
  bool has_servers() const noexcept { return !servers_.empty() || has_rules(); }
  // Whether any list names it.
  bool names(UpstreamIndex server) const noexcept;
  bool is_rebind_exception(const FoldedName& name) const noexcept;
  // Whether answers that were kept under the other are what would be kept under this one: the same
  // is cut from them, and rules send the same names to the same servers.
  bool may_keep_answers_of(const Forwarding& other) const noexcept;

  const ForwardingOptions& options() const noexcept { return options_; }

 private:
  // Looking up by FoldedName needs no index.
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    const Forwarding* forwarding;
    std::size_t operator()(std::uint32_t rule) const noexcept {
      return FoldedName(forwarding->rules_[rule].suffix.wire()).hash();
    }
    std::size_t operator()(const FoldedName& name) const noexcept { return name.hash(); }
  };
  struct Equal {
    using is_transparent = void;
    const Forwarding* forwarding;
    bool operator()(std::uint32_t left, std::uint32_t right) const noexcept {
      return left == right;
    }
    bool operator()(const FoldedName& name, std::uint32_t rule) const noexcept {
      return wire::equal(name.wire(), FoldedName(forwarding->rules_[rule].suffix.wire()).wire());
    }
    bool operator()(std::uint32_t rule, const FoldedName& name) const noexcept {
      return (*this)(name, rule);
    }
  };

  const Rule* find_rule(const FoldedName& name) const noexcept;

  std::vector<Rule> rules_;
  std::vector<UpstreamIndex> servers_;
  ForwardingOptions options_;
  boost::unordered_flat_set<std::uint32_t, Hash, Equal> by_suffix_;
};

}  // namespace berth::dns
