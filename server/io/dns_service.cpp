#include "server/io/dns_service.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/io/dns_report.hpp"
#include "server/io/plain_listeners.hpp"

namespace berth::io {
namespace {

constexpr std::size_t reply_slot = dns::max_udp_size;

}  // namespace

DnsService::DnsService(std::shared_ptr<const dns::Zones> zones,
                       std::shared_ptr<const Upstreams> upstreams, DnsCounters& counters,
                       EventOutput& events)
    : links_(zones),
      responder_(std::move(zones), upstreams->forwarding),
      counters_(counters),
      events_(events),
      receiver_(receive_slot),
      replies_(std::make_unique_for_overwrite<std::byte[]>(batch_size * reply_slot)),
      waiting_(dns::ForwardingOptions().pending + 1),
      upstreams_(
          std::move(upstreams), counters.forward,
          [this](const dns::Answer& answer) { deliver(answer); },
          [this](std::string_view server, bool answers) {
            events_.push(UpstreamChanged{server, answers});
          }) {}

void DnsService::open(binder::Opened&& opened) {
  if (opened.role == binder::Role::dns_udp) links_.add(opened.address, opened.link.index);
  listeners_.push_back({.address = opened.address,
                        .role = opened.role,
                        .id = ++last_listener_,
                        .socket = std::move(opened.socket)});
}

void DnsService::close(const binder::Closed& closed) {
  if (closed.role == binder::Role::dns_udp) links_.remove(closed.address);
  std::erase_if(listeners_, [&](const Listener& listener) {
    return !listener.plain && listener.address == closed.address && listener.role == closed.role;
  });
}

void DnsService::open_plain(const net::SocketAddress& address, binder::FileDescriptor socket) {
  listeners_.push_back({.plain = address, .id = ++last_listener_, .socket = std::move(socket)});
}

void DnsService::close_plain(const net::SocketAddress& address) {
  std::erase_if(listeners_, [&](const Listener& listener) { return listener.plain == address; });
}

void DnsService::append_descriptors(Descriptors& descriptors) const {
  for (const Listener& listener : listeners_) {
    if (listener.socket.is_open()) descriptors.arriving.push_back(listener.socket.number());
  }
  if (forwards_) descriptors.readable.push_back(upstreams_.descriptor());
}

bool DnsService::has_new_descriptors() noexcept {
  return std::exchange(has_new_descriptors_, false);
}

Reading DnsService::on_readable(int descriptor, TimePoint now) noexcept {
  for (Listener& listener : listeners_) {
    if (descriptor == listener.socket.number()) return read(listener, now);
  }
  if (descriptor != upstreams_.descriptor()) return Reading::not_ours;
  upstreams_.on_readable(now);
  upstreams_.publish_counts();
  return Reading::done;
}

Reading DnsService::read(Listener& listener, TimePoint now) noexcept {
  int error = 0;
  const auto datagrams = receiver_.receive(listener.socket.number(), error);
  if (error != 0) {
    counters_.receive_failures.add();
    events_.push_failure(/*sending=*/false, listener.address, error, 1, now);
  }
  const bool is_empty = error == 0 && datagrams.size() < batch_size;
  if (datagrams.size() > 1 && responder_.looks_ahead()) look_ahead(datagrams);
  for (std::size_t slot = 0; slot < datagrams.size(); ++slot) {
    answer(listener, datagrams[slot], slot, now);
    counters_.kernel_drops.add_growth(listener.kernel_drops, datagrams[slot].kernel_drops);
  }
  if (forwards_) upstreams_.publish_counts();
  if (!sender_.empty()) {
    if (const std::size_t refused = sender_.flush(listener.socket.number(), error); refused != 0) {
      counters_.send_failures.add(refused);
      events_.push_failure(/*sending=*/true, listener.address, error, refused, now);
    }
  }
  return is_empty ? Reading::done : Reading::may_have_more;
}

void DnsService::look_ahead(std::span<const Datagram> datagrams) const noexcept {
  std::array<std::uint64_t, batch_size> names;
  for (std::size_t i = 0; i < datagrams.size(); ++i)
    names[i] = dns::Responder::is_about(datagrams[i].payload);
  for (std::size_t i = 0; i < datagrams.size(); ++i) responder_.prefetch(names[i]);
}

dns::Client DnsService::client_of(const Listener& listener,
                                  const Datagram& datagram) const noexcept {
  if (listener.plain) {
    const auto ipv6 = ipv6_source(datagram);
    return {.source = datagram.source,
            .network = ipv6 ? dns::no_network : links_.network_of(datagram.source.address),
            .is_host = is_own(*listener.plain, datagram.source.address, ipv6) ||
                       (!ipv6 && links_.is_host(datagram.source.address)),
            .ipv6 = ipv6};
  }
  if (listener.role == binder::Role::dns_udp_ipv6)
    return {.source = datagram.source,
            .network = links_.network_at(listener.address),
            .ipv6 = ipv6_source(datagram)};
  return {.source = datagram.source,
          .network = links_.network_on(datagram.interface, datagram.source.address),
          .is_host = links_.is_host(datagram.source.address)};
}

void DnsService::answer(const Listener& listener, const Datagram& datagram, std::size_t slot,
                        TimePoint now) noexcept {
  counters_.received.add();
  if (datagram.truncated) {
    counters_.oversized.add();
    if (events_.each_datagram()) events_.push(DnsOversized{datagram.source, ipv6_source(datagram)});
    return;
  }
  const dns::Client client = client_of(listener, datagram);
  const wire::MutableBytes out(&replies_[slot * reply_slot], reply_slot);
  dns::Outcome outcome = responder_.handle(datagram.payload, client, out);
  if (const auto* const question = std::get_if<dns::Forward>(&outcome)) {
    const auto known = forward(*question, listener, datagram, client, now, out);
    if (!known) return;
    outcome = *known;
  }
  count(counters_, outcome);
  if (const auto* reply = std::get_if<dns::Reply>(&outcome)) {
    sender_.reply(reply->payload, datagram);
  }
  if (events_.each_datagram()) events_.push(describe(outcome, client));
}

std::optional<dns::Reply> DnsService::forward(const dns::Forward& question,
                                              const Listener& listener, const Datagram& datagram,
                                              dns::Client client, TimePoint now,
                                              wire::MutableBytes out) noexcept {
  has_new_descriptors_ = has_new_descriptors_ || !forwards_;
  forwards_ = true;
  client.is_upstream = upstreams_.upstreams()->are_at(client.source.address);
  WaitingClients::Client waiting{.listener = listener.id, .client = client, .qname = {}};
  if (events_.each_datagram()) waiting.qname = question.question.qname.to_name();
  const dns::WaiterId waiter = waiting_.add(waiting, *datagram.peer);
  counters_.waiting.add();
  auto known = upstreams_.ask(question, client, waiter, now, out);
  if (!known) return std::nullopt;
  waiting_.remove(waiter);
  counters_.waiting.set(waiting_.size());
  known->qname = question.question.qname;
  return known;
}

// One system call for each: they come one by one. All is counted before the client can know.
void DnsService::deliver(const dns::Answer& answer) noexcept {
  const WaitingClients::Client& client = waiting_[answer.waiter];
  const auto listener = std::ranges::find(listeners_, client.listener, &Listener::id);
  const bool has_listener = listener != listeners_.end();
  if (has_listener)
    late_sender_.reply(answer.reply.payload, {.peer = waiting_.peer(answer.waiter)});
  if (events_.each_datagram())
    events_.push(describe(answer.reply, client.qname.value_or(dns::Name()), client.client));
  waiting_.remove(answer.waiter);
  counters_.waiting.set(waiting_.size());
  count(counters_, answer.reply);
  int error = 0;
  if (!has_listener) {
    counters_.undelivered.add();
  } else if (late_sender_.flush(listener->socket.number(), error) != 0) {
    counters_.send_failures.add();
  }
}

void DnsService::on_timer(TimePoint now) noexcept {
  upstreams_.on_timer(now);
  upstreams_.publish_counts();
}

void DnsService::replace_upstreams(std::shared_ptr<const Upstreams> upstreams,
                                   TimePoint now) noexcept {
  responder_.replace_forwarding(upstreams->forwarding);
  upstreams_.replace_upstreams(std::move(upstreams), now);
}

std::shared_ptr<const dns::Zones> DnsService::replace_zones(
    std::shared_ptr<const dns::Zones> zones) noexcept {
  links_.replace_zones(zones);
  return responder_.replace_zones(std::move(zones));
}

}  // namespace berth::io
