#include "server/dns/identity.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "protocol/dns/message_builder.hpp"
#include "server/dns/folded_name.hpp"
#include "server/dns/short_reply.hpp"

namespace berth::dns {
namespace {

using namespace std::string_view_literals;

struct Row {
  std::string_view name;  // wire form, lower case
  std::string Identity::*text;
};

constexpr std::array<Row, 4> rows = {{
    {"\x07version\x04"
     "bind\0"sv,
     &Identity::version},
    {"\x07version\x06server\0"sv, &Identity::version},
    {"\x08hostname\x04"
     "bind\0"sv,
     &Identity::host},
    {"\x02id\x06server\0"sv, &Identity::host},
}};

}  // namespace

std::optional<Reply> answer_identity(const Query& query, const Identity& identity,
                                     wire::MutableBytes out) noexcept {
  const FoldedName qname(query.qname());
  const auto row = std::ranges::find_if(
      rows, [&](const Row& one) { return wire::equal(qname.wire(), wire::bytes_of(one.name)); });
  if (row == rows.end()) return std::nullopt;
  const std::string_view text = identity.*row->text;
  if (text.empty() || text.size() > 0xff) return std::nullopt;
  const RrType qtype = query.question.qtype;
  if (qtype != RrType::txt && qtype != RrType::any)
    return negative(query, Rcode::noerror, nullptr, /*authoritative=*/true, out);

  std::array<std::byte, 256> rdata;
  rdata[0] = static_cast<std::byte>(text.size());
  std::ranges::copy(wire::bytes_of(text), rdata.begin() + 1);
  MessageBuilder reply(out.first(query.limit), query.message.header().id(),
                       reply_flags(query, Rcode::noerror, true));
  if (query.edns) reply.edns(reply_edns(*query.edns));
  reply.question(query.qname(), qtype, query.question.qclass);
  reply.record(Section::answer, query.qname(), RrType::txt, RrClass::ch, 0,
               wire::Bytes(rdata).first(1 + text.size()));
  const auto message = reply.finish();
  if (!message) return std::nullopt;
  return Reply{
      .payload = *message, .rcode = Rcode::noerror, .qtype = qtype, .qname = query.question.qname};
}

}  // namespace berth::dns
