#include "protocol/dns/rdata.hpp"

#include <algorithm>
#include <array>

namespace berth::dns {
namespace {

using enum RdataField;

struct Layout {
  RrType type;
  std::array<RdataField, 9> fields;
  std::size_t count;
};

template <class... Fields>
constexpr Layout layout(RrType type, Fields... fields) {
  return {type, {fields...}, sizeof...(fields)};
}

// clang-format off
constexpr auto layouts = std::to_array<Layout>({
    layout(RrType::a, ipv4),
    layout(RrType::ns, domain_name),
    layout(RrType::cname, domain_name),
    layout(RrType::soa, domain_name, domain_name, u32, u32, u32, u32, u32),
    layout(RrType::ptr, domain_name),
    layout(RrType::hinfo, text, text),
    layout(RrType::mx, u16, domain_name),
    layout(RrType::txt, texts),
    layout(RrType::rp, uncompressed_name, uncompressed_name),
    layout(RrType::sig, u16, u8, u8, u32, u32, u32, u16, uncompressed_name, opaque),
    layout(RrType::aaaa, ipv6),
    layout(RrType::srv, u16, u16, u16, uncompressed_name),
    layout(RrType::naptr, u16, u16, text, text, text, uncompressed_name),
    layout(RrType::dname, uncompressed_name),
    layout(RrType::ds, u16, u8, u8, hex),
    layout(RrType::sshfp, u8, u8, hex),
    layout(RrType::rrsig, u16, u8, u8, u32, u32, u32, u16, uncompressed_name, opaque),
    layout(RrType::nsec, uncompressed_name, bitmap),
    layout(RrType::nsec3, u8, u8, u16, counted, counted, bitmap),
    layout(RrType::tlsa, u8, u8, u8, hex),
    layout(RrType::svcb, u16, uncompressed_name, opaque),
    layout(RrType::https, u16, uncompressed_name, opaque),
    layout(RrType::caa, u8, tag, text_rest),
});
// clang-format on
static_assert(std::ranges::is_sorted(layouts, std::ranges::less_equal{}, &Layout::type));

constexpr std::array<RdataField, 1> unknown_fields = {opaque};

// RFC 4034 4.1.2: windows in ascending order, each of 1 to 32 octets.
bool well_formed_bitmap(wire::Bytes bitmap) noexcept {
  int previous = -1;
  for (wire::Reader reader(bitmap); reader.remaining() > 0;) {
    const int window = reader.u8();
    const std::size_t length = reader.u8();
    reader.skip(length);
    if (!reader.ok() || window <= previous || length == 0 || length > 32) return false;
    previous = window;
  }
  return true;
}

bool is_name(RdataField field) noexcept {
  return field == domain_name || field == uncompressed_name;
}

}  // namespace

std::span<const RdataField> rdata_fields(RrType type) noexcept {
  const auto found = std::ranges::lower_bound(layouts, type, {}, &Layout::type);
  if (found == layouts.end() || found->type != type) return unknown_fields;
  return std::span(found->fields).first(found->count);
}

// The octets the field takes at at_; none if it does not fit there.
std::optional<std::size_t> RdataWalk::measure(RdataField field) const noexcept {
  const wire::Bytes rest = message_.subspan(at_);
  const auto fixed = [&](std::size_t size) {
    return rest.size() < size ? std::nullopt : std::optional(size);
  };
  switch (field) {
    case u8: return fixed(1);
    case u16: return fixed(2);
    case u32:
    case ipv4: return fixed(4);
    case ipv6: return fixed(16);
    case tag:
      if (rest.size() < 2 || rest[0] == std::byte{0}) return std::nullopt;
      [[fallthrough]];
    case text:
    case texts:
    case counted:
      return rest.empty() ? std::nullopt : fixed(1 + std::size_t{wire::load_u8(rest, 0)});
    case hex: return rest.empty() ? std::nullopt : fixed(rest.size());
    case bitmap: return well_formed_bitmap(rest) ? fixed(rest.size()) : std::nullopt;
    case text_rest:
    case opaque: return fixed(rest.size());
    case domain_name:
    case uncompressed_name: break;
  }
  return std::nullopt;
}

std::optional<RdataPart> RdataWalk::next() noexcept {
  if (fields_.empty()) return std::nullopt;
  RdataPart part{.field = fields_.front(), .octets = {}, .name = {}};
  std::size_t size = 0;
  if (is_name(part.field)) {
    const auto parsed = NameView::parse(message_, at_);
    if (!parsed) return std::nullopt;
    part.name = *parsed;
    size = parsed->wire_size();
  } else {
    const auto measured = measure(part.field);
    if (!measured) return std::nullopt;
    size = *measured;
  }
  part.octets = message_.subspan(at_, size);
  at_ += size;
  const bool again = part.field == texts && at_ < message_.size();
  if (part.field == texts) part.field = text;
  if (!again) fields_ = fields_.subspan(1);
  return part;
}

bool well_formed_rdata(RrType type, wire::Bytes message, std::size_t at, std::size_t end) noexcept {
  RdataWalk walk(type, message, at, end);
  while (walk.next()) {
  }
  return walk.complete();
}

}  // namespace berth::dns
