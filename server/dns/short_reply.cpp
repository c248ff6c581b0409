#include "server/dns/short_reply.hpp"

#include <array>
#include <cassert>

namespace berth::dns {
namespace {

constexpr std::uint16_t pointer_bits = 0xc000;

struct Contents {
  std::uint16_t flags = 0;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  bool has_edns = false;
};

// All of the header but the id and QDCOUNT, which came with the question.
void set_header(wire::MutableBytes out, const Contents& contents) noexcept {
  wire::store_u16(out, field::flags, contents.flags);
  wire::store_u16(out, field::counts + 2, contents.answers);
  wire::store_u16(out, field::counts + 4, contents.authorities);
  wire::store_u16(out, field::counts + 6, contents.has_edns ? 1 : 0);
}

Reply finish(const Query& query, Rcode rcode, Contents contents, wire::Writer& writer,
             EdnsOptions options = {}) noexcept {
  if (query.edns) {
    Edns edns = reply_edns(*query.edns);
    edns.extended_rcode = static_cast<std::uint8_t>(static_cast<unsigned>(rcode) >> 4);
    edns.options = options;
    edns.write(writer);
  }
  assert(writer.ok());
  contents.has_edns = query.edns.has_value();
  set_header(writer.written(), contents);
  return {.payload = writer.written(),
          .rcode = rcode,
          .qtype = query.question.qtype,
          .qname = query.question.qname};
}

std::size_t edns_size(const Query& query) noexcept { return query.edns ? Edns::fixed_size : 0; }

}  // namespace

Reply header_only(const HeaderView& query, Rcode rcode, const std::optional<Edns>& edns,
                  wire::MutableBytes out) noexcept {
  wire::Writer writer(out);
  writer.zeros(header_size);
  if (edns) reply_edns(*edns).write(writer);
  const wire::MutableBytes reply = writer.written();
  wire::store_u16(reply, field::id, query.id());
  set_header(reply,
             {.flags = reply_flags(query.flags(), rcode, false), .has_edns = edns.has_value()});
  return {.payload = reply, .rcode = rcode};
}

Reply error(const Query& query, Rcode rcode, wire::MutableBytes out,
            std::optional<ExtendedError> reason) noexcept {
  std::array<std::byte, EdnsOptions::option_header + 2> option;
  wire::store_u16(option, 0, static_cast<std::uint16_t>(EdnsOptionCode::extended_error));
  wire::store_u16(option, 2, 2);
  if (reason) wire::store_u16(option, 4, static_cast<std::uint16_t>(*reason));
  wire::Writer writer(out.first(query.limit));
  writer.bytes(query.echo());
  // A refusal goes to whoever the query says it comes from: it must not be worth forging.
  const bool grows =
      writer.size() + Edns::fixed_size + option.size() > query.message.octets().size();
  return finish(query, rcode, {.flags = reply_flags(query, rcode, false)}, writer,
                reason && !grows ? EdnsOptions(option) : EdnsOptions());
}

bool fits(const Query& query, const Rrset& rrset) noexcept {
  return query.echo().size() + rrset.records.size() + edns_size(query) <= query.limit;
}

Reply positive(const Query& query, const Rrset& rrset, wire::MutableBytes out) noexcept {
  wire::Writer writer(out.first(query.limit));
  writer.bytes(query.echo());
  writer.bytes(rrset.records);
  return finish(query, Rcode::noerror,
                {.flags = reply_flags(query, Rcode::noerror, true), .answers = rrset.count},
                writer);
}

Reply negative(const Query& query, Rcode rcode, const Zone* zone, bool authoritative,
               wire::MutableBytes out) noexcept {
  wire::Writer writer(out.first(query.limit));
  writer.bytes(query.echo());
  Contents contents{.flags = reply_flags(query, rcode, authoritative)};
  if (zone != nullptr) {
    constexpr std::size_t owner_size = 2;
    if (writer.size() + owner_size + zone->negative_soa.size() + edns_size(query) > query.limit) {
      contents.flags |= flag::tc;
    } else {
      // The apex is what the question's name ends in.
      const std::size_t apex = query.question.qname.end() - zone->apex.size();
      writer.u16(static_cast<std::uint16_t>(pointer_bits | apex));
      writer.bytes(zone->negative_soa);
      contents.authorities = 1;
    }
  }
  return finish(query, rcode, contents, writer);
}

}  // namespace berth::dns
