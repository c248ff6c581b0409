#include "server/dns/asker.hpp"

#include <algorithm>
#include <cassert>

#include "protocol/dns/header.hpp"
#include "protocol/dns/message_builder.hpp"
#include "server/dns/query.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t reason_size = EdnsOptions::option_header + 2;

std::uint16_t flags_for(const Asker& asker, Rcode rcode) noexcept {
  return static_cast<std::uint16_t>(reply_flags(asker.flags, rcode, false) | flag::ra);
}

using ReasonOption = std::array<std::byte, reason_size>;

ReasonOption option_of(ExtendedError reason) noexcept {
  ReasonOption option;
  wire::store_u16(option, 0, static_cast<std::uint16_t>(EdnsOptionCode::extended_error));
  wire::store_u16(option, 2, 2);
  wire::store_u16(option, 4, static_cast<std::uint16_t>(reason));
  return option;
}

// OPT, with the reason if there is one and room for it; for all that precedes it.
void write_edns(const Asker& asker, Rcode rcode, std::optional<ExtendedError> reason,
                wire::Writer& writer) noexcept {
  if (!asker.has_edns) return;
  const ReasonOption option = option_of(reason.value_or(ExtendedError{}));
  Edns edns{.udp_size = max_udp_size,
            .extended_rcode = static_cast<std::uint8_t>(static_cast<unsigned>(rcode) >> 4),
            .dnssec_ok = asker.dnssec_ok};
  if (reason && writer.size() + Edns::fixed_size + reason_size <= asker.limit)
    edns.options = EdnsOptions(option);
  edns.write(writer);
}

Reply without_records(const Asker& asker, std::uint16_t flags, Rcode rcode,
                      std::optional<ExtendedError> reason, wire::MutableBytes out) noexcept {
  wire::Writer writer(out.first(asker.limit));
  writer.u16(asker.id);
  writer.u16(flags);
  writer.u16(1);
  writer.u32(0);
  writer.u16(asker.has_edns ? 1 : 0);
  writer.bytes(asker.qname());
  writer.u16(static_cast<std::uint16_t>(asker.qtype));
  writer.u16(static_cast<std::uint16_t>(RrClass::in));
  write_edns(asker, rcode, reason, writer);
  assert(writer.ok());
  return {.payload = writer.written(), .rcode = rcode, .qtype = asker.qtype};
}

void add_records(const MessageView& said, MessageBuilder& reply) noexcept {
  for (const Section section : {Section::answer, Section::authority})
    for (const ResourceRecord& record : said.records(section))
      if (!reply.record(section, record)) return;
}

// AA is of the first owner (RFC 1035 4.1.1), the code of the last (RFC 6604 3), AD of all (RFC 4035
// 3.2.3): our zones are not signed.
Reply with_aliases(const Asker& asker, std::uint16_t flags, Rcode rcode, const MessageView* said,
                   std::optional<ExtendedError> reason, wire::MutableBytes out) noexcept {
  MessageBuilder reply(out.first(asker.limit), asker.id,
                       static_cast<std::uint16_t>(flags | flag::aa));
  const ReasonOption option = option_of(reason.value_or(ExtendedError{}));
  if (asker.has_edns)
    reply.edns({.udp_size = max_udp_size,
                .dnssec_ok = asker.dnssec_ok,
                .options = reason ? EdnsOptions(option) : EdnsOptions()});
  reply.question(asker.qname(), asker.qtype, RrClass::in);
  wire::Bytes owner = asker.qname();
  for (wire::Bytes rest = asker.aliases; !rest.empty();) {
    const RenderedRecord alias = take_record(rest);
    reply.record(Section::answer, owner, alias.type, RrClass::in, alias.ttl, alias.rdata);
    owner = alias.rdata;
  }
  if (said != nullptr) add_records(*said, reply);
  const auto message = reply.finish();
  assert(message);  // a question and OPT fit into what anybody takes
  return {.payload = *message, .rcode = rcode, .qtype = asker.qtype};
}

}  // namespace

Asker::Asker(const Forward& query) noexcept
    : id(query.message.header().id()),
      flags(query.message.header().flags()),
      qtype(query.question.qtype),
      qname_size(static_cast<std::uint8_t>(query.question.qname.size())),
      has_edns(query.edns.has_value()),
      dnssec_ok(query.edns && query.edns->dnssec_ok),
      limit(static_cast<std::uint32_t>(std::min<std::size_t>(query.limit, 0xffff))),
      aliases(query.aliases) {
  wire::copy(query.question.qname.wire(), octets);
}

bool Asker::wants_recursion() const noexcept { return (flags & flag::rd) != 0; }

Reply failure_reply(const Asker& asker, Rcode rcode, std::optional<ExtendedError> reason,
                    wire::MutableBytes out) noexcept {
  if (rcode == Rcode::noerror && !asker.aliases.empty())
    return aliased_reply(asker, {}, reason, out);
  return without_records(asker, flags_for(asker, rcode), rcode, reason, out);
}

bool fits(const Asker& asker, std::size_t image_size) noexcept {
  return image_size + (asker.has_edns ? Edns::fixed_size : 0) <= asker.limit;
}

Reply cut_reply(const Asker& asker, Rcode rcode, std::optional<ExtendedError> reason,
                wire::MutableBytes out) noexcept {
  const auto flags = static_cast<std::uint16_t>(flags_for(asker, rcode) | flag::tc);
  if (asker.aliases.empty()) return without_records(asker, flags, rcode, reason, out);
  return with_aliases(asker, flags, rcode, nullptr, reason, out);
}

Reply image_reply(const Asker& asker, std::size_t image_size, std::optional<ExtendedError> reason,
                  wire::MutableBytes out) noexcept {
  assert(fits(asker, image_size));
  const std::uint16_t said = wire::load_u16(out, field::flags);
  const auto rcode = static_cast<Rcode>(said & flag::rcode_mask);
  // RFC 6840 5.8: AD goes to who shows that they know it.
  const bool knows_ad = asker.dnssec_ok || (asker.flags & flag::ad) != 0;
  std::uint16_t flags = flags_for(asker, rcode);
  if (knows_ad) flags |= said & flag::ad;
  wire::store_u16(out, field::id, asker.id);
  wire::store_u16(out, field::flags, flags);
  wire::store_u16(out, field::counts + 6, asker.has_edns ? 1 : 0);
  wire::copy(asker.qname(), out.subspan(header_size));
  if (!asker.has_edns)
    return {.payload = out.first(image_size), .rcode = rcode, .qtype = asker.qtype};
  wire::Writer writer(out.subspan(image_size, asker.limit - image_size));
  if (reason && image_size + Edns::fixed_size + reason_size > asker.limit) reason.reset();
  write_edns(asker, rcode, reason, writer);
  return {.payload = out.first(image_size + writer.size()), .rcode = rcode, .qtype = asker.qtype};
}

Reply aliased_reply(const Asker& asker, wire::Bytes image, std::optional<ExtendedError> reason,
                    wire::MutableBytes out) noexcept {
  const auto said = MessageView::parse(image);
  const Rcode rcode = said ? said->rcode() : Rcode::noerror;
  return with_aliases(asker, flags_for(asker, rcode), rcode, said ? &*said : nullptr, reason, out);
}

}  // namespace berth::dns
