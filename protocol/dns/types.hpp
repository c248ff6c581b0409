// Vocabulary of DNS: types, classes, opcodes and response codes (RFC 1035, 2136, 6891, 6895), and
// the registry that knows their names. Every enumeration can hold any value. Thread-safe:
// read-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::dns {

inline constexpr std::uint16_t dns_port = 53;
inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t max_name_size = 255;  // octets, root label included (RFC 1035 2.3.4)
inline constexpr std::size_t max_label_size = 63;
inline constexpr std::size_t min_udp_size = 512;   // RFC 1035 2.3.4
inline constexpr std::size_t max_udp_size = 1232;  // RFC 9715: what we send and advertise

enum class RrType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  wks = 11,
  ptr = 12,
  hinfo = 13,
  mx = 15,
  txt = 16,
  rp = 17,
  sig = 24,
  aaaa = 28,
  loc = 29,
  srv = 33,
  naptr = 35,
  dname = 39,
  opt = 41,
  ds = 43,
  sshfp = 44,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  nsec3 = 50,
  tlsa = 52,
  svcb = 64,
  https = 65,
  tkey = 249,
  tsig = 250,
  ixfr = 251,
  axfr = 252,
  any = 255,
  caa = 257,
};

enum class RrClass : std::uint16_t { in = 1, ch = 3, hs = 4, none = 254, any = 255 };

enum class Opcode : std::uint8_t { query = 0, iquery = 1, status = 2, notify = 4, update = 5 };

// RFC 1035 4.1.1; badvers is RFC 6891's, carried in OPT's upper bits.
enum class Rcode : std::uint16_t {
  noerror = 0,
  formerr = 1,
  servfail = 2,
  nxdomain = 3,
  notimp = 4,
  refused = 5,
  yxdomain = 6,
  yxrrset = 7,
  nxrrset = 8,
  notauth = 9,
  notzone = 10,
  badvers = 16,
};

// "AAAA", "IN", "QUERY", "NXDOMAIN"; empty when the registry has no name for the value, which the
// text functions then print as RFC 3597's TYPE4711 and CLASS42, or as a number.
std::string_view name(RrType type) noexcept;
std::string_view name(RrClass rr_class) noexcept;
std::string_view name(Opcode opcode) noexcept;
std::string_view name(Rcode rcode) noexcept;

// By name without regard to case, or RFC 3597's TYPEn.
std::optional<RrType> parse_type(std::string_view text) noexcept;

// Types that no zone holds: questions and what lives in one message only (RFC 6895 3.1), and OPT.
constexpr bool is_meta(RrType type) noexcept {
  const auto code = static_cast<std::uint16_t>(type);
  return code == 0 || type == RrType::opt || (code >= 128 && code <= 255);
}

}  // namespace berth::dns
