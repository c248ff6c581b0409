#include "protocol/dns/types.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace berth::dns {
namespace {

template <class Code>
struct Row {
  Code code;
  std::string_view name;
};

constexpr auto types = std::to_array<Row<RrType>>({
    {RrType::a, "A"},           {RrType::ns, "NS"},       {RrType::cname, "CNAME"},
    {RrType::soa, "SOA"},       {RrType::wks, "WKS"},     {RrType::ptr, "PTR"},
    {RrType::hinfo, "HINFO"},   {RrType::mx, "MX"},       {RrType::txt, "TXT"},
    {RrType::rp, "RP"},         {RrType::sig, "SIG"},     {RrType::aaaa, "AAAA"},
    {RrType::loc, "LOC"},       {RrType::srv, "SRV"},     {RrType::naptr, "NAPTR"},
    {RrType::dname, "DNAME"},   {RrType::opt, "OPT"},     {RrType::ds, "DS"},
    {RrType::sshfp, "SSHFP"},   {RrType::rrsig, "RRSIG"}, {RrType::nsec, "NSEC"},
    {RrType::dnskey, "DNSKEY"}, {RrType::nsec3, "NSEC3"}, {RrType::tlsa, "TLSA"},
    {RrType::svcb, "SVCB"},     {RrType::https, "HTTPS"}, {RrType::tkey, "TKEY"},
    {RrType::tsig, "TSIG"},     {RrType::ixfr, "IXFR"},   {RrType::axfr, "AXFR"},
    {RrType::any, "ANY"},       {RrType::caa, "CAA"},
});

constexpr auto classes = std::to_array<Row<RrClass>>({
    {RrClass::in, "IN"},
    {RrClass::ch, "CH"},
    {RrClass::hs, "HS"},
    {RrClass::none, "NONE"},
    {RrClass::any, "ANY"},
});

constexpr auto opcodes = std::to_array<Row<Opcode>>({
    {Opcode::query, "QUERY"},
    {Opcode::iquery, "IQUERY"},
    {Opcode::status, "STATUS"},
    {Opcode::notify, "NOTIFY"},
    {Opcode::update, "UPDATE"},
});

constexpr auto rcodes = std::to_array<Row<Rcode>>({
    {Rcode::noerror, "NOERROR"},
    {Rcode::formerr, "FORMERR"},
    {Rcode::servfail, "SERVFAIL"},
    {Rcode::nxdomain, "NXDOMAIN"},
    {Rcode::notimp, "NOTIMP"},
    {Rcode::refused, "REFUSED"},
    {Rcode::yxdomain, "YXDOMAIN"},
    {Rcode::yxrrset, "YXRRSET"},
    {Rcode::nxrrset, "NXRRSET"},
    {Rcode::notauth, "NOTAUTH"},
    {Rcode::notzone, "NOTZONE"},
    {Rcode::badvers, "BADVERS"},
});

template <class Table>
constexpr bool sorted_and_unique(const Table& table) {
  return std::ranges::is_sorted(table, std::ranges::less_equal{}, &Table::value_type::code);
}
static_assert(sorted_and_unique(types) && sorted_and_unique(classes) &&
              sorted_and_unique(opcodes) && sorted_and_unique(rcodes));

template <class Table, class Code>
std::string_view find(const Table& table, Code code) noexcept {
  const auto row = std::ranges::lower_bound(table, code, {}, &Table::value_type::code);
  return row != table.end() && row->code == code ? row->name : std::string_view();
}

constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, upper, upper);
}

}  // namespace

std::string_view name(RrType type) noexcept { return find(types, type); }
std::string_view name(RrClass rr_class) noexcept { return find(classes, rr_class); }
std::string_view name(Opcode opcode) noexcept { return find(opcodes, opcode); }
std::string_view name(Rcode rcode) noexcept { return find(rcodes, rcode); }

std::optional<RrType> parse_type(std::string_view text) noexcept {
  for (const auto& row : types)
    if (equal_ignoring_case(row.name, text)) return row.code;
  constexpr std::string_view prefix = "TYPE";
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint16_t code = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return RrType{code};
}

}  // namespace berth::dns
