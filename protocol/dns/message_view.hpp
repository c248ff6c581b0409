// A DNS message in a buffer owned by someone else (RFC 1035 4.1). A MessageView exists only for
// octets that parse() has walked to the last one, names in rdata included, so no accessor fails.
// Linear in the message's size whatever its counts claim. Thread-safe: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/header.hpp"
#include "protocol/dns/name_view.hpp"
#include "protocol/dns/rdata.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

enum class ParseError : std::uint8_t {
  too_short,         // less than a header
  counts_too_large,  // more records than the octets can hold
  truncated,         // a section runs past the end
  bad_name,          // in a question or as owner
  bad_rdata,         // not what the type demands, or a name in it ends elsewhere than RDLENGTH says
  bad_class,         // ANY or NONE outside of updates and signatures
  bad_opt,           // OPT not owned by the root, not in the additional section, or torn options
  duplicate_opt,     // RFC 6891 6.1.1
  misplaced_tsig,    // RFC 8945 5.1: not the last record
  trailing_octets,   // behind the last record
};
inline constexpr std::size_t parse_error_count = 10;

std::string_view name(ParseError error) noexcept;  // "bad_name"

struct Question {
  NameView qname;
  RrType qtype{};
  RrClass qclass{};

  // REQUIRES: parse() found one there
  static Question read(wire::Bytes message, std::size_t at) noexcept;
  std::size_t end() const noexcept { return qname.end() + 4; }
};

struct ResourceRecord {
  NameView owner;
  RrType type{};
  RrClass rr_class{};
  std::uint32_t ttl = 0;  // as sent: RFC 2181 8 reads a set top bit as zero
  wire::Bytes message;
  std::size_t rdata_at = 0;
  std::size_t rdata_size = 0;

  // REQUIRES: parse() found one there
  static ResourceRecord read(wire::Bytes message, std::size_t at) noexcept;
  std::size_t end() const noexcept { return rdata_at + rdata_size; }

  // As they stand in the message, compressed names included.
  wire::Bytes rdata() const noexcept { return message.subspan(rdata_at, rdata_size); }
  RdataWalk walk_rdata() const noexcept;
};

// The elements of a section, read where they stand.
template <class Element>
class SectionRange {
 public:
  class Iterator {
   public:
    using value_type = Element;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    Iterator(wire::Bytes message, std::size_t at, std::size_t left) noexcept
        : message_(message), at_(at), left_(left) {}

    Element operator*() const noexcept { return Element::read(message_, at_); }
    Iterator& operator++() noexcept {
      at_ = Element::read(message_, at_).end();
      --left_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return left_ == other.left_; }

   private:
    wire::Bytes message_;
    std::size_t at_ = 0;
    std::size_t left_ = 0;
  };

  SectionRange(wire::Bytes message, std::size_t at, std::size_t count) noexcept
      : begin_(message, at, count), size_(count) {}

  Iterator begin() const noexcept { return begin_; }
  Iterator end() const noexcept { return Iterator(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  Iterator begin_;
  std::size_t size_;
};

class MessageView {
 public:
  static expected<MessageView, ParseError> parse(wire::Bytes message) noexcept;

  HeaderView header() const noexcept { return *HeaderView::parse(message_); }
  wire::Bytes octets() const noexcept { return message_; }

  SectionRange<Question> questions() const noexcept {
    return {message_, header_size, header().count(Section::question)};
  }
  // REQUIRES: section != Section::question
  SectionRange<ResourceRecord> records(Section section) const noexcept {
    return {message_, begin_[static_cast<std::size_t>(section)], header().count(section)};
  }

  // The question of a message that has exactly one.
  std::optional<Question> question() const noexcept;
  std::optional<Edns> edns() const noexcept;
  // All twelve bits (RFC 6891 6.1.3).
  Rcode rcode() const noexcept;

 private:
  explicit MessageView(wire::Bytes message) noexcept : message_(message) {}

  bool has_edns() const noexcept { return edns_at_ != 0; }
  std::optional<ParseError> walk() noexcept;
  std::optional<ParseError> walk_questions(std::size_t& at) noexcept;
  std::optional<ParseError> walk_record(Section section, bool last, std::size_t& at) noexcept;
  std::optional<ParseError> take_opt(Section section, const ResourceRecord& record) noexcept;

  wire::Bytes message_;
  // Offsets, so that a view is small to copy.
  std::array<std::uint32_t, section_count> begin_{};
  std::uint32_t edns_at_ = 0;    // 0: there is none
  std::uint8_t qname_size_ = 0;  // of the last question; never compressed when it is the only one
};

}  // namespace berth::dns
