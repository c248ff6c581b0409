#include "server/dns/built_reply.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "protocol/dns/message_builder.hpp"
#include "server/dns/short_reply.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t max_additional_names = 16;

// False when not all of it fitted.
bool add_rrset(MessageBuilder& reply, Section section, wire::Bytes owner,
               const Rrset& rrset) noexcept {
  for (wire::Bytes rest = rrset.records; !rest.empty();) {
    const RenderedRecord record = take_record(rest);
    if (!reply.record(section, owner, record.type, RrClass::in, record.ttl, record.rdata))
      return false;
  }
  return true;
}

void add_soa(MessageBuilder& reply, const Zone& zone) noexcept {
  wire::Reader soa(zone.negative_soa);
  soa.skip(4);  // type and class
  const std::uint32_t ttl = soa.u32();
  soa.skip(2);
  reply.record(Section::authority, zone.apex, RrType::soa, RrClass::in, ttl, soa.rest());
}

bool is_same(wire::Bytes name, wire::Bytes other) noexcept {
  return std::ranges::equal(name, other, {}, fold, fold);  // RFC 4343
}

// The server that a record of NS, MX or SRV names (RFC 1035 3.3, RFC 2782).
std::optional<wire::Bytes> server_of(const RenderedRecord& record) noexcept {
  switch (record.type) {
    case RrType::ns: return record.rdata;
    case RrType::mx: return record.rdata.subspan(2);
    case RrType::srv: return record.rdata.subspan(6);
    default: return std::nullopt;
  }
}

void add_addresses(MessageBuilder& reply, const Zones& zones, const Rrset& rrset) noexcept {
  std::array<wire::Bytes, max_additional_names> seen;
  std::size_t count = 0;
  for (wire::Bytes rest = rrset.records; !rest.empty() && count < seen.size();) {
    const auto server = server_of(take_record(rest));
    if (!server) return;
    const auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::any_of(seen.begin(), end, [&](wire::Bytes name) { return is_same(name, *server); }))
      continue;
    seen[count++] = *server;
    const Zones::Match match = zones.match(FoldedName(*server));
    for (const RrType type : {RrType::a, RrType::aaaa}) {
      const auto addresses = Zones::find(match, type);
      const MessageBuilder::Mark mark = reply.mark();
      if (addresses && !add_rrset(reply, Section::additional, *server, *addresses))
        reply.take_back(mark);
    }
  }
}

// The aliases followed so far.
class Aliases {
 public:
  // False when the owner has been there already. `record`: rendered.
  // REQUIRES: fewer than max_aliases
  bool add(wire::Bytes owner, wire::Bytes record) noexcept {
    const auto same = [&](const Alias& other) { return is_same(owner, other.owner); };
    if (std::any_of(aliases_.begin(), aliases_.begin() + count_, same)) return false;
    aliases_[count_++] = {.owner = owner, .record = record};
    return true;
  }
  bool is_full() const noexcept { return count_ == aliases_.size(); }

  // Their records, one behind the other. REQUIRES: out.size() >= max_aliases_size
  wire::Bytes copy(wire::MutableBytes out) const noexcept {
    wire::Writer writer(out);
    for (std::size_t i = 0; i < count_; ++i) writer.bytes(aliases_[i].record);
    return writer.written();
  }

 private:
  struct Alias {
    wire::Bytes owner;
    wire::Bytes record;
  };

  std::array<Alias, max_aliases> aliases_;
  std::uint8_t count_ = 0;
};

// Where following the aliases ended.
struct End {
  Zones::Match match;
  Rcode rcode = Rcode::noerror;
  bool is_for_others = false;
};

// Adds the CNAMEs from the question's name on (RFC 1034 4.3.2 step 3a) and the RRset at their end,
// unless that is for others. A ring of aliases ends where it closes: an RRset has no record twice
// (RFC 2181 5).
End add_answer(MessageBuilder& reply, const Query& query, RrType type, const Sources& sources,
               Zones::Match match, Aliases& aliases) noexcept {
  const bool may_ask = query.recursion && query.message.header().has(flag::rd);
  wire::Bytes owner = query.qname();
  while (match.kind == Zones::Match::Kind::exists) {
    if (const auto rrset = Zones::find(match, type)) {
      add_rrset(reply, Section::answer, owner, *rrset);
      add_addresses(reply, sources.zones, *rrset);
      return {};
    }
    const auto alias = Zones::find(match, RrType::cname);
    if (!alias) return {.match = match};
    wire::Bytes rest = alias->records;
    const wire::Bytes target = take_record(rest).rdata;
    const wire::Bytes record = alias->records.first(alias->records.size() - rest.size());
    if (aliases.is_full() || !aliases.add(owner, record)) return {};
    add_rrset(reply, Section::answer, owner, *alias);
    owner = target;
    const FoldedName name(owner);
    match = sources.zones.match(name);
    if (may_ask && is_for_others(sources.forwarding, name, type, match))
      return {.match = {}, .is_for_others = true};
  }
  // RFC 6604 3: the code is that of the last name.
  const bool missing = match.kind == Zones::Match::Kind::no_such_name;
  return {.match = match, .rcode = missing ? Rcode::nxdomain : Rcode::noerror};
}

}  // namespace

Outcome build_reply(const Query& query, RrType type, const Sources& sources,
                    const Zones::Match& match, wire::MutableBytes out) noexcept {
  MessageBuilder reply(out.first(query.limit), query.message.header().id(),
                       reply_flags(query, Rcode::noerror, true));
  if (query.edns) reply.edns(reply_edns(*query.edns));
  reply.question(query.qname(), query.question.qtype, query.question.qclass);
  Aliases aliases;
  const End end = add_answer(reply, query, type, sources, match, aliases);
  if (end.is_for_others) return forward(query, aliases.copy(sources.aliases));
  if (end.match.zone != nullptr) add_soa(reply, *end.match.zone);
  reply.rcode(end.rcode);
  const auto message = reply.finish();
  if (!message) return error(query, Rcode::servfail, out);
  return Reply{.payload = *message,
               .rcode = end.rcode,
               .qtype = query.question.qtype,
               .qname = query.question.qname};
}

}  // namespace berth::dns
