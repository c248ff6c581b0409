#include "server/dns/who_answers.hpp"

namespace berth::dns {

bool is_delegated(const Forwarding* forwarding, const FoldedName& name,
                  const Zones::Match& match) noexcept {
  if (forwarding == nullptr || !forwarding->has_rules()) return false;
  const Forwarding::Rule* const rule = forwarding->rule_for(name);
  if (rule == nullptr) return false;
  if (match.zone->kind == Zone::Kind::built_in) return true;
  return match.rrsets.empty() && rule->suffix.size() > match.zone->apex.size();
}

bool is_for_others(const Forwarding* forwarding, const FoldedName& name, RrType qtype,
                   const Zones::Match& match) noexcept {
  if (forwarding == nullptr) return false;
  const bool is_ours = match.kind != Zones::Match::Kind::not_ours;
  if (is_ours ? !is_delegated(forwarding, name, match) : asks_address_of_bare_name(name, qtype))
    return false;
  return !forwarding->servers_for(name).empty();
}

}  // namespace berth::dns
