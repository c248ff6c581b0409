// Any file is a capture or is refused with a reason, whatever lengths it claims; what its packets
// hold is text, a named fault, or left out, and each message that could be read has its fields. The
// corpus has a file for each lie about lengths (P4). Of a datagram that the parser for taps reads
// too, both read the same.
#include "protocol/capture/capture.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocol/net/frame.hpp"
#include "protocol/net/packet.hpp"
#include "tools/berth/decode.hpp"
#include "tools/berth/packet_json.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const berth::tools::Decoded& decoded) {
  using Kind = berth::tools::Decoded::Kind;
  require(decoded.text.empty() != decoded.fault.empty());
  require(decoded.text.empty() || decoded.text.ends_with('\n'));
  for (const char letter : decoded.text)
    require(letter == '\n' || (letter >= ' ' && letter < 0x7f));
  require(decoded.octets.empty() || decoded.fault.empty());
  const bool has_fields = decoded.kind != Kind::other && decoded.kind != Kind::fragment;
  require(berth::tools::message_json(decoded).is_object() ==
          (has_fields && !decoded.octets.empty()));
}

// Each refuses what the other takes in places: a tap's has one VLAN tag at most and wants the IP
// checksum.
void check_parsers(const berth::capture::Frame& frame) {
  using berth::net::Checksums;
  using berth::net::Endpoint;
  using berth::net::Packet;
  if (frame.link != berth::net::LinkType::ethernet) return;
  const auto packet = berth::net::parse_packet(frame.link, frame.octets);
  const auto datagram = berth::net::parse_udp_frame(frame.octets, Checksums::ignore);
  if (!packet || !datagram) return;
  require(packet->kind == Packet::Kind::udp);
  require(Endpoint{packet->source, packet->source_port} == datagram->source);
  require(Endpoint{packet->destination, packet->destination_port} == datagram->destination);
  require(packet->payload.data() == datagram->payload.data());
  require(packet->payload.size() == datagram->payload.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT: name
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  if (!berth::capture::is_capture(file)) return 0;
  berth::tools::Decoder decoder;
  std::size_t captured = 0;
  const auto fault = berth::capture::read(file, [&](const berth::capture::Frame& frame) {
    captured += frame.octets.size();
    const auto list = decoder.packet(frame.link, frame.octets, frame.original_size);
    require(!list.empty());
    for (const auto& decoded : list) check(decoded);
    check_parsers(frame);
  });
  require(captured <= size);
  require(!fault || !fault->empty());
  return 0;
}
