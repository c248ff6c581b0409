#include "protocol/dns/text.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "protocol/dns/record_text.hpp"

namespace berth::dns {
namespace {

template <class Code>
void append_code(std::string& out, Code code, std::string_view prefix) {
  const std::string_view known = name(code);
  out += known;
  if (known.empty()) out.append(prefix).append(std::to_string(static_cast<unsigned>(code)));
}

void append_count(std::string& out, std::string_view label, std::uint16_t count) {
  out.append(label).append(": ").append(std::to_string(count));
}

struct Flag {
  std::uint16_t bit;
  std::string_view name;
};
constexpr auto flags = std::to_array<Flag>({{flag::qr, " qr"},
                                            {flag::aa, " aa"},
                                            {flag::tc, " tc"},
                                            {flag::rd, " rd"},
                                            {flag::ra, " ra"},
                                            {flag::ad, " ad"},
                                            {flag::cd, " cd"}});

void append_header(std::string& out, const MessageView& message) {
  const HeaderView header = message.header();
  out += ";; opcode: ";
  append_text(out, header.opcode());
  out += ", status: ";
  append_text(out, message.rcode());
  out.append(", id: ").append(std::to_string(header.id())).append("\n;; flags:");
  for (const Flag& flag : flags)
    if (header.has(flag.bit)) out += flag.name;
  append_count(out, "; QUERY", header.count(Section::question));
  append_count(out, ", ANSWER", header.count(Section::answer));
  append_count(out, ", AUTHORITY", header.count(Section::authority));
  append_count(out, ", ADDITIONAL", header.count(Section::additional));
  out += '\n';
}

void append_edns(std::string& out, const Edns& edns) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.append(";; EDNS: version ").append(std::to_string(edns.version));
  out += edns.dnssec_ok ? ", flags: do" : ", flags:";
  out.append(", udp: ").append(std::to_string(edns.udp_size)).append("\n");
  for (const EdnsOption& option : edns.options) {
    out.append(";; option ").append(std::to_string(static_cast<unsigned>(option.code))).append(":");
    for (const std::byte octet : option.data) {
      out += ' ';
      out += digits[std::to_integer<std::size_t>(octet >> 4)];
      out += digits[std::to_integer<std::size_t>(octet & std::byte{0xf})];
    }
    out += '\n';
  }
}

void append_section(std::string& out, const MessageView& message, Section section,
                    std::string_view title) {
  bool titled = false;
  for (const ResourceRecord& record : message.records(section)) {
    if (record.type == RrType::opt) continue;
    if (!titled) out.append(";; ").append(title).append("\n");
    titled = true;
    append_text(out, record);
    out += '\n';
  }
}

// The rdata with its names expanded; as it stands when it is not of the type's form, which only
// updates have.
std::vector<std::byte> expanded(const ResourceRecord& record) {
  std::vector<std::byte> octets;
  RdataWalk walk = record.walk_rdata();
  while (const auto part = walk.next()) {
    if (part->name) {
      const Name name = part->name->to_name();
      octets.insert(octets.end(), name.wire().begin(), name.wire().end());
    } else {
      octets.insert(octets.end(), part->octets.begin(), part->octets.end());
    }
  }
  return octets;
}

}  // namespace

void append_text(std::string& out, RrType type) { append_code(out, type, "TYPE"); }
void append_text(std::string& out, RrClass rr_class) { append_code(out, rr_class, "CLASS"); }
void append_text(std::string& out, Opcode opcode) { append_code(out, opcode, "OPCODE"); }
void append_text(std::string& out, Rcode rcode) { append_code(out, rcode, "RCODE"); }

void append_text(std::string& out, const Question& question) {
  question.qname.to_name().append_text(out);
  out += ' ';
  append_text(out, question.qclass);
  out += ' ';
  append_text(out, question.qtype);
}

void append_rdata_text(std::string& out, const ResourceRecord& record) {
  append_rdata_text(out, record.type, expanded(record));
}

void append_text(std::string& out, const ResourceRecord& record) {
  record.owner.to_name().append_text(out);
  out.append(" ").append(std::to_string(record.ttl)).append(" ");
  append_text(out, record.rr_class);
  out += ' ';
  append_text(out, record.type);
  out += ' ';
  append_rdata_text(out, record);
}

std::string to_text(const MessageView& message) {
  std::string out;
  append_header(out, message);
  if (message.edns()) append_edns(out, *message.edns());
  if (!message.questions().empty()) out += ";; QUESTION\n";
  for (const Question& question : message.questions()) {
    out += ';';
    append_text(out, question);
    out += '\n';
  }
  append_section(out, message, Section::answer, "ANSWER");
  append_section(out, message, Section::authority, "AUTHORITY");
  append_section(out, message, Section::additional, "ADDITIONAL");
  return out;
}

}  // namespace berth::dns
