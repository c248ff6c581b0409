#include "protocol/net/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/net/ethertype.hpp"

namespace berth::net {
namespace {

constexpr std::size_t vlan_tag_size = 4;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t ttl = 64;
constexpr std::uint16_t dont_fragment = 0x4000;
constexpr std::uint16_t fragment_bits = 0x3fff;  // more fragments, and the offset

// RFC 826: hardware type Ethernet, protocol type IPv4; six octets and four octets of address.
constexpr std::uint32_t arp_ethernet_ipv4 = 0x00010800;
constexpr std::uint16_t arp_address_sizes = 0x0604;
constexpr std::size_t arp_packet_size = arp_frame_size - ethernet_header_size;

// Offsets within the IP and the UDP header.
namespace ip {
constexpr std::size_t total_length = 2;
constexpr std::size_t fragment = 6;
constexpr std::size_t protocol = 9;
constexpr std::size_t checksum = 10;
constexpr std::size_t source = 12;
constexpr std::size_t destination = 16;
}  // namespace ip
namespace udp {
constexpr std::size_t length = 4;
constexpr std::size_t checksum = 6;
}  // namespace udp

struct Ethernet {
  MacAddress destination;
  MacAddress source;
  std::uint16_t ethertype = 0;
  wire::Bytes payload;
};

expected<Ethernet, FrameError> parse_ethernet(wire::Bytes frame) noexcept {
  wire::Reader reader(frame);
  const wire::Bytes destination = reader.bytes(6);
  const wire::Bytes source = reader.bytes(6);
  std::uint16_t ethertype = reader.u16();
  if (ethertype == ethertype_vlan) {
    reader.skip(vlan_tag_size - 2);
    ethertype = reader.u16();
  }
  if (!reader.ok()) return unexpected(FrameError::too_short);
  return Ethernet{MacAddress::from_bytes(destination), MacAddress::from_bytes(source), ethertype,
                  reader.rest()};
}

void write_ethernet(wire::Writer& writer, const MacAddress& destination, const MacAddress& source,
                    std::uint16_t ethertype) noexcept {
  writer.bytes(destination.octets);
  writer.bytes(source.octets);
  writer.u16(ethertype);
}

// The IP packet without what follows it in the frame.
expected<wire::Bytes, FrameError> parse_ipv4(wire::Bytes packet,
                                             std::size_t& header_size) noexcept {
  if (packet.size() < ipv4_header_size) return unexpected(FrameError::too_short);
  const std::uint8_t version_and_length = wire::load_u8(packet, 0);
  header_size = std::size_t{4} * (version_and_length & 15U);
  const std::size_t total = wire::load_u16(packet, ip::total_length);
  if (version_and_length >> 4 != 4 || header_size < ipv4_header_size || total < header_size ||
      total > packet.size())
    return unexpected(FrameError::bad_ip_header);
  if (internet_checksum(packet.first(header_size)) != 0)
    return unexpected(FrameError::bad_ip_checksum);
  return packet.first(total);
}

// A one's complement sum of any width as one of 16 bits.
std::uint16_t fold(std::uint64_t sum) noexcept {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

std::uint64_t add_with_carry(std::uint64_t left, std::uint64_t right) noexcept {
  const std::uint64_t sum = left + right;
  return sum + (sum < left ? 1 : 0);
}

// RFC 1071 sums 16-bit words. Words of 64 bits give the same once folded, each carry being worth
// one; and so does the machine's own byte order, if the octets of the result stand in it too
// (section 2, B).
std::uint16_t native_sum(wire::Bytes bytes) noexcept {
  std::uint64_t sum = 0;
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes = bytes.subspan(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    sum = add_with_carry(sum, word);
  }
  if (!bytes.empty()) {
    word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    sum = add_with_carry(sum, word);
  }
  return fold(sum);
}

// The sum over RFC 768's pseudo header.
std::uint64_t pseudo_header_sum(std::uint32_t source, std::uint32_t destination,
                                std::size_t udp_length) noexcept {
  return std::uint64_t{source} + destination + protocol_udp + udp_length;
}

}  // namespace

std::string_view name(FrameError error) noexcept {
  static constexpr std::array<std::string_view, frame_error_count> names = {
      "too_short",        "not_ipv4",       "not_arp",         "bad_ip_header",
      "bad_ip_checksum",  "fragment",       "not_udp",         "bad_udp_length",
      "bad_udp_checksum", "bad_tcp_header", "unsupported_arp", "no_room",
  };
  const auto value = static_cast<std::size_t>(error);
  return value < names.size() ? names[value] : "unknown";
}

std::uint16_t internet_checksum(wire::Bytes bytes, std::uint64_t initial) noexcept {
  const std::uint16_t sum = native_sum(bytes);
  std::array<std::byte, sizeof sum> octets;
  std::memcpy(octets.data(), &sum, sizeof sum);
  return static_cast<std::uint16_t>(
      ~fold(fold(initial) + std::uint64_t{wire::load_u16(octets, 0)}));
}

expected<wire::Bytes, FrameError> build_udp_frame(const UdpFrame& frame,
                                                  wire::MutableBytes out) noexcept {
  const std::size_t udp_length = udp_header_size + frame.payload.size();
  const std::size_t total = ipv4_header_size + udp_length;
  if (total > 0xffff || out.size() < ethernet_header_size + total)
    return unexpected(FrameError::no_room);

  wire::Writer writer(out);
  write_ethernet(writer, frame.destination_mac, frame.source_mac, ethertype_ipv4);
  writer.u8(0x45);  // version 4, five words of header
  writer.u8(0);     // DSCP and ECN
  writer.u16(static_cast<std::uint16_t>(total));
  writer.u16(0);  // identification: nothing to tell apart without fragments (RFC 6864)
  writer.u16(dont_fragment);
  writer.u8(ttl);
  writer.u8(protocol_udp);
  writer.u16(0);  // checksum, below
  writer.u32(frame.source.address.value);
  writer.u32(frame.destination.address.value);
  writer.u16(frame.source.port);
  writer.u16(frame.destination.port);
  writer.u16(static_cast<std::uint16_t>(udp_length));
  writer.u16(0);  // checksum, below
  writer.bytes(frame.payload);

  const wire::MutableBytes packet = out.subspan(ethernet_header_size, total);
  wire::store_u16(packet, ip::checksum, internet_checksum(packet.first(ipv4_header_size)));
  const wire::MutableBytes datagram = packet.subspan(ipv4_header_size);
  const std::uint16_t checksum = internet_checksum(
      datagram,
      pseudo_header_sum(frame.source.address.value, frame.destination.address.value, udp_length));
  wire::store_u16(datagram, udp::checksum, checksum == 0 ? 0xffff : checksum);
  return writer.written();
}

expected<UdpFrame, FrameError> parse_udp_frame(wire::Bytes frame, Checksums checksums) noexcept {
  const auto ethernet = parse_ethernet(frame);
  if (!ethernet) return unexpected(ethernet.error());
  if (ethernet->ethertype != ethertype_ipv4) return unexpected(FrameError::not_ipv4);

  std::size_t header_size = 0;
  const auto packet = parse_ipv4(ethernet->payload, header_size);
  if (!packet) return unexpected(packet.error());
  if ((wire::load_u16(*packet, ip::fragment) & fragment_bits) != 0)
    return unexpected(FrameError::fragment);
  if (wire::load_u8(*packet, ip::protocol) != protocol_udp) return unexpected(FrameError::not_udp);

  wire::Bytes datagram = packet->subspan(header_size);
  if (datagram.size() < udp_header_size) return unexpected(FrameError::bad_udp_length);
  const std::size_t length = wire::load_u16(datagram, udp::length);
  if (length < udp_header_size || length > datagram.size())
    return unexpected(FrameError::bad_udp_length);
  datagram = datagram.first(length);

  const std::uint32_t source = wire::load_u32(*packet, ip::source);
  const std::uint32_t destination = wire::load_u32(*packet, ip::destination);
  const bool has_checksum = wire::load_u16(datagram, udp::checksum) != 0;
  if (checksums == Checksums::verify && has_checksum &&
      internet_checksum(datagram, pseudo_header_sum(source, destination, length)) != 0)
    return unexpected(FrameError::bad_udp_checksum);

  return UdpFrame{ethernet->source,
                  ethernet->destination,
                  {{source}, wire::load_u16(datagram, 0)},
                  {{destination}, wire::load_u16(datagram, 2)},
                  datagram.subspan(udp_header_size)};
}

expected<wire::Bytes, FrameError> build_arp_frame(const ArpPacket& packet,
                                                  wire::MutableBytes out) noexcept {
  wire::Writer writer(out);
  const bool is_reply = packet.op == ArpPacket::Op::reply;
  write_ethernet(writer, is_reply ? packet.target_mac : MacAddress::broadcast(), packet.sender_mac,
                 ethertype_arp);
  writer.u32(arp_ethernet_ipv4);
  writer.u16(arp_address_sizes);
  writer.u16(static_cast<std::uint16_t>(packet.op));
  writer.bytes(packet.sender_mac.octets);
  writer.u32(packet.sender_ip.value);
  writer.bytes(packet.target_mac.octets);
  writer.u32(packet.target_ip.value);
  if (!writer.ok()) return unexpected(FrameError::no_room);
  return writer.written();
}

expected<ArpPacket, FrameError> parse_arp(wire::Bytes octets) noexcept {
  if (octets.size() < arp_packet_size) return unexpected(FrameError::too_short);
  wire::Reader reader(octets);
  if (reader.u32() != arp_ethernet_ipv4 || reader.u16() != arp_address_sizes)
    return unexpected(FrameError::unsupported_arp);
  const ArpPacket::Op op{reader.u16()};
  if (op != ArpPacket::Op::request && op != ArpPacket::Op::reply)
    return unexpected(FrameError::unsupported_arp);
  ArpPacket packet{op, {}, {}, {}, {}};
  packet.sender_mac = MacAddress::from_bytes(reader.bytes(6));
  packet.sender_ip = {reader.u32()};
  packet.target_mac = MacAddress::from_bytes(reader.bytes(6));
  packet.target_ip = {reader.u32()};
  return packet;
}

expected<ArpPacket, FrameError> parse_arp_frame(wire::Bytes frame) noexcept {
  const auto ethernet = parse_ethernet(frame);
  if (!ethernet) return unexpected(ethernet.error());
  if (ethernet->ethertype != ethertype_arp) return unexpected(FrameError::not_arp);
  return parse_arp(ethernet->payload);
}

}  // namespace berth::net
