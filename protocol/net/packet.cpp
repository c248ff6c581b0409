#include "protocol/net/packet.hpp"

#include <algorithm>
#include <utility>

#include "protocol/net/ethertype.hpp"

namespace berth::net {
namespace {

constexpr std::uint8_t protocol_icmp = 1;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;

// Reads all tags; false when they do not end.
bool read_vlans(wire::Reader& reader, Packet& packet) noexcept {
  while (is_vlan_tag(packet.ethertype) && packet.vlan_count < Packet::max_vlans) {
    const std::uint16_t tag = reader.u16();
    packet.vlans[packet.vlan_count++] = {packet.ethertype,
                                         static_cast<std::uint16_t>(tag & 0x0fff)};
    packet.ethertype = reader.u16();
  }
  return reader.ok() && !is_vlan_tag(packet.ethertype);
}

// AF_INET is 2 everywhere, AF_INET6 differs by system.
std::uint16_t ethertype_of_family(std::uint32_t family) noexcept {
  switch (family) {
    case 2: return ethertype_ipv4;
    case 10:
    case 24:
    case 28:
    case 30: return ethertype_ipv6;
    default: return 0;
  }
}

std::uint32_t byte_swapped(std::uint32_t value) noexcept {
  return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}

std::uint16_t ethertype_of_version(wire::Bytes packet) noexcept {
  if (packet.empty()) return 0;
  switch (wire::load_u8(packet, 0) >> 4) {
    case 4: return ethertype_ipv4;
    case 6: return ethertype_ipv6;
    default: return 0;
  }
}

// Reads the link layer up to the network layer; false when the octets end before.
bool read_link(LinkType link, wire::Reader& reader, Packet& packet) noexcept {
  switch (link) {
    case LinkType::ethernet:
      reader.skip(12);
      packet.ethertype = reader.u16();
      break;
    case LinkType::linux_sll:
      reader.skip(14);
      packet.ethertype = reader.u16();
      break;
    case LinkType::linux_sll2:
      packet.ethertype = reader.u16();
      reader.skip(18);
      break;
    case LinkType::null:
    case LinkType::loop: {
      // A file does not say whose byte order it is; families are small numbers in one of both.
      const std::uint32_t family = reader.u32();
      packet.ethertype = ethertype_of_family(family > 0xffff ? byte_swapped(family) : family);
      break;
    }
    case LinkType::raw:
    case LinkType::ipv4:
      packet.ethertype = ethertype_of_version(reader.rest());
      return !reader.rest().empty();
  }
  return reader.ok() && read_vlans(reader, packet);
}

expected<Packet, FrameError> read_udp(Packet packet) noexcept {
  const wire::Bytes datagram = packet.payload;
  if (datagram.size() < udp_header_size) return unexpected(FrameError::bad_udp_length);
  const std::size_t length = wire::load_u16(datagram, 4);
  if (length < udp_header_size || length > datagram.size())
    return unexpected(FrameError::bad_udp_length);
  packet.kind = Packet::Kind::udp;
  packet.source_port = wire::load_u16(datagram, 0);
  packet.destination_port = wire::load_u16(datagram, 2);
  packet.payload = datagram.subspan(udp_header_size, length - udp_header_size);
  return packet;
}

expected<Packet, FrameError> read_tcp(Packet packet) noexcept {
  constexpr std::size_t least_header = 20;
  const wire::Bytes segment = packet.payload;
  if (segment.size() < least_header) return unexpected(FrameError::bad_tcp_header);
  const std::size_t header = std::size_t{4} * (wire::load_u8(segment, 12) >> 4);
  if (header < least_header || header > segment.size())
    return unexpected(FrameError::bad_tcp_header);
  packet.kind = Packet::Kind::tcp;
  packet.source_port = wire::load_u16(segment, 0);
  packet.destination_port = wire::load_u16(segment, 2);
  packet.sequence = wire::load_u32(segment, 4);
  packet.tcp_flags = wire::load_u8(segment, 13);
  packet.payload = segment.subspan(header);
  return packet;
}

// The header's fields. `total`: the packet's octets, which may be more than there are.
std::optional<FrameError> read_ipv4_header(wire::Bytes octets, Packet& packet, std::size_t& header,
                                           std::size_t& total) noexcept {
  if (octets.size() < ipv4_header_size) return FrameError::too_short;
  const std::uint8_t version_and_length = wire::load_u8(octets, 0);
  header = std::size_t{4} * (version_and_length & 15U);
  total = wire::load_u16(octets, 2);
  if (version_and_length >> 4 != 4 || header < ipv4_header_size || header > octets.size() ||
      total < header)
    return FrameError::bad_ip_header;
  const std::uint16_t fragment = wire::load_u16(octets, 6);
  packet.identification = wire::load_u16(octets, 4);
  packet.fragment_offset = std::size_t{8} * (fragment & 0x1fffU);
  packet.more_fragments = (fragment & 0x2000) != 0;
  packet.protocol = wire::load_u8(octets, 9);
  packet.source = {wire::load_u32(octets, 12)};
  packet.destination = {wire::load_u32(octets, 16)};
  return std::nullopt;
}

expected<Packet, FrameError> read_ipv4(wire::Bytes octets, Packet packet) noexcept {
  std::size_t header = 0;
  std::size_t total = 0;
  if (const auto error = read_ipv4_header(octets, packet, header, total)) return unexpected(*error);
  if (total > octets.size()) return unexpected(FrameError::too_short);
  if (wire::load_u16(octets, 10) != 0 && internet_checksum(octets.first(header)) != 0)
    return unexpected(FrameError::bad_ip_checksum);
  packet.payload = octets.subspan(header, total - header);
  packet.kind = Packet::Kind::fragment;
  if (packet.more_fragments || packet.fragment_offset != 0) return packet;
  switch (packet.protocol) {
    case protocol_udp: return read_udp(packet);
    case protocol_tcp: return read_tcp(packet);
    case protocol_icmp: packet.kind = Packet::Kind::icmp; return packet;
    default: packet.kind = Packet::Kind::ipv4; return packet;
  }
}

}  // namespace

expected<Packet, FrameError> parse_packet(LinkType link, wire::Bytes octets) noexcept {
  wire::Reader reader(octets);
  Packet packet;
  if (!read_link(link, reader, packet)) return unexpected(FrameError::too_short);
  if (packet.ethertype == ethertype_ipv4) return read_ipv4(reader.rest(), packet);
  packet.payload = reader.rest();
  packet.kind = packet.ethertype == ethertype_arp ? Packet::Kind::arp : Packet::Kind::other;
  return packet;
}

bool is_vlan_tag(std::uint16_t ethertype) noexcept {
  constexpr std::array<std::uint16_t, 4> tags{ethertype_vlan, 0x88a8, 0x9100, 0x9200};
  return std::ranges::find(tags, ethertype) != tags.end();
}

std::string_view protocol_name(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case protocol_icmp: return "ICMP";
    case 2: return "IGMP";
    case protocol_tcp: return "TCP";
    case protocol_udp: return "UDP";
    default: return {};
  }
}

std::string_view icmp_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case 0: return "echo reply";
    case icmp_unreachable: return "destination unreachable";
    case 4: return "source quench";
    case 5: return "redirect";
    case 8: return "echo request";
    case 9: return "router advertisement";
    case 10: return "router solicitation";
    case 11: return "time exceeded";
    case 12: return "parameter problem";
    case 13: return "timestamp";
    case 14: return "timestamp reply";
    default: return {};
  }
}

std::string_view icmp_unreachable_name(std::uint8_t code) noexcept {
  constexpr auto names = std::to_array<std::string_view>({
      "net unreachable",
      "host unreachable",
      "protocol unreachable",
      "port unreachable",
      "fragmentation needed",
      "source route failed",
      "network unknown",
      "host unknown",
      "source host isolated",
      "network prohibited",
      "host prohibited",
      "network unreachable for the type of service",
      "host unreachable for the type of service",
      "communication prohibited",
      "host precedence violation",
      "precedence cutoff",
  });
  return code < names.size() ? names[code] : std::string_view();
}

std::optional<Packet> parse_icmp_subject(wire::Bytes message) noexcept {
  constexpr std::size_t icmp_header = 8;
  if (message.size() < icmp_header) return std::nullopt;
  const std::uint8_t type = wire::load_u8(message, 0);
  if (type != icmp_unreachable && type != 4 && type != 5 && type != 11 && type != 12)
    return std::nullopt;
  Packet packet;
  std::size_t header = 0;
  std::size_t total = 0;
  const wire::Bytes octets = message.subspan(icmp_header);
  if (read_ipv4_header(octets, packet, header, total)) return std::nullopt;
  packet.kind = Packet::Kind::ipv4;
  packet.payload = octets.subspan(header);
  const bool has_ports = packet.protocol == protocol_udp || packet.protocol == protocol_tcp;
  if (!has_ports || packet.fragment_offset != 0 || packet.payload.size() < 4) return packet;
  packet.kind = packet.protocol == protocol_udp ? Packet::Kind::udp : Packet::Kind::tcp;
  packet.source_port = wire::load_u16(packet.payload, 0);
  packet.destination_port = wire::load_u16(packet.payload, 2);
  return packet;
}

}  // namespace berth::net
