#include "tools/berth/load/link_frames.hpp"

#include <cassert>

#include "protocol/net/ethertype.hpp"

namespace berth::load {

std::span<const Message> LinkFrames::of(std::span<const Message> messages) noexcept {
  assert(messages.size() <= frames_.size());
  std::size_t count = 0;
  for (const Message& message : messages) {
    const Path& path = message.path;
    const wire::MutableBytes room(&octets_[count * slot_size], slot_size);
    const auto frame = net::build_udp_frame({.source_mac = path.source_mac,
                                             .destination_mac = path.destination_mac,
                                             .source = path.source,
                                             .destination = path.destination,
                                             .payload = message.octets},
                                            room);
    if (frame) frames_[count++] = {*frame, path, {}};
  }
  return std::span(frames_).first(count);
}

bool LinkFrames::take(Message& frame, std::optional<Message>& answer) noexcept {
  // Between machines of one host the sender leaves the checksum to hardware that is never there.
  if (const auto udp = net::parse_udp_frame(frame.octets, net::Checksums::ignore)) {
    if (udp->destination.port != spec_.client_port) return false;
    frame.octets = udp->payload;
    frame.path = {.source = udp->source,
                  .destination = udp->destination,
                  .source_mac = udp->source_mac,
                  .destination_mac = udp->destination_mac};
    return true;
  }
  const auto arp = net::parse_arp_frame(frame.octets);
  if (!arp || arp->op != net::ArpPacket::Op::request || !spec_.holder) return false;
  const auto holder = spec_.holder(arp->target_ip);
  if (!holder) return false;
  const auto reply = net::build_arp_frame({.op = net::ArpPacket::Op::reply,
                                           .sender_mac = *holder,
                                           .sender_ip = arp->target_ip,
                                           .target_mac = arp->sender_mac,
                                           .target_ip = arp->sender_ip},
                                          arp_);
  if (reply) answer = Message{*reply, {}, {}};
  return false;
}

}  // namespace berth::load
