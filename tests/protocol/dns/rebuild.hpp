// A message written anew from its parsed form, and whether two messages say the same: the round
// trip of tests and of the fuzz target.
#pragma once

#include <algorithm>
#include <vector>

#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/message_view.hpp"

namespace berth::test {

// OPT moves to the end, where the builder puts it.
inline expected<wire::Bytes, dns::BuildError> rebuild(const dns::MessageView& message,
                                                      wire::MutableBytes out) {
  dns::MessageBuilder builder(out, message.header().id(), message.header().flags());
  if (message.edns()) builder.edns(*message.edns());
  builder.rcode(message.rcode());
  for (const dns::Question& question : message.questions())
    builder.question(question.qname.to_name().wire(), question.qtype, question.qclass);
  for (const auto section :
       {dns::Section::answer, dns::Section::authority, dns::Section::additional})
    for (const dns::ResourceRecord& record : message.records(section))
      if (record.type != dns::RrType::opt) builder.record(section, record);
  return builder.finish();
}

inline std::vector<std::byte> expanded_rdata(const dns::ResourceRecord& record) {
  std::vector<std::byte> octets;
  dns::RdataWalk walk = record.walk_rdata();
  while (const auto part = walk.next()) {
    const dns::Name name = part->name ? part->name->to_name() : dns::Name();
    const wire::Bytes value = part->name ? name.wire() : part->octets;
    octets.insert(octets.end(), value.begin(), value.end());
  }
  return octets;
}

// Octet by octet: case counts.
inline bool same_name(const dns::NameView& left, const dns::NameView& right) {
  return wire::equal(left.to_name().wire(), right.to_name().wire());
}

inline bool same(const dns::Question& left, const dns::Question& right) {
  return same_name(left.qname, right.qname) && left.qtype == right.qtype &&
         left.qclass == right.qclass;
}

inline bool same(const dns::ResourceRecord& left, const dns::ResourceRecord& right) {
  return same_name(left.owner, right.owner) && left.type == right.type &&
         left.rr_class == right.rr_class && left.ttl == right.ttl &&
         expanded_rdata(left) == expanded_rdata(right);
}

inline bool same(const std::optional<dns::Edns>& left, const std::optional<dns::Edns>& right) {
  if (!left || !right) return left.has_value() == right.has_value();
  return left->udp_size == right->udp_size && left->ttl() == right->ttl() &&
         wire::equal(left->options.octets(), right->options.octets());
}

inline std::vector<dns::ResourceRecord> records_but_opt(const dns::MessageView& message,
                                                        dns::Section section) {
  std::vector<dns::ResourceRecord> records;
  for (const dns::ResourceRecord& record : message.records(section))
    if (record.type != dns::RrType::opt) records.push_back(record);
  return records;
}

inline bool same(const dns::MessageView& left, const dns::MessageView& right) {
  const auto equal = [](const auto& a, const auto& b) { return same(a, b); };
  if (left.header().id() != right.header().id() ||
      left.header().flags() != right.header().flags() || !same(left.edns(), right.edns()))
    return false;
  const auto left_questions = left.questions();
  const auto right_questions = right.questions();
  if (!std::equal(left_questions.begin(), left_questions.end(), right_questions.begin(),
                  right_questions.end(), equal))
    return false;
  for (const auto section :
       {dns::Section::answer, dns::Section::authority, dns::Section::additional})
    if (!std::ranges::equal(records_but_opt(left, section), records_but_opt(right, section), equal))
      return false;
  return true;
}

}  // namespace berth::test
