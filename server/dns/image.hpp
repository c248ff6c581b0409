// What a server's response says about a question, cut down to what answers it and written anew: the
// aliases from the question's name on and the RRset at their end, or the SOA that denies it; with
// DO their signatures and proofs. Nothing else of the response goes on, and no octet unread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/dns/message_view.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/expected.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/record_index.hpp"

namespace berth::dns {

// A whole response without OPT. The id is zero; of the flags those count that the server decides:
// rcode and AD.
struct Image {
  wire::Bytes octets;
  std::span<const std::uint16_t> ttls;  // where in it the TTLs stand
  // How long it may be kept: the least TTL; zero: not at all (RFC 2308 5: a denial without SOA).
  std::chrono::seconds ttl{0};
};

struct ImageQuestion {
  wire::Bytes qname;  // uncompressed, in lower case
  RrType qtype{};
  bool dnssec_ok = false;
};

struct ImageRules {
  std::chrono::seconds min_ttl{0};
  std::chrono::seconds max_ttl{std::chrono::hours{24}};
  std::chrono::seconds max_negative_ttl{std::chrono::hours{3}};
  bool blocks_private = false;  // rebind protection, for this name
  bool filters_ipv6 = false;    // no addresses of IPv6, nor hints at them
};

enum class NoImage : std::uint8_t {
  referral,   // names servers instead of answering: no recursion there
  no_answer,  // aliases without end, more than a message holds, or names made to cost time
};

// Aliases that are followed, as many as resolvers do.
inline constexpr std::size_t max_chain = 16;

class ImageWriter {
 public:
  ImageWriter();

  // REQUIRES: the response's rcode is NOERROR or NXDOMAIN, and its question the one given
  expected<Image, NoImage> write(const MessageView& response, const ImageQuestion& question,
                                 const ImageRules& rules) noexcept;

  // Addresses that the last one lost to rebind protection.
  std::size_t blocked() const noexcept { return blocked_; }
  // What the last one cost: RecordIndex.
  std::size_t comparisons() const noexcept { return records_.comparisons(); }

  // Leaves room for OPT behind it in a message of 65,535 octets.
  static constexpr std::size_t max_size = 65'535 - 64;

 private:
  // Octets and offsets are behind pointers, so that memory not written to is not there.
  std::unique_ptr<std::byte[]> octets_;
  std::unique_ptr<std::uint16_t[]> ttls_;
  RecordIndex records_;
  std::size_t blocked_ = 0;
};

// 10/8, 172.16/12, 192.168/16, 127/8, 169.254/16, 100.64/10, 0/8, and what is like them in IPv6,
// whose mapped addresses are IPv4's.
bool is_private_address(RrType type, wire::Bytes rdata) noexcept;

}  // namespace berth::dns
