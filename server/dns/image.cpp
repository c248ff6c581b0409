#include "server/dns/image.hpp"

#include <algorithm>
#include <cassert>
#include <optional>

#include "protocol/dns/message_builder.hpp"
#include "protocol/net/ipv4.hpp"
#include "server/dns/service_hints.hpp"

namespace berth::dns {
namespace {

using std::chrono::seconds;

constexpr std::size_t question_tail = 4;  // QTYPE and QCLASS
constexpr std::size_t record_head = 10;   // TYPE, CLASS, TTL, RDLENGTH
constexpr std::size_t ttl_in_head = 4;
constexpr std::size_t min_record_size = 1 + record_head;
constexpr std::size_t max_records = ImageWriter::max_size / min_record_size;
// Hints that are longer are cut with their record, where IPv6 is filtered: a record has a few.
constexpr std::size_t max_service_size = 2048;
constexpr std::size_t first_pointer = 0xc0;
constexpr std::size_t signer_at = 18;  // in RRSIG's rdata (RFC 4034 3.1)
constexpr std::size_t soa_tail = 20;   // the numbers behind SOA's names, MINIMUM last

// RFC 2181 8: a TTL with the top bit set is zero.
seconds ttl_of(const ResourceRecord& record) noexcept {
  return seconds(record.ttl > 0x7fffffff ? 0 : record.ttl);
}

std::optional<Name> name_in(const ResourceRecord& record, std::size_t at) noexcept {
  const auto name = NameView::parse(record.message.first(record.end()), record.rdata_at + at);
  if (!name) return std::nullopt;
  return name->to_name();
}

// Of a name that stands there and may end in a pointer.
std::size_t end_of_name(wire::Bytes message, std::size_t at) noexcept {
  for (;;) {
    const std::size_t octet = wire::load_u8(message, at);
    if (octet == 0) return at + 1;
    if (octet >= first_pointer) return at + 2;
    at += 1 + octet;
  }
}

bool is_proof(RrType type) noexcept { return type == RrType::nsec || type == RrType::nsec3; }

// One response being cut: what is kept goes to the builder at once.
class Cut {
 public:
  // REQUIRES: `records` has read the response
  Cut(Rcode rcode, RecordIndex& records, const ImageQuestion& question, const ImageRules& rules,
      MessageBuilder& out) noexcept
      : rcode_(rcode), records_(records), question_(question), rules_(rules), out_(out) {}

  std::optional<NoImage> run() noexcept {
    if (const auto failure = follow()) return failure;
    if (denies() && !deny()) return NoImage::referral;
    if (question_.dnssec_ok && zone_) keep_proofs();
    if (out_.truncated() || records_.is_exhausted()) return NoImage::no_answer;
    return std::nullopt;
  }
  seconds ttl() const noexcept { return ttl_.value_or(seconds{0}); }
  std::size_t blocked() const noexcept { return blocked_; }
  // Something that the server said is missing, or is not as it said it.
  bool altered() const noexcept { return altered_ != 0; }

 private:
  bool denies() const noexcept { return !answered_ || rcode_ == Rcode::nxdomain; }

  // RFC 1034 5.3.3 step 4, RFC 6672 3.4: the aliases in their order, and the RRset at their end.
  std::optional<NoImage> follow() noexcept {
    records_.seek(*Name::from_wire(question_.qname));
    for (std::size_t links = 0; links <= max_chain; ++links) {
      if (has_answer()) {
        keep_rrset();
        answered_ = true;
        return std::nullopt;
      }
      const auto target = keep_alias();
      if (!target) return std::nullopt;
      records_.seek(*target);
    }
    return NoImage::no_answer;
  }

  bool is_asked(const IndexedRecord& record) const noexcept {
    return question_.qtype == RrType::any || record.type == question_.qtype;
  }

  bool has_answer() noexcept {
    for (const IndexedRecord& record : records_.answers())
      if (is_asked(record) && records_.is_owned_by_sought(record)) return true;
    return false;
  }

  // The signatures last: that of a set that lost something proves nothing (RFC 4035 5.3).
  void keep_rrset() noexcept {
    for (const IndexedRecord& record : records_.answers())
      if (record.type != RrType::rrsig && is_asked(record) && records_.is_owned_by_sought(record))
        keep(Section::answer, records_.record(record));
    for (const IndexedRecord& record : records_.answers()) {
      const bool asked = is_asked(record);
      if (record.type != RrType::rrsig || is_altered(record.about) ||
          (!asked && !is_signature_of(record, question_.qtype)) ||
          !records_.is_owned_by_sought(record))
        continue;
      const ResourceRecord whole = records_.record(record);
      keep(Section::answer, whole);
      if (!asked && !zone_) zone_ = name_in(whole, signer_at);
    }
  }

  // The alias at the name sought, and where it leads; with the DNAME that it comes from (RFC 6672
  // 3.4), which may lead to several of them.
  std::optional<Name> keep_alias() noexcept {
    if (question_.qtype == RrType::cname) return std::nullopt;
    std::optional<Name> target;
    for (IndexedRecord& record : records_.answers()) {
      const bool aliases = record.type == RrType::cname && !target;
      const bool signs = is_signature_of(record, RrType::cname) && !record.kept;
      const bool leads =
          (record.type == RrType::dname || is_signature_of(record, RrType::dname)) && !record.kept;
      if (aliases && records_.is_owned_by_sought(record)) {
        const ResourceRecord whole = records_.record(record);
        keep(Section::answer, whole);
        target = name_in(whole, 0);
      } else if ((signs && records_.is_owned_by_sought(record)) ||
                 (leads && records_.is_above_sought(record))) {
        keep(Section::answer, records_.record(record));
        record.kept = true;
      }
    }
    return target;
  }

  bool is_signature_of(const IndexedRecord& record, RrType type) const noexcept {
    return question_.dnssec_ok && record.type == RrType::rrsig && record.about == type;
  }

  // RFC 2308 2: the SOA of a zone that the last name is in. False for a referral: servers, and no
  // SOA.
  bool deny() noexcept {
    bool has_servers = false;
    for (const IndexedRecord& record : records_.authorities()) {
      has_servers |= record.type == RrType::ns;
      if (record.type != RrType::soa) continue;
      if (!records_.is_at_or_above_sought(record)) continue;
      const ResourceRecord soa = records_.record(record);
      zone_ = soa.owner.to_name();
      const wire::Bytes numbers = soa.rdata().last(soa_tail);
      const seconds minimum{wire::load_u32(numbers, soa_tail - 4)};
      keep(Section::authority, soa, std::min({ttl_of(soa), minimum, rules_.max_negative_ttl}));
      return true;
    }
    ttl_ = seconds{0};
    return !has_servers || rcode_ == Rcode::nxdomain;
  }

  // RFC 4035 3.1.3: what proves the denial, or that no closer name than a wildcard is there.
  void keep_proofs() noexcept {
    for (const IndexedRecord& record : records_.authorities()) {
      const bool signs_soa =
          record.about == RrType::soa && record.type == RrType::rrsig && denies();
      if ((is_proof(record.about) || signs_soa) && records_.is_at_or_below(record, *zone_))
        keep(Section::authority, records_.record(record));
    }
  }

  void keep(Section section, const ResourceRecord& record) noexcept {
    keep(section, record, ttl_of(record));
  }
  void keep(Section section, ResourceRecord record, seconds ttl) noexcept {
    ttl = std::clamp(ttl, std::min(rules_.min_ttl, rules_.max_ttl), rules_.max_ttl);
    ttl_ = ttl_ ? std::min(*ttl_, ttl) : ttl;
    if (rules_.blocks_private && leads_to_private(record)) {
      ++blocked_;
      note_altered(record.type);
      return;
    }
    record.ttl = static_cast<std::uint32_t>(ttl.count());
    if (!rules_.filters_ipv6 || !keep_filtered(section, record)) out_.record(section, record);
  }

  // Only addresses and hints are ever altered.
  static unsigned bit_of(RrType type) noexcept {
    switch (type) {
      case RrType::a: return 1;
      case RrType::aaaa: return 2;
      case RrType::svcb: return 4;
      case RrType::https: return 8;
      default: return 0;
    }
  }
  bool is_altered(RrType type) const noexcept { return (altered_ & bit_of(type)) != 0; }
  void note_altered(RrType type) noexcept { altered_ |= bit_of(type); }

  static bool leads_to_private(const ResourceRecord& record) noexcept {
    return has_service_hints(record.type) ? hints_at_private(record)
                                          : is_private_address(record.type, record.rdata());
  }

  // Whether that was all there is to keep of the record.
  bool keep_filtered(Section section, const ResourceRecord& record) noexcept {
    if (record.type == RrType::aaaa) {  // in an answer to ANY
      note_altered(record.type);
      return true;
    }
    if (!has_service_hints(record.type)) return false;
    std::array<std::byte, max_service_size> room;
    const auto rdata = without_ipv6_hints(record, room);
    if (!rdata || !wire::equal(*rdata, record.rdata())) note_altered(record.type);
    if (rdata)
      out_.record(section, record.owner.to_name().wire(), record.type, record.rr_class, record.ttl,
                  *rdata);
    return true;
  }

  Rcode rcode_;
  RecordIndex& records_;
  const ImageQuestion& question_;
  const ImageRules& rules_;
  MessageBuilder& out_;
  bool answered_ = false;
  std::optional<Name> zone_;  // whose proofs are kept
  std::optional<seconds> ttl_;
  std::size_t blocked_ = 0;
  unsigned altered_ = 0;  // bits of the types
};

bool is_private(net::Ipv4Address address) noexcept {
  const std::uint32_t value = address.value;
  return value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 || value >> 24 == 127 ||
         value >> 16 == 0xa9fe || value >> 22 == 0x64400000 >> 22 || value >> 24 == 0;
}

}  // namespace

bool is_private_address(RrType type, wire::Bytes rdata) noexcept {
  if (type == RrType::a && rdata.size() == 4)
    return is_private(net::Ipv4Address{wire::load_u32(rdata, 0)});
  if (type != RrType::aaaa || rdata.size() != 16) return false;
  const std::uint32_t first = wire::load_u32(rdata, 0);
  if (first >> 25 == 0xfc >> 1 || first >> 22 == 0xfe80 >> 6) return true;  // fc00::/7, fe80::/10
  if (first != 0 || wire::load_u32(rdata, 4) != 0) return false;
  const std::uint32_t third = wire::load_u32(rdata, 8);
  const std::uint32_t last = wire::load_u32(rdata, 12);
  if (third == 0xffff) return is_private(net::Ipv4Address{last});
  return third == 0 && last <= 1;  // :: and ::1
}

ImageWriter::ImageWriter()
    : octets_(std::make_unique_for_overwrite<std::byte[]>(max_size)),
      ttls_(std::make_unique_for_overwrite<std::uint16_t[]>(max_records)) {}

expected<Image, NoImage> ImageWriter::write(const MessageView& response,
                                            const ImageQuestion& question,
                                            const ImageRules& rules) noexcept {
  const Rcode rcode = response.header().rcode();
  const unsigned ad = response.header().flags() & flag::ad;
  const auto flags = static_cast<std::uint16_t>(flag::qr | ad | static_cast<unsigned>(rcode));
  MessageBuilder builder({octets_.get(), max_size}, 0, flags);
  builder.question(question.qname, question.qtype, RrClass::in);
  records_.read(response);
  Cut cut(rcode, records_, question, rules, builder);
  const auto failure = cut.run();
  blocked_ = cut.blocked();
  if (failure) return unexpected(*failure);
  const auto written = builder.finish();
  if (!written) return unexpected(NoImage::no_answer);

  // RFC 4035 3.2.3: what we made of it, nobody authenticated.
  if (cut.altered())
    wire::store_u16({octets_.get(), max_size}, 2, static_cast<std::uint16_t>(flags & ~flag::ad));

  assert(MessageView::parse(*written));
  std::size_t count = 0;
  std::size_t at = header_size + question.qname.size() + question_tail;
  for (const std::size_t end = written->size(); at < end; ++count) {
    const std::size_t head = end_of_name(*written, at);
    ttls_[count] = static_cast<std::uint16_t>(head + ttl_in_head);
    at = head + record_head + wire::load_u16(*written, head + record_head - 2);
  }
  return Image{.octets = *written, .ttls = {ttls_.get(), count}, .ttl = cut.ttl()};
}

}  // namespace berth::dns
