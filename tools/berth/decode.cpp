#include "tools/berth/decode.hpp"

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/text.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/text.hpp"
#include "protocol/net/frame.hpp"

namespace berth::tools {
namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_arp = 0x0806;
constexpr std::size_t ethertype_at = 12;

std::uint16_t ethertype(wire::Bytes frame) noexcept {
  return frame.size() < net::ethernet_header_size ? std::uint16_t{0}
                                                  : wire::load_u16(frame, ethertype_at);
}

Decoded decode_dhcp(wire::Bytes octets) {
  const auto message = dhcp::MessageView::parse(octets);
  Decoded decoded{.kind = Decoded::Kind::dhcp, .path = {}, .text = {}, .fault = {}};
  if (message)
    decoded.text = dhcp::to_line(*message) + '\n' + dhcp::to_dump(*message);
  else
    decoded.fault = dhcp::name(message.error());
  return decoded;
}

Decoded decode_dns(wire::Bytes octets) {
  const auto message = dns::MessageView::parse(octets);
  Decoded decoded{.kind = Decoded::Kind::dns, .path = {}, .text = {}, .fault = {}};
  if (message)
    decoded.text = dns::to_text(*message);
  else
    decoded.fault = dns::name(message.error());
  return decoded;
}

Decoded decode_arp(wire::Bytes frame) {
  const auto packet = net::parse_arp_frame(frame);
  Decoded decoded{.kind = Decoded::Kind::arp, .path = {}, .text = {}, .fault = {}};
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
  return decoded;
}

std::string to_string(const net::Endpoint& endpoint) {
  return net::to_string(endpoint.address) + ':' + std::to_string(endpoint.port);
}

bool is_dhcp_port(std::uint16_t port) noexcept {
  return port == dhcp::server_port || port == dhcp::client_port;
}

bool looks_like_dhcp(wire::Bytes octets) noexcept {
  return octets.size() >= dhcp::field::options &&
         wire::load_u32(octets, dhcp::field::cookie) == dhcp::magic_cookie;
}

}  // namespace

std::string_view name(Decoded::Kind kind) noexcept {
  switch (kind) {
    case Decoded::Kind::dhcp: return "dhcp";
    case Decoded::Kind::dns: return "dns";
    case Decoded::Kind::arp: return "arp";
    case Decoded::Kind::other: return "other";
  }
  return {};
}

Decoded decode_frame(wire::Bytes frame) {
  if (ethertype(frame) == ethertype_arp) return decode_arp(frame);
  const auto udp = net::parse_udp_frame(frame, net::Checksums::ignore);
  Decoded decoded;
  if (!udp) {
    decoded.fault = net::name(udp.error());
    return decoded;
  }
  if (is_dhcp_port(udp->source.port) || is_dhcp_port(udp->destination.port))
    decoded = decode_dhcp(udp->payload);
  else if (udp->source.port == dns::dns_port || udp->destination.port == dns::dns_port)
    decoded = decode_dns(udp->payload);
  else
    decoded.fault = "neither DHCP nor DNS";
  decoded.path = to_string(udp->source) + " > " + to_string(udp->destination);
  return decoded;
}

Decoded decode(wire::Bytes octets) {
  if (looks_like_dhcp(octets)) return decode_dhcp(octets);
  const std::uint16_t type = ethertype(octets);
  // Version 4 and a header of 20 octets behind it: no DNS message has this by chance.
  if (type == ethertype_arp) return decode_frame(octets);
  if (type == ethertype_ipv4 && octets.size() > net::ethernet_header_size &&
      octets[net::ethernet_header_size] == std::byte{0x45})
    return decode_frame(octets);
  return decode_dns(octets);
}

}  // namespace berth::tools
