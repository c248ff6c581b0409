#include "server/io/dhcp_service.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/io/host.hpp"
#include "server/io/socket_intake.hpp"

namespace berth::io {
namespace {

// The largest reply: what one Ethernet frame of 1,500 octets carries in UDP.
constexpr std::size_t reply_slot = 1472;

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
  const auto known = std::ranges::find(server_ids_, address, &ServerId::address);
  if (known != server_ids_.end()) link.server_id = known->id;
  return link;
}

binder::FileDescriptor* DhcpService::Link::socket(binder::Role role) noexcept {
  switch (role) {
    case binder::Role::dhcp_broadcast: return &broadcast;
    case binder::Role::dhcp_tap: return &tap;
    case binder::Role::dhcp_unicast: return &unicast;
    case binder::Role::dhcp_guard: return &guard;
    case binder::Role::link: return &frames;
    default: return nullptr;
  }
}

bool DhcpService::Link::has_socket() const noexcept {
  return broadcast.is_open() || tap.is_open() || unicast.is_open() || guard.is_open() ||
         frames.is_open();
}

void DhcpService::open(binder::Opened&& opened) {
  Link& link = link_at(opened.address);
  link.facts = std::move(opened.link);
  link.name = std::string_view(link.facts.name);
  binder::FileDescriptor* const socket = link.socket(opened.role);
  if (socket == nullptr) return;
  *socket = std::move(opened.socket);
  link.port = opened.port;
  switch (opened.role) {
    case binder::Role::dhcp_broadcast: link.broadcast_intake = {}; break;
    case binder::Role::dhcp_unicast: link.unicast_intake = {}; break;
    case binder::Role::dhcp_tap:
      link.tap_drops = 0;
      link.tap_memory = std::make_unique<TapMemory>();
      link.foreign_servers.clear();
      break;
    case binder::Role::link: link.foreign_servers.clear(); break;
    default: break;
  }
}

void DhcpService::follow(const binder::Status& status) {
  const auto known = std::ranges::find(server_ids_, status.address, &ServerId::address);
  if (known != server_ids_.end())
    known->id = status.server_id;
  else
    server_ids_.push_back({status.address, status.server_id});

  const auto found = std::ranges::find(links_, status.address, &Link::address);
  if (found == links_.end()) return;
  found->server_id = status.server_id;
  if (found->facts.index != status.link.index) return;
  found->facts = status.link;
  found->name = std::string_view(found->facts.name);
}

void DhcpService::close(const binder::Closed& closed) {
  const auto found = std::ranges::find(links_, closed.address, &Link::address);
  if (found == links_.end()) return;
  if (binder::FileDescriptor* const socket = found->socket(closed.role)) *socket = {};
  if (closed.role == binder::Role::dhcp_tap) found->tap_memory.reset();
  if (!found->has_socket()) links_.erase(found);
}

void DhcpService::append_descriptors(Descriptors& descriptors) const {
  for (const Link& link : links_) {
    for (const auto* socket : {&link.broadcast, &link.unicast})
      if (socket->is_open()) descriptors.arriving.push_back(socket->number());
    for (const auto* socket : {&link.tap, &link.frames, &link.guard})
      if (socket->is_open()) descriptors.readable.push_back(socket->number());
  }
}

Reading DhcpService::on_readable(int descriptor, TimePoint now) noexcept {
  for (Link& link : links_) {
    if (descriptor == link.broadcast.number())
      return read(link, descriptor, link.broadcast_intake, now);
    if (descriptor == link.unicast.number()) {
      // Its copy comes first where there is one: what a tap answers needs neither route nor ARP.
      if (link.tap.is_open()) read_tap(link, now);
      return read(link, descriptor, link.unicast_intake, now);
    }
    if (descriptor == link.tap.number()) {
      read_tap(link, now);
      return Reading::done;
    }
    if (descriptor == link.frames.number()) {
      read_link(link, now);
      return Reading::done;
    }
    if (descriptor == link.guard.number()) {
      discard(descriptor);
      return Reading::done;
    }
  }
  return Reading::not_ours;
}

Reading DhcpService::read(Link& link, int socket, Intake& intake, TimePoint now) noexcept {
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
  std::size_t discovers = 0;
  for (std::size_t slot = 0; slot < datagrams.size(); ++slot) {
    counters_.kernel_drops.add_growth(intake.kernel_drops, datagrams[slot].kernel_drops);
    if (FirstOption::is_discover(datagrams[slot].payload)) ++discovers;
    if (link.tap_memory && datagrams[slot].interface == link.facts.index &&
        link.tap_memory->copies.is_second(datagrams[slot].payload, /*by_tap=*/false)) {
      counters_.second_copies.add();
      continue;
    }
    answer(link, datagrams[slot], {}, slot, now);
  }
  flush(link);
  report_notices(now);
  const bool is_behind = datagrams.size() == batch_size;
  if (intake.admission.on_read({datagrams.size(), discovers, is_behind}, now))
    admit(link, socket, intake.admission, now);
  return is_behind || error != 0 ? Reading::may_have_more : Reading::done;
}

// A DISCOVER that is answered late has cost as much, and its client asks again: of more than we can
// do we begin less.
void DhcpService::admit(const Link& link, int socket, Admission& admission,
                        TimePoint now) noexcept {
  const Share before = admission.share();
  const Share share = admission.observe(buffer_fill(socket), now);
  if (share == before) return;
  if (!admit_discovers(socket, share)) {
    admission = {};
    return;
  }
  if (before != whole) return;
  counters_.overloads.add();
  events_.push_overload(link.address, now);
}

// Linux delivers what is addressed to us whichever interface it came in by; only what came by the
// link itself is the link's.
dhcp::Ingress DhcpService::ingress_of(const Link& link, const Datagram& datagram) noexcept {
  const bool on_link = datagram.interface == link.facts.index;
  return {.network = on_link ? link.network : dhcp::no_index,
          .source = datagram.source,
          .destination = datagram.destination,
          .server_id = link.server_id};
}

void DhcpService::answer(Link& link, const Datagram& datagram, const Arrival& arrival,
                         std::size_t slot, TimePoint now) noexcept {
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
    send(link, *reply, arrival, slot);
    report_reply(link, request.message(), *reply);
  } else if (const auto* drop = std::get_if<dhcp::Drop>(&outcome)) {
    counters_.drops[static_cast<std::size_t>(*drop)].add();
    report_drop(link, request.message(), *drop);
  } else {
    counters_.deferred.add();
    probe(link, std::get<dhcp::Deferred>(outcome).probe);
  }
}

void DhcpService::send(Link& link, const dhcp::Reply& reply, const Arrival& arrival,
                       std::size_t slot) noexcept {
  using Via = dhcp::Destination::Via;
  const dhcp::Destination& destination = reply.destination;
  if (link.tap_memory) link.tap_memory->sent.add(reply.payload);  // whatever way they go
  if (arrival.by_tap) {
    send_by_tap(link, reply, arrival.sender, slot);
    return;
  }
  if (destination.via == Via::relay || destination.via == Via::unicast) {
    if (link.unicast.is_open()) {
      unicast_sender_.add(reply.payload, destination.endpoint);
    } else {  // somebody else holds that socket's address: the same datagram by the other
      broadcast_sender_.add(reply.payload, destination.endpoint, {link.facts.index, link.address});
    }
    return;
  }
  if (destination.via == Via::link && link.frames.is_open() &&
      add_frame(link, destination.mac, destination.endpoint, reply.payload, slot))
    return;
  // RFC 2131 4.1 allows broadcast where unicast to the hardware address is not possible.
  if (!link.broadcast.is_open() && link.frames.is_open() &&
      add_frame(link, net::MacAddress::broadcast(),
                {net::Ipv4Address::broadcast(), destination.endpoint.port}, reply.payload, slot))
    return;
  broadcast_sender_.add(reply.payload, {net::Ipv4Address::broadcast(), destination.endpoint.port},
                        {link.facts.index, link.address});
}

void DhcpService::flush(Link& link) noexcept {
  flush(link, unicast_sender_, binder::Role::dhcp_unicast);
  flush(link, broadcast_sender_, binder::Role::dhcp_broadcast);
  flush(link, frame_sender_, binder::Role::link);
}

void DhcpService::flush(Link& link, Sender& sender, binder::Role role) noexcept {
  if (sender.empty()) return;
  int error = 0;
  const std::size_t refused = sender.flush(link.socket(role)->number(), error);
  if (refused == 0) return;
  counters_.send_failures.add(refused);
  events_.push_failure(/*sending=*/true, link.address, error, refused, now());
  if (role == binder::Role::link && means_lost(error) && lost_.size() < lost_.capacity())
    lost_.push_back({link.address, role});
}

void DhcpService::on_timer(TimePoint now) noexcept {
  responder_.on_timer(now);
  report_notices(now);
  for (Link& link : links_) {
    const auto look = [&](const binder::FileDescriptor& socket, Admission& admission) {
      if (const auto due = admission.next_deadline(); due && *due <= now)
        admit(link, socket.number(), admission, now);
    };
    look(link.broadcast, link.broadcast_intake.admission);
    look(link.unicast, link.unicast_intake.admission);
  }
}

std::optional<TimePoint> DhcpService::next_deadline() const noexcept {
  std::optional<TimePoint> next = responder_.next_deadline();
  for (const Link& link : links_)
    for (const Intake* intake : {&link.broadcast_intake, &link.unicast_intake})
      if (const auto due = intake->admission.next_deadline(); due && (!next || *due < *next))
        next = due;
  return next;
}

std::shared_ptr<const dhcp::Plan> DhcpService::replace_plan(
    std::shared_ptr<const dhcp::Plan> plan) {
  responder_.on_timer(TimePoint::max());
  report_notices(now());
  plan_ = plan;
  auto previous = responder_.replace_plan(std::move(plan));
  for (Link& link : links_) link.network = plan_->network_at(link.address);
  std::erase_if(server_ids_, [this](const ServerId& one) {
    return plan_->network_at(one.address) == dhcp::no_index;
  });
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
