// Writes one DNS message into a caller's buffer: sections in order, names compressed (RFC 1035
// 4.1.4, RFC 3597 4), OPT last in room kept from the start. A record that does not fit is taken
// back whole; in the answer and authority sections that sets TC (RFC 2181 9). Names are given in
// uncompressed wire form, their case is kept. Nothing allocates; one message per builder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/dns/edns.hpp"
#include "protocol/dns/header.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/rdata.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

enum class BuildError : std::uint8_t {
  no_room,    // the header, a question or OPT does not fit
  bad_rdata,  // not well formed for its type
};

// Where names stand in the message being written, for pointers to them.
class NameCompressor {
 public:
  // Writes `name`, its longest suffix that is already in the message as a pointer.
  void write(wire::Writer& out, wire::Bytes name) noexcept;

  // Forgets the names at `size` and behind: those octets are taken back.
  void rollback(std::size_t size) noexcept;

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint16_t at = 0;
  };
  static constexpr std::size_t capacity = 64;

  std::optional<std::uint16_t> find(wire::Bytes message, std::uint32_t hash,
                                    wire::Bytes suffix) const noexcept;

  std::array<Entry, capacity> entries_;  // ascending by `at`
  std::size_t count_ = 0;
};

class MessageBuilder {
 public:
  // `flags` as in the header, opcode and the lower rcode bits included; see rcode().
  MessageBuilder(wire::MutableBytes out, std::uint16_t id, std::uint16_t flags) noexcept;

  // Keeps room for OPT, which finish() writes. The options are borrowed until then.
  // REQUIRES: no record yet
  void edns(const Edns& edns) noexcept;
  void rcode(Rcode rcode) noexcept;

  void question(wire::Bytes qname, RrType qtype, RrClass qclass) noexcept;

  // False when the record did not fit and nothing of it was written. Once an answer or authority
  // record did not fit, no later record is written either.
  // REQUIRES: section is not before that of the last record, nor Section::question
  bool record(Section section, wire::Bytes owner, RrType type, RrClass rr_class, std::uint32_t ttl,
              wire::Bytes rdata) noexcept;
  // A record of another message; its names are expanded and compressed anew.
  bool record(Section section, const ResourceRecord& record) noexcept;

  // Where the message ends now, to take back what is added to the additional section behind it: an
  // RRset is there whole or not at all (RFC 2181 9).
  struct Mark {
    std::size_t size = 0;
    std::uint16_t count = 0;
  };
  Mark mark() const noexcept { return {writer_.size(), counts_[section_count - 1]}; }
  void take_back(const Mark& mark) noexcept;

  bool truncated() const noexcept { return truncated_; }
  std::size_t size() const noexcept { return writer_.size(); }

  // The message: a prefix of the buffer.
  expected<wire::Bytes, BuildError> finish() noexcept;

 private:
  bool begin(Section section) noexcept;
  void head(RrType type, RrClass rr_class, std::uint32_t ttl) noexcept;
  void rdata(RdataWalk walk) noexcept;
  // Keeps the record that began at `start`, or takes it back.
  bool end(Section section, std::size_t start) noexcept;

  wire::MutableBytes out_;
  wire::Writer writer_;
  NameCompressor names_;
  std::optional<Edns> edns_;
  std::optional<BuildError> error_;
  std::array<std::uint16_t, section_count> counts_{};
  std::uint16_t id_;
  std::uint16_t flags_;
  std::uint8_t extended_rcode_ = 0;
  bool truncated_ = false;
  Section section_ = Section::question;
};

}  // namespace berth::dns
