#include "protocol/dns/record_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "protocol/dns/escape.hpp"
#include "protocol/dns/rdata.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"

namespace berth::dns {
namespace {

constexpr std::uint32_t max_ttl = 0x7fffffff;  // RFC 2181 8

// A word of the line, escapes still in it. In quotes it may be empty and hold blanks.
struct Word {
  std::string_view text;
  std::size_t column = 0;
  bool quoted = false;
};

template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(wire::bytes_of(left), wire::bytes_of(right), {}, fold, fold);
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Fields that are read and written in RFC 3597's generic form only.
bool without_text(RdataField field) noexcept {
  return field == RdataField::counted || field == RdataField::bitmap || field == RdataField::opaque;
}

class Parser {
 public:
  Parser(std::string_view line, const Name& origin, wire::MutableBytes rdata) noexcept
      : line_(line), origin_(origin), writer_(rdata) {}

  expected<ParsedRecord, RecordTextError> record() noexcept;

 private:
  bool failed() const noexcept { return error_.reason[0] != '\0'; }
  void fail(const char* reason) noexcept { fail(reason, word_.column); }
  void fail(const char* reason, std::size_t column) noexcept {
    if (!failed()) error_ = {column, reason};
  }

  // What follows the owner: an optional TTL and IN, in either order, and the type.
  void ttl_class_type(ParsedRecord& record) noexcept;
  bool at_end() noexcept;
  // The next word becomes word_; at the end of the line fails with `missing`.
  bool next(const char* missing) noexcept;
  void read_quoted() noexcept;

  void known_rdata(RrType type) noexcept;
  void generic_rdata(RrType type) noexcept;
  void field(RdataField field) noexcept;
  template <class Number>
  std::optional<Number> number(const char* missing) noexcept;
  void ipv4() noexcept;
  void ipv6() noexcept;
  void domain_name() noexcept;
  void character_string() noexcept;
  void unescape_word() noexcept;
  std::size_t hex_words() noexcept;

  std::string_view line_;
  const Name& origin_;
  wire::Writer writer_;
  std::size_t at_ = 0;
  Word word_;
  RecordTextError error_;
};

expected<ParsedRecord, RecordTextError> Parser::record() noexcept {
  ParsedRecord record;
  if (next("expected an owner name")) {
    const auto owner = Name::parse(word_.text, origin_);
    if (owner) record.owner = *owner;
    if (!owner || word_.quoted) fail("not a domain name");
  }
  ttl_class_type(record);
  if (!failed()) {
    if (!at_end() && line_.substr(at_, 2) == "\\#") {
      generic_rdata(record.type);
    } else {
      known_rdata(record.type);
    }
  }
  if (!failed() && !at_end()) fail("unexpected text after the record", at_);
  if (!failed() && !writer_.ok()) fail("the record is too long", 0);
  if (failed()) return unexpected(error_);
  record.rdata = writer_.written();
  return record;
}

void Parser::ttl_class_type(ParsedRecord& record) noexcept {
  bool has_class = false;
  while (!failed() && next("expected a record type")) {
    if (!record.has_ttl && !word_.text.empty() && word_.text[0] >= '0' && word_.text[0] <= '9') {
      const auto ttl = parse_number<std::uint32_t>(word_.text);
      if (!ttl || *ttl > max_ttl) return fail("expected a TTL in seconds");
      record.ttl = *ttl;
      record.has_ttl = true;
    } else if (!has_class && equal_ignoring_case(word_.text, "IN")) {
      has_class = true;
    } else {
      const auto type = parse_type(word_.text);
      if (!type) return fail("unknown record type");
      if (is_meta(*type)) return fail("no zone holds records of this type");
      record.type = *type;
      return;
    }
  }
}

bool Parser::at_end() noexcept {
  while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
  return at_ == line_.size() || line_[at_] == ';';
}

bool Parser::next(const char* missing) noexcept {
  const bool end = at_end();
  word_ = {.text = {}, .column = at_, .quoted = false};
  if (end) fail(missing);
  if (failed()) return false;
  if (line_[at_] == '"') {
    read_quoted();
    return !failed();
  }
  while (at_ < line_.size() &&
         std::string_view(" \t;\"()").find(line_[at_]) == std::string_view::npos)
    at_ += line_[at_] == '\\' ? 2u : 1u;
  at_ = std::min(at_, line_.size());
  if (at_ < line_.size() && (line_[at_] == '(' || line_[at_] == ')'))
    fail("a record is one line: no parentheses", at_);
  word_.text = line_.substr(word_.column, at_ - word_.column);
  return !failed();
}

void Parser::read_quoted() noexcept {
  const std::size_t begin = ++at_;
  while (at_ < line_.size() && line_[at_] != '"') at_ += line_[at_] == '\\' ? 2u : 1u;
  if (at_ >= line_.size()) return fail("the quote is not closed");
  word_.text = line_.substr(begin, at_ - begin);
  word_.quoted = true;
  ++at_;
}

void Parser::known_rdata(RrType type) noexcept {
  const auto fields = rdata_fields(type);
  if (std::ranges::any_of(fields, without_text)) {
    at_end();
    return fail("write the rdata of this type as \\# LENGTH HEX (RFC 3597)", at_);
  }
  for (const RdataField kind : fields)
    if (!failed()) field(kind);
}

// RFC 3597 5: \# length hex…
void Parser::generic_rdata(RrType type) noexcept {
  next("");
  const auto length = number<std::uint16_t>("expected the length of the rdata");
  const std::size_t column = word_.column;
  const std::size_t size = hex_words();
  if (failed()) return;
  if (size != *length) return fail("the length is not that of the octets", column);
  if (!writer_.ok()) return;
  RdataWalk walk(type, writer_.written(), 0, size);
  while (const auto part = walk.next())
    if (part->name && part->name->is_compressed()) return fail("a compressed name", column);
  if (!walk.complete()) fail("not well-formed for this type", column);
}

void Parser::field(RdataField field) noexcept {
  switch (field) {
    case RdataField::ipv4: return ipv4();
    case RdataField::ipv6: return ipv6();
    case RdataField::u8:
      return writer_.u8(number<std::uint8_t>("expected a number up to 255").value_or(0));
    case RdataField::u16:
      return writer_.u16(number<std::uint16_t>("expected a number up to 65535").value_or(0));
    case RdataField::u32:
      return writer_.u32(number<std::uint32_t>("expected a number up to 4294967295").value_or(0));
    case RdataField::domain_name:
    case RdataField::uncompressed_name: return domain_name();
    case RdataField::tag:
    case RdataField::text: return character_string();
    case RdataField::texts: do { character_string();
      } while (!failed() && !at_end());
      return;
    case RdataField::text_rest:
      if (next("expected a text")) unescape_word();
      return;
    case RdataField::hex:
      if (hex_words() == 0) fail("expected hexadecimal octets", at_);
      return;
    case RdataField::counted:
    case RdataField::bitmap:
    case RdataField::opaque: return;
  }
}

template <class Number>
std::optional<Number> Parser::number(const char* missing) noexcept {
  if (!next(missing)) return std::nullopt;
  const auto value = parse_number<Number>(word_.text);
  if (!value || word_.quoted) fail(missing);
  return value;
}

void Parser::ipv4() noexcept {
  if (!next("expected an IPv4 address")) return;
  const auto address = net::Ipv4Address::parse(word_.text);
  if (!address) return fail("expected an IPv4 address");
  writer_.u32(address->value);
}

void Parser::ipv6() noexcept {
  if (!next("expected an IPv6 address")) return;
  const auto address = net::Ipv6Address::parse(word_.text);
  if (!address) return fail("expected an IPv6 address");
  writer_.bytes(address->octets);
}

void Parser::domain_name() noexcept {
  if (!next("expected a domain name")) return;
  const auto name = Name::parse(word_.text, origin_);
  if (!name || word_.quoted) return fail("expected a domain name");
  writer_.bytes(name->wire());
}

void Parser::character_string() noexcept {
  if (!next("expected a text")) return;
  const std::size_t start = writer_.size();
  writer_.u8(0);
  unescape_word();
  const std::size_t length = writer_.size() - start - 1;
  if (!writer_.ok()) return;
  if (length > std::numeric_limits<std::uint8_t>::max())
    return fail("a text holds at most 255 octets: split it");
  wire::store_u8(writer_.written(), start, static_cast<std::uint8_t>(length));
}

void Parser::unescape_word() noexcept {
  std::string_view text = word_.text;
  while (!text.empty()) {
    if (text.front() != '\\') {
      writer_.bytes(wire::bytes_of(text.substr(0, 1)));
      text.remove_prefix(1);
      continue;
    }
    const auto octet = take_escape(text);
    if (!octet) return fail("a backslash wants a character or a number up to 255 behind it");
    writer_.u8(std::to_integer<std::uint8_t>(*octet));
  }
}

// Hexadecimal octets up to the end of the line, blanks between any two digits; how many.
std::size_t Parser::hex_words() noexcept {
  std::size_t digits = 0;
  int high = 0;
  while (!failed() && !at_end() && next("")) {
    for (const char c : word_.text) {
      const int digit = hex_digit(c);
      if (digit < 0) fail("not a hexadecimal digit");
      if (++digits % 2 == 0) writer_.u8(static_cast<std::uint8_t>(high << 4 | (digit & 0xf)));
      high = digit & 0xf;
    }
  }
  if (digits % 2 != 0) fail("an odd number of hexadecimal digits");
  return digits / 2;
}

}  // namespace

expected<ParsedRecord, RecordTextError> parse_record(std::string_view line, const Name& origin,
                                                     wire::MutableBytes rdata) noexcept {
  return Parser(line, origin, rdata).record();
}

}  // namespace berth::dns
