#include "server/io/dhcp_tap.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"

namespace berth::io {
namespace {

// Where the system does not tell, as BPF on macOS: by the hardware address, which is the link's own
// on all that this machine sends. A guest whose bridge lets it forge that address passes for this
// machine there, and the most it gets by it is what ForeignServer says.
bool is_by_host(const ReceivedFrame& frame, const net::MacAddress& source,
                const TapIdentity& us) noexcept {
  if (frame.origin != FrameOrigin::unknown) return frame.origin == FrameOrigin::host;
  return source == us.mac;
}

TapSight look_at_reply(const net::UdpFrame& frame, const TapIdentity& us, bool by_host) noexcept {
  const bool to_client =
      frame.source.port == us.port && frame.destination.port == dhcp::client_port;
  if (!to_client) return TapUnconcerned{};
  const auto message = dhcp::MessageView::parse(frame.payload);
  if (!message) return TapMalformed{};
  TapReply reply{.server = frame.source.address,
                 .server_mac = frame.source_mac,
                 .by_host = by_host,
                 .address = message->yiaddr(),
                 .payload = frame.payload};
  const wire::Bytes chaddr = message->chaddr();
  std::copy_n(chaddr.begin(), std::min(chaddr.size(), reply.client.octets.size()),
              reply.client.octets.begin());
  if (const auto option = message->find(dhcp::OptionCode::server_identifier))
    if (const auto server = option->ipv4()) reply.server = *server;
  return reply;
}

std::size_t digest_of(wire::Bytes payload) noexcept {
  return std::hash<std::string_view>{}(wire::text_of(payload));
}

}  // namespace

TapSight look_at(const ReceivedFrame& frame, const TapIdentity& us) noexcept {
  const auto udp = net::parse_udp_frame(frame.octets, net::Checksums::ignore);
  if (!udp || udp->payload.empty()) return TapMalformed{};
  const bool by_host = is_by_host(frame, udp->source_mac, us);
  if (dhcp::Op{wire::load_u8(udp->payload, 0)} == dhcp::Op::bootreply)
    return look_at_reply(*udp, us, by_host);
  const bool for_us = udp->destination_mac == net::MacAddress::broadcast() ||
                      udp->destination.address == us.address;
  if (udp->destination.port != us.port || !for_us || by_host || udp->source_mac == us.mac)
    return TapUnconcerned{};
  return TapRequest{
      .payload = udp->payload,
      .source = udp->source,
      .destination = udp->destination.address,
      .sender = udp->source_mac,
      .checksum_wrong = !frame.checksum_open &&
                        !net::parse_udp_frame(frame.octets, net::Checksums::verify).has_value()};
}

void SentReplies::add(wire::Bytes payload) noexcept {
  digests_[next_] = digest_of(payload);
  next_ = (next_ + 1) % digests_.size();
}

bool SentReplies::contains(wire::Bytes payload) const noexcept {
  return std::ranges::find(digests_, digest_of(payload)) != digests_.end();
}

// What comes the same way again was sent again, and its copy has not come.
bool RequestCopies::is_second(wire::Bytes payload, bool by_tap) noexcept {
  const std::size_t digest = digest_of(payload);
  const auto first = std::ranges::find(firsts_, digest, &First::digest);
  if (first == firsts_.end()) {
    firsts_[next_] = {digest, by_tap};
    next_ = (next_ + 1) % firsts_.size();
    return false;
  }
  if (first->by_tap == by_tap) return false;
  *first = {};
  return true;
}

}  // namespace berth::io
