#include "server/io/upstream_service.hpp"

#include <array>
#include <utility>
#include <variant>

#include "server/io/host.hpp"

namespace berth::io {
namespace {

dns::RandomNumbers random_numbers() { return dns::RandomNumbers(fill_with_random_octets); }

}  // namespace

UpstreamService::UpstreamService(std::shared_ptr<const Upstreams> upstreams,
                                 ForwardCounters& counters, Deliver deliver, Notify notify)
    : upstreams_(std::move(upstreams)),
      counters_(counters),
      deliver_(std::move(deliver)),
      notify_(std::move(notify)),
      forwarder_(upstreams_->forwarding, random_numbers()),
      sockets_(readiness_, random_numbers()),
      streams_(readiness_, UpstreamSockets::tag_count),
      answers_(dns::max_upstreams, true) {}

UpstreamService::~UpstreamService() = default;

std::optional<dns::Reply> UpstreamService::ask(const dns::Forward& question,
                                               const dns::Client& client, dns::WaiterId waiter,
                                               TimePoint now, wire::MutableBytes out) noexcept {
  const auto reply = forwarder_.ask(question, client, waiter, now, out);
  act(now);
  return reply;
}

void UpstreamService::on_readable(TimePoint now) noexcept {
  std::array<std::uint32_t, sockets_per_turn> room;
  for (const std::uint32_t tag : readiness_.collect(room)) {
    if (tag < UpstreamSockets::tag_count)
      on_datagrams(UpstreamSockets::place_of(tag), now);
    else
      on_stream(tag, now);
  }
  notice_changes();
}

void UpstreamService::on_datagrams(UpstreamSockets::Place place, TimePoint now) noexcept {
  for (std::size_t i = 0; i < datagrams_per_socket; ++i) {
    const auto received = sockets_.receive(place);
    if (!received) return;
    if (received->unreachable)
      forwarder_.on_unreachable(place.server, now);
    else
      forwarder_.on_datagram(place.server, place.slot, received->octets, now);
    act(now);
  }
}

void UpstreamService::on_stream(std::uint32_t tag, TimePoint now) noexcept {
  const auto ended = streams_.on_ready(tag);
  if (!ended) return;
  if (ended->message)
    forwarder_.on_stream_message(ended->id, *ended->message, now);
  else
    forwarder_.on_stream_failed(ended->id, now);
  act(now);
}

void UpstreamService::on_timer(TimePoint now) noexcept {
  forwarder_.on_timer(now);
  act(now);
  notice_changes();
}

void UpstreamService::act(TimePoint now) noexcept {
  while (const auto action = forwarder_.next_action())
    std::visit([&](const auto& one) { take(one, now); }, *action);
}

void UpstreamService::take(const dns::SendDatagram& action, TimePoint now) noexcept {
  const net::SocketAddress* const to = server(action.server);
  if (to == nullptr || !sockets_.send({action.server, action.slot}, *to, action.octets))
    forwarder_.on_unreachable(action.server, now);
}

void UpstreamService::take(const dns::SendStream& action, TimePoint now) noexcept {
  const net::SocketAddress* const to = server(action.server);
  if (to == nullptr || !streams_.start(action.stream, *to, action.octets))
    forwarder_.on_stream_failed(action.stream, now);
}

const net::SocketAddress* UpstreamService::server(dns::UpstreamIndex index) const noexcept {
  const auto& servers = upstreams_->servers;
  return index < servers.size() && servers[index] ? &*servers[index] : nullptr;
}

// The counts say whether it is worth looking at every server.
void UpstreamService::notice_changes() noexcept {
  const dns::ForwardCounts& counts = forwarder_.counts();
  const std::uint64_t changes =
      counts[dns::ForwardEvent::server_lost] + counts[dns::ForwardEvent::server_back];
  if (changes == changes_) return;
  changes_ = changes;
  for (std::size_t index = 0; index < upstreams_->servers.size(); ++index) {
    if (!upstreams_->servers[index]) continue;
    const auto server = static_cast<dns::UpstreamIndex>(index);
    const bool answers = forwarder_.server_state(server).answers;
    if (answers == answers_[index]) continue;
    answers_[index] = answers;
    notify_(upstreams_->names[index], answers);
  }
}

void UpstreamService::publish_counts() noexcept {
  for (std::size_t i = 0; i < dns::forward_event_count; ++i)
    counters_.events[i].set(forwarder_.counts()[static_cast<dns::ForwardEvent>(i)]);
  counters_.pending.set(forwarder_.pending_count());
  counters_.cached.set(forwarder_.cache_size());
  counters_.cached_octets.set(forwarder_.cache_octets());
}

std::shared_ptr<const Upstreams> UpstreamService::replace_upstreams(
    std::shared_ptr<const Upstreams> upstreams, TimePoint now) noexcept {
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    const auto& servers = upstreams->servers;
    const auto& before = upstreams_->servers;
    const bool is_same = i < servers.size() && i < before.size() && servers[i] == before[i];
    if (!is_same) answers_[i] = true;
  }
  upstreams_.swap(upstreams);
  forwarder_.replace_forwarding(upstreams_->forwarding, now);
  act(now);
  return upstreams;
}

}  // namespace berth::io
