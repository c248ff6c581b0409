// Of DhcpService, what has to do with whole frames: taps, replies past the system's own IP, ARP.
#include <algorithm>
#include <array>
#include <chrono>
#include <variant>

#include "protocol/net/frame.hpp"
#include "server/io/dhcp_service.hpp"

namespace berth::io {

void DhcpService::read_tap(Link& link, TimePoint now) noexcept {
  int error = 0;
  const TapIdentity us = link.identity();
  std::size_t slot = 0;
  for (const ReceivedFrame& frame : frame_receiver_.receive(link.tap.number(), error)) {
    counters_.kernel_drops.add_growth(link.tap_drops, frame.kernel_drops);
    if (frame.truncated) {
      counters_.received.add();
      counters_.oversized.add();
      continue;
    }
    const TapSight sight = look_at(frame, us);
    if (const auto* request = std::get_if<TapRequest>(&sight)) {
      on_tap_request(link, *request, slot, now);
      if (++slot < batch_size) continue;
      flush(link);
      slot = 0;
    } else if (const auto* reply = std::get_if<TapReply>(&sight)) {
      if (link.tap_memory->sent.contains(reply->payload)) continue;
      on_foreign_reply(link, *reply, now);
    } else if (std::holds_alternative<TapMalformed>(sight)) {
      counters_.bad_frames.add();
    }
  }
  if (error != 0) on_receive_error(link, binder::Role::dhcp_tap, error, now);
  flush(link);
  report_notices(now);
}

void DhcpService::on_tap_request(Link& link, const TapRequest& request, std::size_t slot,
                                 TimePoint now) noexcept {
  if (link.unicast.is_open() && request.destination == link.address &&
      link.tap_memory->copies.is_second(request.payload, /*by_tap=*/true)) {
    counters_.second_copies.add();
    return;
  }
  if (request.checksum_wrong) counters_.bad_checksums.add();
  const Datagram datagram{.payload = request.payload,
                          .source = request.source,
                          .destination = request.destination,
                          .interface = link.facts.index};
  answer(link, datagram, {.by_tap = true, .sender = request.sender}, slot, now);
}

void DhcpService::on_foreign_reply(Link& link, const TapReply& reply, TimePoint now) noexcept {
  counters_.foreign_replies.add();
  const binder::ForeignServer server{reply.server, reply.by_host};
  if (!is_to_be_told(link, {server, reply.server_mac, now})) return;
  foreign_sights_.push_back({link.address, server});
  events_.push_notice({.interface = link.name,
                       .notice = {.kind = dhcp::Notice::Kind::foreign_server,
                                  .network = link.network,
                                  .address = reply.address,
                                  .mac = reply.client,
                                  .other_mac = reply.server_mac,
                                  .server = reply.server}},
                      now);
}

// Each once a minute. Guests can make up any number of servers, among which the one that matters to
// our clients must not be lost: it takes the place of another.
bool DhcpService::is_to_be_told(Link& link, const ToldServer& seen) noexcept {
  constexpr std::chrono::minutes interval{1};
  auto& told = link.foreign_servers;
  if (foreign_sights_.size() == foreign_sights_.capacity()) return false;
  const auto known = std::ranges::find_if(told, [&seen](const ToldServer& one) {
    return one.server == seen.server && one.mac == seen.mac;
  });
  if (known != told.end()) {
    if (seen.at < known->at + interval) return false;
    told.erase(known);
  }
  if (told.size() == told.capacity()) {
    const auto oldest = std::ranges::min_element(told, {}, &ToldServer::at);
    const bool is_namesake = seen.server.by_host && seen.server.id == link.address;
    if (!is_namesake && seen.at < oldest->at + interval) return false;
    told.erase(oldest);
  }
  told.push_back(seen);
  return true;
}

// What a socket would have sent by a route and ARP goes to whoever handed the request over on the
// link: the client itself, or its relay agent.
void DhcpService::send_by_tap(Link& link, const dhcp::Reply& reply, const net::MacAddress& sender,
                              std::size_t slot) noexcept {
  using Via = dhcp::Destination::Via;
  net::MacAddress to = sender;
  net::Endpoint destination = reply.destination.endpoint;
  if (reply.destination.via == Via::link) to = reply.destination.mac;
  if (reply.destination.via == Via::broadcast) {
    to = net::MacAddress::broadcast();
    destination.address = net::Ipv4Address::broadcast();
  }
  if (!add_frame(link, to, destination, reply.payload, slot)) counters_.send_failures.add();
}

bool DhcpService::add_frame(const Link& link, const net::MacAddress& to,
                            const net::Endpoint& destination, wire::Bytes payload,
                            std::size_t slot) noexcept {
  const net::UdpFrame frame{
      .source_mac = link.facts.mac,
      .destination_mac = to,
      .source = {link.address, link.port},
      .destination = destination,
      .payload = payload,
  };
  const auto octets =
      net::build_udp_frame(frame, wire::MutableBytes(&frames_[slot * frame_slot], frame_slot));
  if (octets) frame_sender_.add_frame(*octets);
  return octets.has_value();
}

void DhcpService::probe(Link& link, net::Ipv4Address address) noexcept {
  if (!link.frames.is_open()) return;
  std::array<std::byte, net::arp_frame_size> buffer;
  // RFC 5227 1.1: a probe, whose zero sender address nobody takes for a claim.
  const net::ArpPacket request{.sender_mac = link.facts.mac, .target_ip = address};
  if (const auto frame = net::build_arp_frame(request, buffer)) {
    frame_sender_.add_frame(*frame);
    flush(link, frame_sender_, binder::Role::link);
  }
}

// What a tap shows as well, it has been told of.
void DhcpService::read_link(Link& link, TimePoint now) noexcept {
  int error = 0;
  const TapIdentity us = link.identity();
  for (const ReceivedFrame& frame : frame_receiver_.receive(link.frames.number(), error)) {
    const auto arp = net::parse_arp_frame(frame.octets);
    if (arp) responder_.on_probe(link.network, arp->sender_ip, arp->sender_mac, now);
    if (arp || arp.error() != net::FrameError::not_arp || link.tap.is_open()) continue;
    if (frame.origin == FrameOrigin::host) continue;  // ours, where the kernel cannot leave it out
    const TapSight sight = look_at(frame, us);
    if (const auto* reply = std::get_if<TapReply>(&sight)) {
      on_foreign_reply(link, *reply, now);
    } else if (std::holds_alternative<TapMalformed>(sight)) {
      counters_.bad_frames.add();
    }
  }
  if (error != 0) on_receive_error(link, binder::Role::link, error, now);
  report_notices(now);
}

void DhcpService::on_receive_error(Link& link, binder::Role role, int error,
                                   TimePoint now) noexcept {
  counters_.receive_failures.add();
  events_.push_failure(/*sending=*/false, link.address, error, 1, now);
  if (means_lost(error) && lost_.size() < lost_.capacity()) lost_.push_back({link.address, role});
}

void DhcpService::discard(int socket) noexcept {
  int error = 0;
  receiver_.receive(socket, error);  // one batch: whoever floods it must not keep others waiting
}

std::optional<LostSocket> DhcpService::next_lost() noexcept {
  if (lost_.empty()) return std::nullopt;
  const LostSocket lost = lost_.back();
  lost_.pop_back();
  return lost;
}

std::optional<ForeignSight> DhcpService::next_foreign_sight() noexcept {
  if (foreign_sights_.empty()) return std::nullopt;
  const ForeignSight sight = foreign_sights_.back();
  foreign_sights_.pop_back();
  return sight;
}

}  // namespace berth::io
