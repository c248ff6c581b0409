#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/dns/escape.hpp"
#include "protocol/dns/rdata.hpp"
#include "protocol/dns/record_text.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"

namespace berth::dns {
namespace {

void append_hex(std::string& out, wire::Bytes octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::byte octet : octets) {
    out += digits[std::to_integer<std::size_t>(octet >> 4)];
    out += digits[std::to_integer<std::size_t>(octet & std::byte{0xf})];
  }
}

void append_quoted(std::string& out, wire::Bytes text) {
  out += '"';
  for (const std::byte octet : text) {
    const auto value = std::to_integer<unsigned>(octet);
    if (value == '"' || value == '\\') out += '\\';
    if (value >= 0x20 && value < 0x7f) {
      out += static_cast<char>(value);
    } else {
      append_escaped_number(out, octet);
    }
  }
  out += '"';
}

// RFC 3597 5
void append_generic(std::string& out, wire::Bytes rdata) {
  out += "\\# ";
  out += std::to_string(rdata.size());
  if (!rdata.empty()) out += ' ';
  append_hex(out, rdata);
}

void append_part(std::string& out, const RdataPart& part) {
  switch (part.field) {
    case RdataField::ipv4:
      out += net::to_string(net::Ipv4Address{wire::load_u32(part.octets, 0)});
      return;
    case RdataField::ipv6: out += net::to_string(net::Ipv6Address::from_bytes(part.octets)); return;
    case RdataField::u8: out += std::to_string(wire::load_u8(part.octets, 0)); return;
    case RdataField::u16: out += std::to_string(wire::load_u16(part.octets, 0)); return;
    case RdataField::u32: out += std::to_string(wire::load_u32(part.octets, 0)); return;
    case RdataField::domain_name:
    case RdataField::uncompressed_name: part.name->to_name().append_text(out); return;
    case RdataField::tag: out += wire::text_of(part.octets.subspan(1)); return;
    case RdataField::text:
    case RdataField::texts: append_quoted(out, part.octets.subspan(1)); return;
    case RdataField::text_rest: append_quoted(out, part.octets); return;
    case RdataField::hex:
    case RdataField::counted:
    case RdataField::bitmap:
    case RdataField::opaque: append_hex(out, part.octets); return;
  }
}

bool is_word(wire::Bytes text) noexcept {
  return std::ranges::all_of(wire::text_of(text), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

// Whether the part can be written so that it reads back as the same octets.
bool has_text(const RdataPart& part) noexcept {
  switch (part.field) {
    case RdataField::domain_name:
    case RdataField::uncompressed_name: return !part.name->is_compressed();
    case RdataField::tag: return is_word(part.octets.subspan(1));
    case RdataField::counted:
    case RdataField::bitmap:
    case RdataField::opaque: return false;
    default: return true;
  }
}

bool has_text(RrType type, wire::Bytes rdata) noexcept {
  RdataWalk walk(type, rdata, 0, rdata.size());
  while (const auto part = walk.next())
    if (!has_text(*part)) return false;
  return walk.complete();
}

}  // namespace

void append_rdata_text(std::string& out, RrType type, wire::Bytes rdata) {
  if (!has_text(type, rdata)) return append_generic(out, rdata);
  RdataWalk walk(type, rdata, 0, rdata.size());
  bool first = true;
  while (const auto part = walk.next()) {
    if (!first) out += ' ';
    first = false;
    append_part(out, *part);
  }
}

}  // namespace berth::dns
