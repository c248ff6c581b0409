// The OPT pseudo-record of EDNS(0) (RFC 6891 6.1) and its options. Borrows from the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "protocol/dns/types.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

enum class EdnsOptionCode : std::uint16_t {
  nsid = 3,
  client_subnet = 8,
  cookie = 10,
  tcp_keepalive = 11,
  padding = 12,
  extended_error = 15,  // RFC 8914
};

// RFC 8914 4: what an error means.
enum class ExtendedError : std::uint16_t {
  stale_answer = 3,
  cached_error = 13,
  not_ready = 14,
  blocked = 15,
  filtered = 17,
  prohibited = 18,
  stale_nxdomain_answer = 19,
  not_authoritative = 20,
  no_reachable_authority = 22,
  network_error = 23,
};

struct EdnsOption {
  EdnsOptionCode code{};
  wire::Bytes data;
};

// Options in wire form, of which the walk has been checked.
class EdnsOptions {
 public:
  static constexpr std::size_t option_header = 4;

  class Iterator {
   public:
    using value_type = EdnsOption;
    using difference_type = std::ptrdiff_t;

    constexpr Iterator() noexcept = default;
    constexpr explicit Iterator(wire::Bytes rest) noexcept : rest_(rest) {}

    constexpr EdnsOption operator*() const noexcept {
      return {EdnsOptionCode{wire::load_u16(rest_, 0)}, rest_.subspan(option_header, length())};
    }
    constexpr Iterator& operator++() noexcept {
      rest_ = rest_.subspan(option_header + length());
      return *this;
    }
    constexpr Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    constexpr bool operator==(const Iterator& other) const noexcept {
      return rest_.size() == other.rest_.size();
    }

   private:
    constexpr std::size_t length() const noexcept { return wire::load_u16(rest_, 2); }

    wire::Bytes rest_;
  };

  constexpr EdnsOptions() noexcept = default;
  // REQUIRES: well_formed(octets)
  constexpr explicit EdnsOptions(wire::Bytes octets) noexcept : octets_(octets) {}

  static constexpr bool well_formed(wire::Bytes octets) noexcept {
    wire::Reader reader(octets);
    while (reader.remaining() > 0) {
      reader.u16();
      reader.skip(reader.u16());
    }
    return reader.ok();
  }

  constexpr Iterator begin() const noexcept { return Iterator(octets_); }
  constexpr Iterator end() const noexcept { return Iterator(); }
  constexpr wire::Bytes octets() const noexcept { return octets_; }

 private:
  wire::Bytes octets_;
};

// What an OPT record says, spread over its class, TTL and rdata.
struct Edns {
  std::uint16_t udp_size = max_udp_size;  // what the sender can receive
  std::uint8_t extended_rcode = 0;        // the upper eight bits of the response code
  std::uint8_t version = 0;
  bool dnssec_ok = false;
  EdnsOptions options = {};

  static constexpr std::size_t fixed_size = 11;  // the record without options
  constexpr std::size_t wire_size() const noexcept { return fixed_size + options.octets().size(); }

  static constexpr std::uint32_t dnssec_ok_bit = 0x8000;
  static constexpr Edns from_record(std::uint16_t rr_class, std::uint32_t ttl,
                                    EdnsOptions options) noexcept {
    return {.udp_size = rr_class,
            .extended_rcode = static_cast<std::uint8_t>(ttl >> 24),
            .version = static_cast<std::uint8_t>(ttl >> 16),
            .dnssec_ok = (ttl & dnssec_ok_bit) != 0,
            .options = options};
  }
  constexpr std::uint32_t ttl() const noexcept {
    return std::uint32_t{extended_rcode} << 24 | std::uint32_t{version} << 16 |
           (dnssec_ok ? dnssec_ok_bit : 0);
  }

  // The whole record, as the additional section holds it.
  void write(wire::Writer& out) const noexcept {
    out.u8(0);
    out.u16(static_cast<std::uint16_t>(RrType::opt));
    out.u16(udp_size);
    out.u32(ttl());
    out.u16(static_cast<std::uint16_t>(options.octets().size()));
    out.bytes(options.octets());
  }
};

}  // namespace berth::dns
