// A question as a key for lookups in tables that clients fill: hashed with a secret (SipHash-2-4),
// so that nobody can choose names that collide. A value; borrows the name.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/folded_name.hpp"

namespace berth::dns {

struct HashSecret {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

// Aumasson and Bernstein's SipHash-2-4.
class SipHash {
 public:
  static std::uint64_t of(wire::Bytes octets, const HashSecret& secret) noexcept {
    SipHash hash(secret);
    std::uint64_t last = static_cast<std::uint64_t>(octets.size()) << 56;
    for (; octets.size() >= 8; octets = octets.subspan(8)) hash.take(word(octets.first(8)));
    last |= word(octets);
    hash.take(last);
    hash.c_ ^= 0xff;
    for (int i = 0; i < 4; ++i) hash.round();
    return hash.a_ ^ hash.b_ ^ hash.c_ ^ hash.d_;
  }

 private:
  explicit SipHash(const HashSecret& secret) noexcept
      : a_(secret.first ^ 0x736f6d6570736575),
        b_(secret.second ^ 0x646f72616e646f6d),
        c_(secret.first ^ 0x6c7967656e657261),
        d_(secret.second ^ 0x7465646279746573) {}

  // Little-endian, of at most eight octets.
  static std::uint64_t word(wire::Bytes octets) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
      word |= std::uint64_t{wire::load_u8(octets, i)} << 8 * i;
    return word;
  }
  void take(std::uint64_t word) noexcept {
    d_ ^= word;
    round();
    round();
    a_ ^= word;
  }
  void round() noexcept {
    a_ += b_;
    c_ += d_;
    b_ = std::rotl(b_, 13) ^ a_;
    d_ = std::rotl(d_, 16) ^ c_;
    a_ = std::rotl(a_, 32);
    c_ += b_;
    a_ += d_;
    b_ = std::rotl(b_, 17) ^ c_;
    d_ = std::rotl(d_, 21) ^ a_;
    c_ = std::rotl(c_, 32);
  }

  std::uint64_t a_;
  std::uint64_t b_;
  std::uint64_t c_;
  std::uint64_t d_;
};

// Answers to DO have more records, those to CD were perhaps not validated: they are told apart.
struct QuestionKey {
  static constexpr std::uint8_t dnssec_ok_bit = 1;
  static constexpr std::uint8_t checking_disabled_bit = 2;

  static QuestionKey of(const FoldedName& qname, RrType qtype, bool dnssec_ok,
                        bool checking_disabled, const HashSecret& secret) noexcept {
    const auto bits = static_cast<std::uint8_t>((dnssec_ok ? dnssec_ok_bit : 0u) |
                                                (checking_disabled ? checking_disabled_bit : 0u));
    const std::uint64_t kind = std::uint64_t{static_cast<std::uint16_t>(qtype)} << 2 | bits;
    return {.name = qname.wire(),
            .qtype = qtype,
            .bits = bits,
            .hash = SipHash::of(qname.wire(), secret) ^ kind * 0x9e3779b97f4a7c15};
  }

  bool dnssec_ok() const noexcept { return (bits & dnssec_ok_bit) != 0; }
  bool checking_disabled() const noexcept { return (bits & checking_disabled_bit) != 0; }

  wire::Bytes name;  // in lower case
  RrType qtype{};
  std::uint8_t bits = 0;
  std::uint64_t hash = 0;
};

}  // namespace berth::dns
