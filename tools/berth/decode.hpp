// What octets from a network hold, for people: what it is, and everything in it. Octets are
// escaped, so that none can forge a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/dns/tcp_messages.hpp"
#include "protocol/net/packet.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::tools {

// A message, or a packet without one.
struct Decoded {
  enum class Kind : std::uint8_t { dhcp, dns, arp, icmp, fragment, other } kind = Kind::other;
  // Why a packet of a capture is no part of its text, and is no mistake.
  enum class Omission : std::uint8_t {
    none,
    foreign,  // it carries another protocol; `fault` says which
    cut,      // the capture does not hold enough of it
  } omission = Omission::none;
  std::vector<std::uint16_t> vlans;  // their ids, from the outside in
  std::string_view transport;        // "udp", "tcp"; empty: of neither
  std::string path;                  // "192.168.200.7:68 > 192.168.200.1:67"
  std::string text;                  // lines, each ended; empty when it could not be read
  std::string note;                  // what a reader should know: "over 3 segments"
  std::string fault;                 // why it could not be read: "too_short"
  std::vector<std::byte> octets;     // of the message; none when it could not be read
};

std::string_view name(Decoded::Kind kind) noexcept;  // "dhcp"

// Packets of one capture, in its order: it knows what went before in each TCP connection.
class Decoder {
 public:
  // One entry, or one for each DNS message that ends in a TCP segment. `original_size`: on the
  // link.
  std::vector<Decoded> packet(net::LinkType link, wire::Bytes octets, std::size_t original_size);

 private:
  std::vector<Decoded> segment(const net::Packet& packet);

  dns::TcpMessages streams_;
};

// A DHCP or DNS message, or an Ethernet frame that holds one, whichever it looks like.
std::vector<Decoded> decode(wire::Bytes octets);

}  // namespace berth::tools
