#include "server/dns/forwarding.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace berth::dns {
namespace {

bool holds(const std::vector<UpstreamIndex>& servers, UpstreamIndex server) noexcept {
  return std::ranges::find(servers, server) != servers.end();
}

}  // namespace

Forwarding::Forwarding(std::vector<Rule> rules, std::vector<UpstreamIndex> servers,
                       ForwardingOptions options)
    : rules_(std::move(rules)),
      servers_(std::move(servers)),
      options_(std::move(options)),
      by_suffix_(0, Hash{this}, Equal{this}) {
  options_.slots = std::clamp<SlotIndex>(options_.slots, 1, max_slots);
  by_suffix_.reserve(rules_.size());
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    assert(!rules_[rule].suffix.is_root());
    by_suffix_.insert(rule);
  }
}

const Forwarding::Rule* Forwarding::find_rule(const FoldedName& name) const noexcept {
  for (FoldedName suffix = name; !suffix.is_root(); suffix = suffix.parent())
    if (const auto found = by_suffix_.find(suffix); found != by_suffix_.end())
      return &rules_[*found];
  return nullptr;
}

bool Forwarding::names(UpstreamIndex server) const noexcept {
  return holds(servers_, server) ||
         std::ranges::any_of(rules_, [&](const Rule& rule) { return holds(rule.servers, server); });
}

bool Forwarding::is_rebind_exception(const FoldedName& name) const noexcept {
  if (rule_for(name) != nullptr) return true;
  const auto owner = Name::from_wire(name.wire());
  return owner && std::ranges::any_of(options_.rebind_exceptions, [&](const Name& suffix) {
           return owner->is_at_or_below(suffix);
         });
}

bool Forwarding::may_keep_answers_of(const Forwarding& other) const noexcept {
  const auto has_the_same = [&](const Rule& rule) {
    const auto found = other.by_suffix_.find(FoldedName(rule.suffix.wire()));
    return found != other.by_suffix_.end() && other.rules_[*found].servers == rule.servers;
  };
  return options_.rebind_protection == other.options_.rebind_protection &&
         options_.rebind_exceptions == other.options_.rebind_exceptions &&
         options_.filter_aaaa == other.options_.filter_aaaa &&
         rules_.size() == other.rules_.size() && std::ranges::all_of(rules_, has_the_same);
}

}  // namespace berth::dns
