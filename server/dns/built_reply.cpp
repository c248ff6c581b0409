#include "server/dns/built_reply.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "protocol/dns/message_builder.hpp"
#include "server/dns/short_reply.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t max_aliases = 8;
constexpr std::size_t max_additional_names = 16;

// Without its owner: the rendered one points to the question.
struct Record {
  RrType type{};
  std::uint32_t ttl = 0;
  wire::Bytes rdata;
};

Record take_record(wire::Bytes& records) noexcept {
  const std::size_t size = wire::load_u16(records, rendered_head_size - 2);
  const Record record{.type = RrType{wire::load_u16(records, 2)},
                      .ttl = wire::load_u32(records, 6),
                      .rdata = records.subspan(rendered_head_size, size)};
  records = records.subspan(rendered_head_size + size);
  return record;
}

void add_rrset(MessageBuilder& reply, Section section, wire::Bytes owner,
               const Rrset& rrset) noexcept {
  for (wire::Bytes rest = rrset.records; !rest.empty();) {
    const Record record = take_record(rest);
    reply.record(section, owner, record.type, RrClass::in, record.ttl, record.rdata);
  }
}

void add_soa(MessageBuilder& reply, const Zone& zone) noexcept {
  wire::Reader soa(zone.negative_soa);
  soa.skip(4);  // type and class
  const std::uint32_t ttl = soa.u32();
  soa.skip(2);
  reply.record(Section::authority, zone.apex, RrType::soa, RrClass::in, ttl, soa.rest());
}

// The server that a record of NS, MX or SRV names (RFC 1035 3.3, RFC 2782).
std::optional<wire::Bytes> server_of(const Record& record) noexcept {
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
    if (std::any_of(seen.begin(), end, [&](wire::Bytes s) { return wire::equal(s, *server); }))
      continue;
    seen[count++] = *server;
    const Zones::Match match = zones.match(FoldedName(*server));
    for (const RrType type : {RrType::a, RrType::aaaa})
      if (const auto addresses = Zones::find(match, type))
        add_rrset(reply, Section::additional, *server, *addresses);
  }
}

// Where following the aliases ended.
struct End {
  Zones::Match match;
  Rcode rcode = Rcode::noerror;
};

// The owners of the aliases followed so far.
class Owners {
 public:
  // False when it is there already, in whatever case (RFC 4343). REQUIRES: fewer than max_aliases
  bool add(wire::Bytes owner) noexcept {
    const auto same = [&](wire::Bytes other) {
      return std::ranges::equal(owner, other, {}, fold, fold);
    };
    if (std::any_of(owners_.begin(), owners_.begin() + count_, same)) return false;
    owners_[count_++] = owner;
    return true;
  }
  bool is_full() const noexcept { return count_ == owners_.size(); }

 private:
  std::array<wire::Bytes, max_aliases> owners_;
  std::uint8_t count_ = 0;
};

// Adds the CNAMEs from the question's name on (RFC 1034 4.3.2 step 3a) and the RRset at their end.
// A ring of aliases ends where it closes: an RRset has no record twice (RFC 2181 5).
End add_answer(MessageBuilder& reply, wire::Bytes owner, RrType type, const Zones& zones,
               Zones::Match match) noexcept {
  Owners aliases;
  while (match.kind == Zones::Match::Kind::exists) {
    if (const auto rrset = Zones::find(match, type)) {
      add_rrset(reply, Section::answer, owner, *rrset);
      add_addresses(reply, zones, *rrset);
      return {};
    }
    const auto alias = Zones::find(match, RrType::cname);
    if (!alias) return {.match = match};
    if (aliases.is_full() || !aliases.add(owner)) return {};
    add_rrset(reply, Section::answer, owner, *alias);
    wire::Bytes records = alias->records;
    owner = take_record(records).rdata;
    match = zones.match(FoldedName(owner));
  }
  // RFC 6604 3: the code is that of the last name.
  const bool missing = match.kind == Zones::Match::Kind::no_such_name;
  return {.match = match, .rcode = missing ? Rcode::nxdomain : Rcode::noerror};
}

}  // namespace

Reply build_reply(const Query& query, RrType type, const Zones& zones, const Zones::Match& match,
                  wire::MutableBytes out) noexcept {
  MessageBuilder reply(out.first(query.limit), query.message.header().id(),
                       reply_flags(query.flags(), Rcode::noerror, true));
  if (query.edns) reply.edns(reply_edns(*query.edns));
  reply.question(query.qname(), query.question.qtype, query.question.qclass);
  const End end = add_answer(reply, query.qname(), type, zones, match);
  if (end.match.zone != nullptr) add_soa(reply, *end.match.zone);
  reply.rcode(end.rcode);
  const auto message = reply.finish();
  if (!message) return error(query, Rcode::servfail, out);
  return {.payload = *message,
          .rcode = end.rcode,
          .qtype = query.question.qtype,
          .qname = query.question.qname};
}

}  // namespace berth::dns
