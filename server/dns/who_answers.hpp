// Whether a name is ours to answer, in the order of README's "Foreign names": hosts, names and
// records; our zones; rules of `forward`; the built-in zones; the other servers.
#pragma once

#include "protocol/wire/cursor.hpp"
#include "server/dns/folded_name.hpp"
#include "server/dns/forwarding.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/zones.hpp"

namespace berth::dns {

// What answers are made from.
struct Sources {
  const Zones& zones;
  const Forwarding* forwarding = nullptr;  // null: nobody else is asked
  NetworkIndex network = no_network;       // the asker's
  wire::MutableBytes aliases;              // room for Forward::aliases: max_aliases_size octets
};

// Whether a name of our zones has no records there and is for others. Inside of our zones a rule of
// `forward` is a delegation, where it is written; before the built-in ones it comes always.
// REQUIRES: match.kind is not not_ours
bool is_delegated(const Forwarding* forwarding, const FoldedName& name,
                  const Zones::Match& match) noexcept;

// Whether others may be asked for the records of `qtype` at a name that one of our aliases leads
// to. `match`: what our zones know of it.
bool is_for_others(const Forwarding* forwarding, const FoldedName& name, RrType qtype,
                   const Zones::Match& match) noexcept;

// Such a question never leaves the machine: the name is a host's here, or nobody's.
inline bool asks_address_of_bare_name(const FoldedName& name, RrType qtype) noexcept {
  return name.is_single_label() && (qtype == RrType::a || qtype == RrType::aaaa);
}

}  // namespace berth::dns
