// The rules about names and records.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "config/check.hpp"
#include "config/lookup.hpp"
#include "config/values.hpp"

namespace berth::config {
namespace {

std::string_view text_of(wire::Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Who has a name. Names directly below a served domain are compared by that label alone, so that
// the tens of thousands of hosts of a network need no absolute name each.
struct NameClaim {
  enum class Kind : std::uint8_t { host, alias, entry, record };

  std::string_view space;  // the domain in wire form; empty for an absolute name elsewhere
  std::string_view name;   // the label; the whole name in wire form elsewhere
  Location where;          // of the entry; of an alias its host's
  std::uint32_t draft = 0;
  std::uint32_t index = 0;  // of the host, entry or record
  Kind kind = Kind::host;

  auto owner() const noexcept { return std::tie(space, name); }
};

class NameCheck {
 public:
  NameCheck(std::span<const Draft> drafts, Report& report);

  void run();

 private:
  using Claims = std::span<const NameClaim>;

  void collect(std::uint32_t index);
  NameClaim claim_of(const dns::Name& owner) const noexcept;
  bool is_domain(std::string_view wire) const noexcept {
    return std::ranges::binary_search(domains_, wire);
  }
  const Record& record_of(const NameClaim& claim) const noexcept {
    return drafts_[claim.draft].network.records[claim.index];
  }
  bool is_cname(const NameClaim& claim) const noexcept {
    return claim.kind == NameClaim::Kind::record && record_of(claim).type == dns::RrType::cname;
  }
  std::string describe(const NameClaim& claim) const;
  void error(const NameClaim& claim, const std::string& message);
  void check_one_holder(Claims claims);
  void check_places_of_cnames(Claims claims);
  void check_cname(Claims claims);
  void check_repeated_records(Claims claims);
  void check_rings();
  void check_targets();
  bool has(const NameClaim& name) const noexcept;
  // The served domain that a name is at or below; null for none.
  const dns::Name* domain_of(const dns::Name& name) const noexcept;
  bool is_answered(const dns::Name& name, const dns::Name& domain) const noexcept;
  template <class Visit>
  void visit_record(const NameClaim& claim, Visit visit);

  std::span<const Draft> drafts_;
  Report& report_;
  std::vector<std::string_view> domains_;  // in wire form, ascending
  std::vector<NameClaim> claims_;
};

NameCheck::NameCheck(std::span<const Draft> drafts, Report& report)
    : drafts_(drafts), report_(report) {
  std::size_t count = 0;
  for (const Draft& draft : drafts) {
    domains_.push_back(text_of(draft.network.domain.wire()));
    count += draft.hosts.size() + draft.names.size() + draft.records.size();
  }
  std::ranges::sort(domains_);
  claims_.reserve(count);
  for (std::uint32_t index = 0; index < drafts.size(); ++index) collect(index);
  std::ranges::sort(claims_, [](const NameClaim& left, const NameClaim& right) {
    return std::tie(left.space, left.name, left.where) <
           std::tie(right.space, right.name, right.where);
  });
}

NameClaim NameCheck::claim_of(const dns::Name& owner) const noexcept {
  const std::string_view wire = text_of(owner.wire());
  const std::size_t label = static_cast<unsigned char>(wire.front());
  const std::string_view parent = owner.is_root() ? wire : wire.substr(1 + label);
  if (is_domain(parent)) return {.space = parent, .name = wire.substr(1, label)};
  return {.space = {}, .name = wire};
}

void NameCheck::collect(std::uint32_t index) {
  const Draft& draft = drafts_[index];
  const std::string_view domain = text_of(draft.network.domain.wire());
  const auto add = [&](NameClaim claim, NameClaim::Kind kind, TreeNode node, std::size_t at) {
    claim.where = node.where();
    claim.draft = index;
    claim.index = static_cast<std::uint32_t>(at);
    claim.kind = kind;
    claims_.push_back(claim);
  };
  for (std::size_t i = 0; i < draft.hosts.size(); ++i) {
    const Host& host = draft.network.hosts[i];
    add({.space = domain, .name = host.name}, NameClaim::Kind::host, draft.hosts[i], i);
    for (const std::string& alias : host.aliases)
      add({.space = domain, .name = alias}, NameClaim::Kind::alias, draft.hosts[i], i);
  }
  for (std::size_t i = 0; i < draft.names.size(); ++i)
    add(claim_of(draft.network.names[i].owner), NameClaim::Kind::entry, draft.names[i], i);
  for (std::size_t i = 0; i < draft.records.size(); ++i)
    add(claim_of(draft.network.records[i].owner), NameClaim::Kind::record, draft.records[i].node,
        i);
}

void NameCheck::run() {
  const Claims all = claims_;
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].owner() == all[begin].owner()) ++end;
    const Claims same = all.subspan(begin, end - begin);
    check_places_of_cnames(same);
    if (same.size() == 1) continue;
    check_one_holder(same);
    check_cname(same);
    check_repeated_records(same);
  }
  check_rings();
  check_targets();
}

std::string NameCheck::describe(const NameClaim& claim) const {
  switch (claim.kind) {
    case NameClaim::Kind::host: return "the host in " + line_of(claim.where);
    case NameClaim::Kind::alias:
      return "an alias of " + drafts_[claim.draft].network.hosts[claim.index].name + ", " +
             line_of(claim.where);
    case NameClaim::Kind::entry: return "the name in " + line_of(claim.where);
    case NameClaim::Kind::record: return "the record in " + line_of(claim.where);
  }
  return {};
}

void NameCheck::error(const NameClaim& claim, const std::string& message) {
  const Draft& draft = drafts_[claim.draft];
  const auto at_entry = [&](std::string_view key, TreeNode name) {
    const auto map = child(draft.place, key);
    report_.error_at(name.where(), map->entry(name, name.next()), message);
  };
  switch (claim.kind) {
    case NameClaim::Kind::host: return at_entry("hosts", draft.hosts[claim.index]);
    case NameClaim::Kind::entry: return at_entry("names", draft.names[claim.index]);
    case NameClaim::Kind::alias:
      return visit_host_item(
          draft, claim.index, "aliases",
          [&](std::string_view text) { return lower_case(text) == claim.name; },
          [&](const Place& place) { report_.error(place, message); });
    case NameClaim::Kind::record:
      return visit_record(claim, [&](const Place& place) { report_.error(place, message); });
  }
}

template <class Visit>
void NameCheck::visit_record(const NameClaim& claim, Visit visit) {
  const Draft& draft = drafts_[claim.draft];
  const auto list = child(draft.place, "records");
  const RecordLine& line = draft.records[claim.index];
  visit(list->node.kind() == TreeNode::Kind::list ? list->item(line.node, line.index) : *list);
}

// The first of hosts, aliases and names keeps the name.
void NameCheck::check_one_holder(Claims claims) {
  const NameClaim* holder = nullptr;
  for (const NameClaim& claim : claims) {
    if (claim.kind == NameClaim::Kind::record) continue;
    if (holder != nullptr)
      error(claim, "the name is already taken by " + describe(*holder));
    else
      holder = &claim;
  }
}

// Where the server itself has records: SOA and NS at the top of a zone, its address at `ns`.
void NameCheck::check_places_of_cnames(Claims claims) {
  for (const NameClaim& claim : claims) {
    if (!is_cname(claim)) continue;
    if (is_domain(text_of(record_of(claim).owner.wire())))
      error(claim, "a CNAME cannot stand at the top of a zone");
    else if (!claim.space.empty() && claim.name == "ns")
      error(claim, "a CNAME cannot stand at `ns`, which is this server's own name in the zone");
  }
}

void NameCheck::check_cname(Claims claims) {
  const auto cname =
      std::ranges::find_if(claims, [&](const auto& claim) { return is_cname(claim); });
  if (cname == claims.end()) return;
  const NameClaim& other = cname == claims.begin() ? claims[1] : claims.front();
  error(*cname, "a CNAME cannot stand beside other data: " + describe(other));
}

void NameCheck::check_repeated_records(Claims claims) {
  std::vector<const NameClaim*> records;
  for (const NameClaim& claim : claims)
    if (claim.kind == NameClaim::Kind::record) records.push_back(&claim);
  const auto content = [&](const NameClaim* claim) {
    const Record& record = record_of(*claim);
    return std::tie(record.type, record.rdata);
  };
  std::ranges::stable_sort(records, [&](const NameClaim* left, const NameClaim* right) {
    return content(left) < content(right);
  });
  for_each_repeated(records, content, [&](const NameClaim* first, const NameClaim* other) {
    error(*other, "the same record is already written in " + line_of(first->where));
  });
}

// Each record is walked over once, so the whole is linear but for the search of a target. A ring is
// told where the file closes it.
void NameCheck::check_rings() {
  struct Alias {
    std::string_view owner;
    std::string target;
    const NameClaim* claim;
    std::size_t walk = 0;  // by which it was reached first, from 1
  };
  std::vector<Alias> aliases;
  for (const NameClaim& claim : claims_)
    if (is_cname(claim))
      aliases.push_back({text_of(record_of(claim).owner.wire()),
                         lower_case(text_of(record_of(claim).rdata)), &claim});
  std::ranges::sort(aliases, {}, &Alias::owner);
  const auto next = [&](const Alias& alias) {
    const auto at = std::ranges::lower_bound(aliases, alias.target, {}, &Alias::owner);
    return at != aliases.end() && at->owner == alias.target ? &*at : nullptr;
  };
  for (std::size_t walk = 1; walk <= aliases.size(); ++walk) {
    Alias* at = &aliases[walk - 1];
    while (at != nullptr && at->walk == 0) {
      at->walk = walk;
      at = next(*at);
    }
    if (at == nullptr || at->walk != walk) continue;
    const Alias* last = at;
    for (const Alias* other = next(*at); other != at; other = next(*other))
      if (last->claim->where < other->claim->where) last = other;
    const NameClaim& following = *next(*last)->claim;
    error(*last->claim, &following == last->claim
                            ? std::string("a CNAME cannot lead to itself")
                            : "this CNAME leads back to itself, by " + describe(following));
  }
}

bool NameCheck::has(const NameClaim& name) const noexcept {
  const auto owner = [](const NameClaim& claim) { return claim.owner(); };
  return std::ranges::binary_search(claims_, name.owner(), {}, owner);
}

const dns::Name* NameCheck::domain_of(const dns::Name& name) const noexcept {
  const auto found = std::ranges::find_if(drafts_, [&](const Draft& draft) {
    return !draft.network.domain.is_root() && name.is_at_or_below(draft.network.domain);
  });
  return found == drafts_.end() ? nullptr : &found->network.domain;
}

// By its own records, by a wildcard, or by the server itself.
bool NameCheck::is_answered(const dns::Name& name, const dns::Name& domain) const noexcept {
  if (name == domain || has(claim_of(name))) return true;
  if (name.parent() == domain && text_of(name.wire()).starts_with("\2ns")) return true;
  for (dns::Name at = name; !(at == domain);) {
    at = at.parent();
    const auto wildcard = dns::Name::parse("*", at);
    if (wildcard && has(claim_of(*wildcard))) return true;
  }
  return false;
}

// The name that a record leads to (RFC 1035 3.3, RFC 2782).
std::optional<dns::Name> target_of(const Record& record) {
  std::size_t at = 0;
  switch (record.type) {
    case dns::RrType::cname: break;
    case dns::RrType::mx: at = 2; break;
    case dns::RrType::srv: at = 6; break;
    default: return std::nullopt;
  }
  const std::string wire = lower_case(text_of(wire::Bytes(record.rdata).subspan(at)));
  const auto name = dns::Name::from_wire(std::as_bytes(std::span(wire)));
  return name ? std::optional(*name) : std::nullopt;
}

// Most likely a final dot is missing, where other servers' files need none.
void NameCheck::check_targets() {
  for (const NameClaim& claim : claims_) {
    if (claim.kind != NameClaim::Kind::record) continue;
    const auto target = target_of(record_of(claim));
    const dns::Name* const domain = target ? domain_of(*target) : nullptr;
    if (domain == nullptr || is_answered(*target, *domain)) continue;
    const std::string text = target->to_string();
    std::string message = "the plan has no `" + text.substr(0, text.size() - 1) + '`';
    if (target->label_count() > domain->label_count() + 1)
      message += "; a name elsewhere ends in a dot: `" +
                 text.substr(0, text.size() - domain->to_string().size()) + '`';
    visit_record(claim, [&](const Place& place) { report_.warning(place, message); });
  }
}

}  // namespace

void check_names(std::span<const Draft> drafts, Report& report) { NameCheck(drafts, report).run(); }

}  // namespace berth::config
