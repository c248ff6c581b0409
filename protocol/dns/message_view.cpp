#include "protocol/dns/message_view.hpp"

namespace berth::dns {
namespace {

constexpr std::size_t question_tail = 4;  // QTYPE and QCLASS
constexpr std::size_t record_head = 10;   // TYPE, CLASS, TTL, RDLENGTH
constexpr std::size_t min_question_size = 1 + question_tail;
constexpr std::size_t min_record_size = 1 + record_head;

// The element at `at` up to its rdata, whose content is not looked at. Validation and iteration
// both go through these two, so what was accepted is exactly what is iterated.
expected<Question, ParseError> step_question(wire::Bytes message, std::size_t at) noexcept {
  const auto qname = NameView::parse(message, at);
  if (!qname) return unexpected(ParseError::bad_name);
  if (message.size() - qname->end() < question_tail) return unexpected(ParseError::truncated);
  return Question{.qname = *qname,
                  .qtype = RrType{wire::load_u16(message, qname->end())},
                  .qclass = RrClass{wire::load_u16(message, qname->end() + 2)}};
}

expected<ResourceRecord, ParseError> step_record(wire::Bytes message, std::size_t at) noexcept {
  const auto owner = NameView::parse(message, at);
  if (!owner) return unexpected(ParseError::bad_name);
  const std::size_t head = owner->end();
  if (message.size() - head < record_head) return unexpected(ParseError::truncated);
  const ResourceRecord record{.owner = *owner,
                              .type = RrType{wire::load_u16(message, head)},
                              .rr_class = RrClass{wire::load_u16(message, head + 2)},
                              .ttl = wire::load_u32(message, head + 4),
                              .message = message,
                              .rdata_at = head + record_head,
                              .rdata_size = wire::load_u16(message, head + 8)};
  if (message.size() - record.rdata_at < record.rdata_size)
    return unexpected(ParseError::truncated);
  return record;
}

bool is_signature(RrType type) noexcept {
  return type == RrType::tsig || type == RrType::tkey || type == RrType::sig;
}

// RFC 2136 2.4 and 2.5 are the only ones to put these classes, and then often no rdata, in records.
bool is_class_of_updates(RrClass rr_class) noexcept {
  return rr_class == RrClass::any || rr_class == RrClass::none;
}

bool well_formed(const ResourceRecord& record) noexcept {
  if (is_class_of_updates(record.rr_class) && record.rdata_size == 0) return true;
  RdataWalk walk = record.walk_rdata();
  while (walk.next()) {
  }
  return walk.complete();
}

}  // namespace

std::string_view name(ParseError error) noexcept {
  switch (error) {
    case ParseError::too_short: return "too_short";
    case ParseError::counts_too_large: return "counts_too_large";
    case ParseError::truncated: return "truncated";
    case ParseError::bad_name: return "bad_name";
    case ParseError::bad_rdata: return "bad_rdata";
    case ParseError::bad_class: return "bad_class";
    case ParseError::bad_opt: return "bad_opt";
    case ParseError::duplicate_opt: return "duplicate_opt";
    case ParseError::misplaced_tsig: return "misplaced_tsig";
    case ParseError::trailing_octets: return "trailing_octets";
  }
  return "";
}

Question Question::read(wire::Bytes message, std::size_t at) noexcept {
  return *step_question(message, at);
}

ResourceRecord ResourceRecord::read(wire::Bytes message, std::size_t at) noexcept {
  return *step_record(message, at);
}

RdataWalk ResourceRecord::walk_rdata() const noexcept {
  // Only the Internet's A record is an address (RFC 1035 3.4.1, RFC 1034 3.6).
  const bool of_another_class = type == RrType::a && rr_class != RrClass::in;
  return {of_another_class ? RrType{} : type, message, rdata_at, end()};
}

expected<MessageView, ParseError> MessageView::parse(wire::Bytes message) noexcept {
  if (message.size() < header_size) return unexpected(ParseError::too_short);
  MessageView view(message);
  if (const auto error = view.walk()) return unexpected(*error);
  return view;
}

std::optional<ParseError> MessageView::walk() noexcept {
  const HeaderView head = header();
  const std::size_t records = std::size_t{head.count(Section::answer)} +
                              head.count(Section::authority) + head.count(Section::additional);
  if (head.count(Section::question) * min_question_size + records * min_record_size >
      message_.size() - header_size)
    return ParseError::counts_too_large;

  std::size_t at = header_size;
  if (const auto error = walk_questions(at)) return error;
  for (const Section section : {Section::answer, Section::authority, Section::additional}) {
    begin_[static_cast<std::size_t>(section)] = static_cast<std::uint32_t>(at);
    for (std::size_t left = head.count(section); left > 0; --left) {
      const bool last = section == Section::additional && left == 1;
      if (const auto error = walk_record(section, last, at)) return error;
    }
  }
  if (at != message_.size()) return ParseError::trailing_octets;
  return std::nullopt;
}

std::optional<ParseError> MessageView::walk_questions(std::size_t& at) noexcept {
  for (std::size_t left = header().count(Section::question); left > 0; --left) {
    const auto question = step_question(message_, at);
    if (!question) return question.error();
    at = question->end();
    qname_size_ = static_cast<std::uint8_t>(question->qname.size());
  }
  return std::nullopt;
}

std::optional<ParseError> MessageView::walk_record(Section section, bool last,
                                                   std::size_t& at) noexcept {
  const auto record = step_record(message_, at);
  if (!record) return record.error();
  at = record->end();
  if (record->type == RrType::opt) return take_opt(section, *record);
  if (record->type == RrType::tsig && !last) return ParseError::misplaced_tsig;
  if (is_class_of_updates(record->rr_class) && header().opcode() != Opcode::update &&
      !is_signature(record->type))
    return ParseError::bad_class;
  if (!well_formed(*record)) return ParseError::bad_rdata;
  return std::nullopt;
}

std::optional<ParseError> MessageView::take_opt(Section section,
                                                const ResourceRecord& record) noexcept {
  if (has_edns()) return ParseError::duplicate_opt;
  if (section != Section::additional || !record.owner.is_root() ||
      !EdnsOptions::well_formed(record.rdata()))
    return ParseError::bad_opt;
  edns_at_ = static_cast<std::uint32_t>(record.owner.offset());
  return std::nullopt;
}

std::optional<Question> MessageView::question() const noexcept {
  if (header().count(Section::question) != 1) return std::nullopt;
  const auto qname = NameView::uncompressed(message_, header_size, qname_size_);
  return Question{.qname = qname,
                  .qtype = RrType{wire::load_u16(message_, qname.end())},
                  .qclass = RrClass{wire::load_u16(message_, qname.end() + 2)}};
}

std::optional<Edns> MessageView::edns() const noexcept {
  if (!has_edns()) return std::nullopt;
  const std::size_t head = edns_at_ + 1;  // behind the root that owns it
  return Edns::from_record(
      wire::load_u16(message_, head + 2), wire::load_u32(message_, head + 4),
      EdnsOptions(message_.subspan(head + record_head, wire::load_u16(message_, head + 8))));
}

Rcode MessageView::rcode() const noexcept {
  const auto opt = edns();
  const unsigned upper = opt ? opt->extended_rcode : 0;
  return static_cast<Rcode>(upper << 4 | static_cast<unsigned>(header().rcode()));
}

}  // namespace berth::dns
