#include "server/io/dhcp_service.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/net/frame.hpp"
#include "server/io/host.hpp"

namespace berth::io {
namespace {

// The largest datagram read whole: no client sends more than an Ethernet frame carries, and a relay
// may add to it.
constexpr std::size_t receive_slot = 2048;
// The largest reply: what one Ethernet frame of 1,500 octets carries in UDP.
constexpr std::size_t reply_slot = 1472;
constexpr std::size_t frame_slot = 1536;

std::size_t counter_index(std::optional<dhcp::MessageType> type) noexcept {
  if (!type) return 0;
  return std::min<std::size_t>(static_cast<std::size_t>(*type), DhcpCounters::type_count - 1);
}

// REQUIRES: a chaddr of any length; what is no Ethernet address shows as far as it goes.
net::MacAddress shown_mac(const dhcp::MessageView& message) noexcept {
  net::MacAddress mac;
  const wire::Bytes chaddr = message.chaddr();
  std::copy_n(chaddr.begin(), std::min(chaddr.size(), mac.octets.size()), mac.octets.begin());
  return mac;
}

// What a socket is bound to: 67, or what `listen:` says.
std::uint16_t local_port(const binder::FileDescriptor& socket) noexcept {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

DhcpService::DhcpService(std::shared_ptr<const dhcp::Plan> plan, DhcpCounters& counters,
                         EventOutput& events)
    : plan_(plan),
      responder_(std::move(plan)),
      counters_(counters),
      events_(events),
      receiver_(receive_slot),
      replies_(std::make_unique_for_overwrite<std::byte[]>(batch_size * reply_slot)),
      frames_(std::make_unique_for_overwrite<std::byte[]>(batch_size * frame_slot)) {}

DhcpService::Link& DhcpService::link_at(net::Ipv4Address address) {
  const auto found = std::ranges::find(links_, address, &Link::address);
  if (found != links_.end()) return *found;
  Link& link = links_.emplace_back();
  link.address = address;
  link.network = plan_->network_at(address);
  return link;
}

void DhcpService::open(binder::Opened&& opened) {
  Link& link = link_at(opened.address);
  link.facts = std::move(opened.link);
  link.name = std::string_view(link.facts.name);
  switch (opened.role) {
    case binder::Role::dhcp_broadcast:
      link.port = local_port(opened.socket);
      link.broadcast = std::move(opened.socket);
      link.broadcast_drops = 0;
      break;
    case binder::Role::dhcp_unicast:
      link.unicast = std::move(opened.socket);
      link.unicast_drops = 0;
      break;
    case binder::Role::link: link.frames = std::move(opened.socket); break;
    default: break;
  }
}

void DhcpService::follow(const binder::Status& status) {
  const auto found = std::ranges::find(links_, status.address, &Link::address);
  if (found == links_.end() || found->facts.index != status.link.index) return;
  found->facts = status.link;
  found->name = std::string_view(found->facts.name);
}

void DhcpService::close(const binder::Closed& closed) {
  const auto found = std::ranges::find(links_, closed.address, &Link::address);
  if (found == links_.end()) return;
  switch (closed.role) {
    case binder::Role::dhcp_broadcast: found->broadcast = {}; break;
    case binder::Role::dhcp_unicast: found->unicast = {}; break;
    case binder::Role::link: found->frames = {}; break;
    default: break;
  }
  if (!found->broadcast.is_open() && !found->unicast.is_open() && !found->frames.is_open())
    links_.erase(found);
}

void DhcpService::append_descriptors(std::vector<int>& descriptors) const {
  for (const Link& link : links_) {
    for (const auto* socket : {&link.broadcast, &link.unicast, &link.frames}) {
      if (socket->is_open()) descriptors.push_back(socket->number());
    }
  }
}

bool DhcpService::on_readable(int descriptor, TimePoint now) noexcept {
  for (Link& link : links_) {
    if (descriptor == link.broadcast.number()) {
      read(link, descriptor, link.broadcast_drops, now);
      return true;
    }
    if (descriptor == link.unicast.number()) {
      read(link, descriptor, link.unicast_drops, now);
      return true;
    }
    if (descriptor == link.frames.number()) {
      read_arp(link, now);
      return true;
    }
  }
  return false;
}

void DhcpService::read(Link& link, int socket, std::uint32_t& kernel_drops,
                       TimePoint now) noexcept {
  int error = 0;
  const auto datagrams = receiver_.receive(socket, error);
  if (error != 0) {
    counters_.receive_failures.add();
    events_.push_failure(/*sending=*/false, link.address, error, 1, now);
  }
  if (datagrams.size() > 1) {
    for (const Datagram& datagram : datagrams) {
      responder_.prefetch(datagram.payload, ingress_of(link, datagram));
    }
  }
  for (std::size_t slot = 0; slot < datagrams.size(); ++slot) {
    answer(link, datagrams[slot], slot, now);
    counters_.kernel_drops.add_growth(kernel_drops, datagrams[slot].kernel_drops);
  }
  flush(link);
  report_notices(now);
}

// Linux delivers what is addressed to us whichever interface it came in by; only what came by the
// link itself is the link's.
dhcp::Ingress DhcpService::ingress_of(const Link& link, const Datagram& datagram) noexcept {
  const bool on_link = datagram.interface == link.facts.index;
  return {.network = on_link ? link.network : dhcp::no_index,
          .source = datagram.source,
          .destination = datagram.destination};
}

void DhcpService::answer(Link& link, const Datagram& datagram, std::size_t slot,
                         TimePoint now) noexcept {
  counters_.received.add();
  if (datagram.truncated) {
    counters_.oversized.add();
    report_malformed(link, datagram, std::nullopt);
    return;
  }
  const dhcp::Request request(datagram.payload, split_options_);
  if (const auto error = request.error()) {
    counters_.malformed[static_cast<std::size_t>(*error)].add();
    report_malformed(link, datagram, error);
    return;
  }
  counters_.requests[counter_index(request.message().type())].add();

  const wire::MutableBytes out(&replies_[slot * reply_slot], reply_slot);
  const dhcp::Outcome outcome = responder_.handle(request, ingress_of(link, datagram), now, out);
  if (const auto* reply = std::get_if<dhcp::Reply>(&outcome)) {
    counters_.replies[counter_index(reply->type)].add();
    send(link, *reply, slot);
    report_reply(link, request.message(), *reply);
  } else if (const auto* drop = std::get_if<dhcp::Drop>(&outcome)) {
    counters_.drops[static_cast<std::size_t>(*drop)].add();
    report_drop(link, request.message(), *drop);
  } else {
    counters_.deferred.add();
    probe(link, std::get<dhcp::Deferred>(outcome).probe);
  }
}

void DhcpService::send(Link& link, const dhcp::Reply& reply, std::size_t slot) noexcept {
  using Via = dhcp::Destination::Via;
  const dhcp::Destination& destination = reply.destination;
  if (destination.via == Via::relay || destination.via == Via::unicast) {
    if (link.unicast.is_open()) {
      unicast_sender_.add(reply.payload, destination.endpoint);
    } else {  // somebody else holds that socket's address: the same datagram by the other
      broadcast_sender_.add(reply.payload, destination.endpoint, {link.facts.index, link.address});
    }
    return;
  }
  if (destination.via == Via::link && link.frames.is_open()) {
    const net::UdpFrame frame{
        .source_mac = link.facts.mac,
        .destination_mac = destination.mac,
        .source = {link.address, link.port},
        .destination = destination.endpoint,
        .payload = reply.payload,
    };
    const wire::MutableBytes out(&frames_[slot * frame_slot], frame_slot);
    if (const auto octets = net::build_udp_frame(frame, out)) {
      frame_sender_.add_frame(*octets);
      return;
    }
  }
  // RFC 2131 4.1 allows broadcast where unicast to the hardware address is not possible.
  broadcast_sender_.add(reply.payload, {net::Ipv4Address::broadcast(), destination.endpoint.port},
                        {link.facts.index, link.address});
}

void DhcpService::probe(Link& link, net::Ipv4Address address) noexcept {
  if (!link.frames.is_open()) return;
  std::array<std::byte, net::arp_frame_size> buffer;
  // RFC 5227 1.1: a probe, whose zero sender address nobody takes for a claim.
  const net::ArpPacket request{.sender_mac = link.facts.mac, .target_ip = address};
  if (const auto frame = net::build_arp_frame(request, buffer)) {
    frame_sender_.add_frame(*frame);
    flush(link, frame_sender_, link.frames);
  }
}

void DhcpService::read_arp(Link& link, TimePoint now) noexcept {
  int error = 0;
  for (const Datagram& datagram : receiver_.receive(link.frames.number(), error)) {
    const auto arp = net::parse_arp_frame(datagram.payload);
    if (arp) responder_.on_probe(link.network, arp->sender_ip, arp->sender_mac, now);
  }
  if (error != 0) {
    counters_.receive_failures.add();
    events_.push_failure(/*sending=*/false, link.address, error, 1, now);
  }
  report_notices(now);
}

void DhcpService::flush(Link& link) noexcept {
  flush(link, unicast_sender_, link.unicast);
  flush(link, broadcast_sender_, link.broadcast);
  flush(link, frame_sender_, link.frames);
}

void DhcpService::flush(Link& link, Sender& sender, const binder::FileDescriptor& socket) noexcept {
  if (sender.empty()) return;
  int error = 0;
  const std::size_t refused = sender.flush(socket.number(), error);
  if (refused == 0) return;
  counters_.send_failures.add(refused);
  events_.push_failure(/*sending=*/true, link.address, error, refused, now());
}

void DhcpService::on_timer(TimePoint now) noexcept {
  responder_.on_timer(now);
  report_notices(now);
}

std::shared_ptr<const dhcp::Plan> DhcpService::replace_plan(
    std::shared_ptr<const dhcp::Plan> plan) {
  responder_.on_timer(TimePoint::max());
  report_notices(now());
  plan_ = plan;
  auto previous = responder_.replace_plan(std::move(plan));
  for (Link& link : links_) link.network = plan_->network_at(link.address);
  return previous;
}

void DhcpService::report_notices(TimePoint now) noexcept {
  while (const auto notice = responder_.next_notice()) {
    const auto link = std::ranges::find(links_, notice->network, &Link::network);
    events_.push_notice(
        {
            .interface = link != links_.end() ? link->name : InterfaceName{},
            .host = plan_->host_name(notice->network, notice->host),
            .notice = *notice,
        },
        now);
  }
}

void DhcpService::report_reply(const Link& link, const dhcp::MessageView& request,
                               const dhcp::Reply& reply) noexcept {
  if (!events_.each_datagram()) return;
  events_.push(DhcpReplied{
      .interface = link.name,
      .host = plan_->host_name(reply.network, reply.host),
      .type = reply.type,
      .xid = request.xid(),
      .mac = shown_mac(request),
      .address = reply.address,
      .via = reply.destination.via,
  });
}

void DhcpService::report_drop(const Link& link, const dhcp::MessageView& request,
                              dhcp::Drop reason) noexcept {
  if (!events_.each_datagram()) return;
  events_.push(DhcpDropped{
      .interface = link.name,
      .type = request.type(),
      .xid = request.xid(),
      .mac = shown_mac(request),
      .reason = reason,
  });
}

void DhcpService::report_malformed(const Link& link, const Datagram& datagram,
                                   std::optional<dhcp::ParseError> error) noexcept {
  if (!events_.each_datagram()) return;
  events_.push(DhcpMalformed{.interface = link.name, .source = datagram.source, .error = error});
}

}  // namespace berth::io
