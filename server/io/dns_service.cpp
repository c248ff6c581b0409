#include "server/io/dns_service.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/io/dns_report.hpp"

namespace berth::io {
namespace {

// The largest query read whole; a larger one is dropped, since what was cut cannot be told from
// what is malformed. Ours are a few dozen octets; a client that adds EDNS options or a long name
// stays far below what it could send by TCP.
constexpr std::size_t receive_slot = 2048;
constexpr std::size_t reply_slot = dns::max_udp_size;

}  // namespace

DnsService::DnsService(std::shared_ptr<const dns::Zones> zones, DnsCounters& counters,
                       EventOutput& events)
    : links_(zones),
      responder_(std::move(zones)),
      counters_(counters),
      events_(events),
      receiver_(receive_slot),
      replies_(std::make_unique_for_overwrite<std::byte[]>(batch_size * reply_slot)) {}

void DnsService::open(binder::Opened&& opened) {
  links_.add(opened.address, opened.link.index);
  listeners_.push_back({.address = opened.address, .socket = std::move(opened.socket)});
}

void DnsService::close(const binder::Closed& closed) {
  links_.remove(closed.address);
  std::erase_if(listeners_,
                [&](const Listener& listener) { return listener.address == closed.address; });
}

void DnsService::append_descriptors(std::vector<int>& descriptors) const {
  for (const Listener& listener : listeners_) {
    if (listener.socket.is_open()) descriptors.push_back(listener.socket.number());
  }
}

bool DnsService::on_readable(int descriptor, TimePoint now) noexcept {
  for (Listener& listener : listeners_) {
    if (descriptor != listener.socket.number()) continue;
    read(listener, now);
    return true;
  }
  return false;
}

void DnsService::read(Listener& listener, TimePoint now) noexcept {
  int error = 0;
  const auto datagrams = receiver_.receive(listener.socket.number(), error);
  if (error != 0) {
    counters_.receive_failures.add();
    events_.push_failure(/*sending=*/false, listener.address, error, 1, now);
  }
  if (datagrams.size() > 1) look_ahead(datagrams);
  for (std::size_t slot = 0; slot < datagrams.size(); ++slot) {
    answer(datagrams[slot], slot);
    counters_.kernel_drops.add_growth(listener.kernel_drops, datagrams[slot].kernel_drops);
  }
  if (sender_.empty()) return;
  if (const std::size_t refused = sender_.flush(listener.socket.number(), error); refused != 0) {
    counters_.send_failures.add(refused);
    events_.push_failure(/*sending=*/true, listener.address, error, refused, now);
  }
}

void DnsService::look_ahead(std::span<const Datagram> datagrams) const noexcept {
  std::array<std::uint64_t, batch_size> names;
  for (std::size_t i = 0; i < datagrams.size(); ++i)
    names[i] = dns::Responder::is_about(datagrams[i].payload);
  for (std::size_t i = 0; i < datagrams.size(); ++i) responder_.prefetch(names[i]);
}

void DnsService::answer(const Datagram& datagram, std::size_t slot) noexcept {
  counters_.received.add();
  if (datagram.truncated) {
    counters_.oversized.add();
    if (events_.each_datagram()) events_.push(DnsOversized{.source = datagram.source});
    return;
  }
  const dns::Client client{
      .source = datagram.source,
      .transport = dns::Transport::udp,
      .network = links_.network_on(datagram.interface, datagram.source.address),
      .is_host = links_.is_host(datagram.source.address),
  };
  const wire::MutableBytes out(&replies_[slot * reply_slot], reply_slot);
  const dns::Outcome outcome = responder_.handle(datagram.payload, client, out);
  count(counters_, outcome);
  if (const auto* reply = std::get_if<dns::Reply>(&outcome)) {
    sender_.add(reply->payload, datagram.source);
  }
  if (events_.each_datagram()) events_.push(describe(outcome, client));
}

std::shared_ptr<const dns::Zones> DnsService::replace_zones(
    std::shared_ptr<const dns::Zones> zones) noexcept {
  links_.replace_zones(zones);
  return responder_.replace_zones(std::move(zones));
}

}  // namespace berth::io
