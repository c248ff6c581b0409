// DNS over TCP as a capture shows it (RFC 1035 4.2.2, RFC 7766): the messages in the segments of
// any number of connections, one direction each. Segments are taken in the order of the capture;
// what a retransmission repeats is left out, and behind missing octets a new message is supposed to
// begin. For tools; a server reads its connections from the kernel. Keeps of each connection what
// is not a whole message yet, so never more than what it was given. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "protocol/net/packet.hpp"
#include "protocol/wire/cursor.hpp"

namespace berth::dns {

class TcpMessages {
 public:
  struct Message {
    std::vector<std::byte> octets;
    std::size_t segments = 1;  // over how many it went
  };
  // What a segment brought.
  struct Segment {
    std::vector<Message> messages;    // those that end in it
    bool is_behind_missing = false;   // octets before it are not in the capture
    std::size_t unfinished = 0;       // octets kept of the message that comes next
    std::size_t unfinished_size = 0;  // of how many; 0 when not even that has come
  };

  // REQUIRES: packet.kind == tcp
  Segment take(const net::Packet& packet);

 private:
  struct Stream {
    bool has_begun = false;
    std::uint32_t next = 0;  // the sequence number that is expected
    std::vector<std::byte> kept;
    std::size_t segments = 0;  // in which the kept octets came
  };
  using Flow = std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t>;

  static wire::Bytes in_order(Stream& stream, const net::Packet& packet, Segment& segment);

  std::map<Flow, Stream> streams_;
};

}  // namespace berth::dns
