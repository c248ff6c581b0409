#include "tools/berth/decode.hpp"

#include <utility>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/text.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/text.hpp"
#include "protocol/net/ethertype.hpp"

namespace berth::tools {
namespace {

using Kind = Decoded::Kind;
using net::Packet;

Decoded of_kind(Kind kind) {
  Decoded decoded;
  decoded.kind = kind;
  return decoded;
}

Decoded other(std::string fault, Decoded::Omission omission) {
  Decoded decoded;
  decoded.omission = omission;
  decoded.fault = std::move(fault);
  return decoded;
}

void keep(Decoded& decoded, wire::Bytes octets) {
  decoded.octets.assign(octets.begin(), octets.end());
}

Decoded foreign(std::string what) { return other(std::move(what), Decoded::Omission::foreign); }

Decoded decode_dhcp(wire::Bytes octets) {
  Decoded decoded = of_kind(Kind::dhcp);
  const auto message = dhcp::MessageView::parse(octets);
  if (!message) {
    decoded.fault = dhcp::name(message.error());
    return decoded;
  }
  decoded.text = dhcp::to_line(*message) + '\n' + dhcp::to_dump(*message);
  keep(decoded, octets);
  return decoded;
}

Decoded decode_dns(wire::Bytes octets) {
  Decoded decoded = of_kind(Kind::dns);
  const auto message = dns::MessageView::parse(octets);
  if (!message) {
    decoded.fault = dns::name(message.error());
    return decoded;
  }
  decoded.text = dns::to_text(*message);
  keep(decoded, octets);
  return decoded;
}

Decoded decode_arp(wire::Bytes octets) {
  Decoded decoded = of_kind(Kind::arp);
  const auto packet = net::parse_arp(octets);
  if (!packet) {
    decoded.fault = net::name(packet.error());
    return decoded;
  }
  const std::string sender = net::to_string(packet->sender_ip);
  if (packet->op == net::ArpPacket::Op::request)
    decoded.text = "ARP who has " + net::to_string(packet->target_ip) + "? asks " +
                   net::to_string(packet->sender_mac) + ", " + sender + '\n';
  else
    decoded.text = "ARP " + sender + " is at " + net::to_string(packet->sender_mac) + '\n';
  keep(decoded, octets);
  return decoded;
}

std::string path_of(const Packet& packet) {
  if (packet.kind != Packet::Kind::udp && packet.kind != Packet::Kind::tcp)
    return net::to_string(packet.source) + " > " + net::to_string(packet.destination);
  return net::to_string(packet.source) + ':' + std::to_string(packet.source_port) + " > " +
         net::to_string(packet.destination) + ':' + std::to_string(packet.destination_port);
}

Decoded decode_icmp(wire::Bytes octets) {
  Decoded decoded = of_kind(Kind::icmp);
  if (octets.size() < 4) {
    decoded.fault = net::name(net::FrameError::too_short);
    return decoded;
  }
  const std::uint8_t type = wire::load_u8(octets, 0);
  const std::uint8_t code = wire::load_u8(octets, 1);
  const std::string_view known = net::icmp_type_name(type);
  decoded.text = "ICMP " + (known.empty() ? "type " + std::to_string(type) : std::string(known));
  const bool is_unreachable = type == net::icmp_unreachable;
  if (const auto why = net::icmp_unreachable_name(code); is_unreachable && !why.empty())
    decoded.text.append(": ").append(why);
  else if (code != 0)
    decoded.text += ", code " + std::to_string(code);
  if (const auto subject = net::parse_icmp_subject(octets))
    decoded.text += ", about " + path_of(*subject);
  decoded.text += '\n';
  keep(decoded, octets);
  return decoded;
}

std::string protocol_name(std::uint8_t protocol) {
  const std::string_view known = net::protocol_name(protocol);
  return known.empty() ? "protocol " + std::to_string(protocol) : std::string(known);
}

Decoded decode_fragment(const Packet& packet) {
  Decoded decoded = of_kind(Kind::fragment);
  decoded.text = "fragment of an IP packet with " + protocol_name(packet.protocol) + ", id " +
                 std::to_string(packet.identification) + ": octets " +
                 std::to_string(packet.fragment_offset) + " to " +
                 std::to_string(packet.fragment_offset + packet.payload.size()) +
                 (packet.more_fragments ? ", more follow\n" : ", the last\n");
  keep(decoded, packet.payload);
  return decoded;
}

bool is_between(const Packet& packet, std::uint16_t port) noexcept {
  return packet.source_port == port || packet.destination_port == port;
}

Decoded decode_datagram(const Packet& packet) {
  if (is_between(packet, dhcp::server_port) || is_between(packet, dhcp::client_port))
    return decode_dhcp(packet.payload);
  if (is_between(packet, dns::dns_port)) return decode_dns(packet.payload);
  return foreign("neither DHCP nor DNS");
}

std::string_view transport_of(const Packet& packet) noexcept {
  switch (packet.kind) {
    case Packet::Kind::udp: return "udp";
    case Packet::Kind::tcp: return "tcp";
    default: return {};
  }
}

void add_note(Decoded& decoded, const std::string& note) {
  if (!decoded.note.empty()) decoded.note += "; ";
  decoded.note += note;
}

bool looks_like_dhcp(wire::Bytes octets) noexcept {
  return octets.size() >= dhcp::field::options &&
         wire::load_u32(octets, dhcp::field::cookie) == dhcp::magic_cookie;
}

// No DNS message has by chance what an Ethernet frame with ARP or IPv4 has, behind VLAN tags or
// not: the EtherType, and then version 4 with a header of 20 octets.
bool looks_like_frame(wire::Bytes octets) noexcept {
  std::size_t at = net::ethernet_header_size - 2;
  while (at + 2 < octets.size() && net::is_vlan_tag(wire::load_u16(octets, at))) at += 4;
  if (at + 2 >= octets.size()) return false;
  const std::uint16_t type = wire::load_u16(octets, at);
  return type == net::ethertype_arp ||
         (type == net::ethertype_ipv4 && octets[at + 2] == std::byte{0x45});
}

}  // namespace

std::string_view name(Decoded::Kind kind) noexcept {
  switch (kind) {
    case Kind::dhcp: return "dhcp";
    case Kind::dns: return "dns";
    case Kind::arp: return "arp";
    case Kind::icmp: return "icmp";
    case Kind::fragment: return "fragment";
    case Kind::other: return "other";
  }
  return {};
}

std::vector<Decoded> Decoder::segment(const Packet& packet) {
  std::vector<Decoded> list;
  if (!is_between(packet, dns::dns_port)) {
    list.push_back(foreign("neither DHCP nor DNS"));
    return list;
  }
  const auto taken = streams_.take(packet);
  std::size_t stubs = 0;
  for (const auto& message : taken.messages) {
    if (message.octets.size() < dns::header_size) {
      ++stubs;
      continue;
    }
    Decoded& decoded = list.emplace_back(decode_dns(message.octets));
    if (message.segments > 1)
      add_note(decoded, "over " + std::to_string(message.segments) + " segments");
  }
  // One segment may have thousands, which say no more than one.
  if (stubs != 0) {
    Decoded& decoded = list.emplace_back(decode_dns({}));
    add_note(decoded, "messages shorter than a DNS header: " + std::to_string(stubs));
  }
  if (taken.unfinished != 0) {
    Decoded& decoded = list.emplace_back(of_kind(Kind::dns));
    const std::string size = taken.unfinished_size == 0 ? "an unknown number of"
                                                        : std::to_string(2 + taken.unfinished_size);
    decoded.text = "part of a message: " + std::to_string(taken.unfinished) + " of " + size +
                   " octets so far\n";
  }
  if (list.empty()) list.push_back(foreign("a segment without new octets"));
  if (taken.is_behind_missing) add_note(list.front(), "octets before it are not in the capture");
  return list;
}

std::vector<Decoded> Decoder::packet(net::LinkType link, wire::Bytes octets,
                                     std::size_t original_size) {
  const auto packet = net::parse_packet(link, octets);
  const bool is_cut = original_size > octets.size();
  std::vector<Decoded> list;
  if (!packet) {
    const bool is_missed = is_cut && packet.error() == net::FrameError::too_short;
    list.push_back(other(std::string(net::name(packet.error())),
                         is_missed ? Decoded::Omission::cut : Decoded::Omission::none));
  } else {
    switch (packet->kind) {
      case Packet::Kind::udp: list.push_back(decode_datagram(*packet)); break;
      case Packet::Kind::tcp: list = segment(*packet); break;
      case Packet::Kind::icmp: list.push_back(decode_icmp(packet->payload)); break;
      case Packet::Kind::fragment: list.push_back(decode_fragment(*packet)); break;
      case Packet::Kind::arp: list.push_back(decode_arp(packet->payload)); break;
      case Packet::Kind::ipv4: list.push_back(foreign(protocol_name(packet->protocol))); break;
      case Packet::Kind::other: list.push_back(foreign("not_ipv4")); break;
    }
    const bool has_path = packet->kind != Packet::Kind::arp && packet->kind != Packet::Kind::other;
    for (Decoded& decoded : list) {
      for (std::size_t i = 0; i < packet->vlan_count; ++i)
        decoded.vlans.push_back(packet->vlans[i].id);
      decoded.transport = transport_of(*packet);
      if (has_path) decoded.path = path_of(*packet);
    }
  }
  if (is_cut)
    add_note(list.front(), "the capture holds " + std::to_string(octets.size()) + " of " +
                               std::to_string(original_size) + " octets");
  return list;
}

std::vector<Decoded> decode(wire::Bytes octets) {
  if (looks_like_dhcp(octets)) return {decode_dhcp(octets)};
  if (looks_like_frame(octets))
    return Decoder().packet(net::LinkType::ethernet, octets, octets.size());
  return {decode_dns(octets)};
}

}  // namespace berth::tools
