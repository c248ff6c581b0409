#include "server/io/datagram_thread.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "server/io/host.hpp"
#include "server/signals.hpp"

namespace berth::io {
namespace {

std::unique_ptr<binder::Binder> open_binder(binder::Sink sink) {
  auto binder = binder::Binder::open(std::move(sink), now());
  if (!binder) throw std::system_error(binder.error(), "cannot follow the machine's links");
  return std::move(*binder);
}

std::vector<std::unique_ptr<DnsWorker>> start(std::span<DnsOutput> outputs,
                                              const Snapshot& snapshot) {
  std::vector<std::unique_ptr<DnsWorker>> workers;
  for (DnsOutput& output : outputs)
    workers.push_back(std::make_unique<DnsWorker>(snapshot.zones, snapshot.upstreams, output));
  return workers;
}

// Rounded up by the clock's own millisecond.
int milliseconds_until(TimePoint deadline) noexcept {
  const auto left = std::max((deadline - now()).count(), TimePoint::rep{0});
  return static_cast<int>(std::min(left, TimePoint::rep{60'000}));
}

}  // namespace

DatagramThread::DatagramThread(Snapshot snapshot, DhcpCounters& dhcp_counters,
                               DnsCounters& dns_counters, EventOutput& events,
                               std::span<DnsOutput> workers, std::function<void(Report)> report)
    : report_(std::move(report)),
      events_(events),
      snapshot_(std::move(snapshot)),
      dhcp_(snapshot_.plan, dhcp_counters, events),
      dns_(snapshot_.zones, snapshot_.upstreams, dns_counters, events),
      workers_(start(workers, snapshot_)),
      binder_(open_binder([this](binder::Event&& event) { take(std::move(event)); })),
      thread_([this] { run(); }) {}

DatagramThread::~DatagramThread() {
  send(Stop{});
  thread_.join();
}

void DatagramThread::send(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  wakeup_.signal();
}

void DatagramThread::run() {
  block_signals();
  binder_->want(snapshot_.endpoints, now());
  while (!stopping_) {
    if (sockets_changed_) collect_descriptors();
    const TimePoint next = next_deadline();
    const auto ready = poller_.wait(milliseconds_until(next));
    const TimePoint time = now();
    for (const int descriptor : ready)
      if (dispatch(descriptor, time)) break;
    if (next <= time) on_timers(time);
  }
}

void DatagramThread::on_timers(TimePoint time) {
  if (events_.next_deadline() && *events_.next_deadline() <= time) events_.on_timer(time);
  if (dhcp_.next_deadline() && *dhcp_.next_deadline() <= time) dhcp_.on_timer(time);
  if (dns_.next_deadline() && *dns_.next_deadline() <= time) dns_.on_timer(time);
  if (binder_->next_deadline() <= time) binder_->on_timer(time);
}

void DatagramThread::collect_descriptors() {
  Descriptors descriptors{.readable = {wakeup_.descriptor()}, .arriving = {}};
  for (const int descriptor : binder_->descriptors()) descriptors.readable.push_back(descriptor);
  dhcp_.append_descriptors(descriptors);
  dns_.append_descriptors(descriptors);
  poller_.watch(descriptors);
  sockets_changed_ = false;
}

TimePoint DatagramThread::next_deadline() const noexcept {
  TimePoint next = binder_->next_deadline();
  for (const auto& other : {dhcp_.next_deadline(), dns_.next_deadline(), events_.next_deadline()})
    if (other) next = std::min(next, *other);
  return next;
}

bool DatagramThread::dispatch(int descriptor, TimePoint time) {
  Reading reading = dns_.on_readable(descriptor, time);
  if (reading != Reading::not_ours) {
    if (reading == Reading::may_have_more) poller_.again(descriptor);
    sockets_changed_ = dns_.has_new_descriptors() || sockets_changed_;
    return false;
  }
  reading = dhcp_.on_readable(descriptor, time);
  if (reading == Reading::may_have_more) poller_.again(descriptor);
  if (reading != Reading::not_ours) {
    while (const auto lost = dhcp_.next_lost()) binder_->on_lost(lost->address, lost->role, time);
    while (const auto foreign = dhcp_.next_foreign_sight())
      binder_->on_foreign_server(foreign->address, foreign->server, time);
  } else if (descriptor == wakeup_.descriptor()) {
    take_commands();
  } else {
    binder_->on_readable(descriptor, time);
  }
  return sockets_changed_;
}

void DatagramThread::take_commands() {
  wakeup_.clear();
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) {
    if (auto* snapshot = std::get_if<Snapshot>(&command)) {
      take(std::move(*snapshot));
    } else if (auto* upstreams = std::get_if<UpstreamsInForce>(&command)) {
      take(std::move(*upstreams));
    } else if (auto* plain = std::get_if<PlainSocket>(&command)) {
      take(std::move(*plain));
    } else if (const auto* ping = std::get_if<Ping>(&command)) {
      take(*ping);
    } else {
      stopping_ = true;
    }
  }
}

// Whoever lets go of it last reports.
void DatagramThread::take(Ping) {
  const std::shared_ptr<const void> alive(nullptr, [this](const void*) { report_(Pong{}); });
  for (const auto& worker : workers_) worker->ping(alive);
}

// The same: so that nobody answers by the old one when it is reported, nor has it to destroy.
void DatagramThread::take(Snapshot&& snapshot) {
  dhcp_.replace_plan(snapshot.plan);
  dns_.replace_zones(snapshot.zones);
  take(UpstreamsInForce(snapshot.upstreams));
  std::swap(snapshot_, snapshot);
  const std::shared_ptr<const Snapshot> previous(new Snapshot(std::move(snapshot)),
                                                 [this](Snapshot* last) {
                                                   const std::unique_ptr<Snapshot> owned(last);
                                                   report_(SnapshotInForce{std::move(*last)});
                                                 });
  for (const auto& worker : workers_) worker->replace_zones(snapshot_.zones, previous);
  binder_->want(snapshot_.endpoints, now());
  sockets_changed_ = true;
}

void DatagramThread::take(UpstreamsInForce&& upstreams) {
  dns_.replace_upstreams(upstreams, now());
  for (const auto& worker : workers_) worker->replace_upstreams(upstreams);
  snapshot_.upstreams = std::move(upstreams);
}

void DatagramThread::take(PlainSocket&& plain) {
  sockets_changed_ = true;
  if (plain.socket.is_open())
    dns_.open_plain(plain.address, std::move(plain.socket));
  else
    dns_.close_plain(plain.address);
}

void DatagramThread::take_dns(binder::Opened&& opened) {
  for (std::size_t i = 0; i < std::min(workers_.size(), opened.more.size()); ++i)
    workers_[i]->open(
        {opened.address, opened.role, std::move(opened.more[i]), opened.link, opened.port, {}});
  dns_.open(std::move(opened));
}

void DatagramThread::take(binder::Event&& event) {
  if (auto* opened = std::get_if<binder::Opened>(&event)) {
    sockets_changed_ = true;
    switch (opened->role) {
      case binder::Role::dns_udp: take_dns(std::move(*opened)); break;
      case binder::Role::dns_udp_ipv6: dns_.open(std::move(*opened)); break;
      case binder::Role::dns_tcp:
      case binder::Role::dns_tcp_ipv6: report_(std::move(*opened)); break;
      default: dhcp_.open(std::move(*opened)); break;
    }
  } else if (const auto* closed = std::get_if<binder::Closed>(&event)) {
    sockets_changed_ = true;
    switch (closed->role) {
      case binder::Role::dns_udp:
        dns_.close(*closed);
        for (const auto& worker : workers_) worker->close(*closed);
        break;
      case binder::Role::dns_udp_ipv6: dns_.close(*closed); break;
      case binder::Role::dns_tcp:
      case binder::Role::dns_tcp_ipv6: report_(*closed); break;
      default: dhcp_.close(*closed); break;
    }
  } else if (auto* status = std::get_if<binder::Status>(&event)) {
    if (status->service == binder::Service::dns) {
      dns_.set_interface(status->address, status->link.index);
      for (const auto& worker : workers_)
        worker->set_interface(status->address, status->link.index);
    } else {
      dhcp_.follow(*status);
    }
    report_(std::move(*status));
  } else if (auto* refused = std::get_if<binder::NeedsPrivilege>(&event)) {
    report_(std::move(*refused));
  } else if (const auto* bad = std::get_if<binder::BadNews>(&event)) {
    events_.push_bad_news(bad->reason, bad->count, now());
  }
}

}  // namespace berth::io
