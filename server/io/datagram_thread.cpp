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

}  // namespace

DatagramThread::DatagramThread(Snapshot snapshot, DhcpCounters& dhcp_counters,
                               DnsCounters& dns_counters, EventOutput& events,
                               std::function<void(Report)> report)
    : report_(std::move(report)),
      events_(events),
      snapshot_(std::move(snapshot)),
      dhcp_(snapshot_.plan, dhcp_counters, events),
      dns_(snapshot_.zones, dns_counters, events),
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
    const int ready = ::poll(polled_.data(), polled_.size(), poll_timeout(now()));
    const TimePoint time = now();
    for (std::size_t i = 0; ready > 0 && i < polled_.size(); ++i) {
      if (polled_[i].revents != 0 && dispatch(polled_[i].fd, time)) break;
    }
    if (events_.next_deadline() && *events_.next_deadline() <= time) events_.on_timer(time);
    if (dhcp_.next_deadline() && *dhcp_.next_deadline() <= time) dhcp_.on_timer(time);
    if (binder_->next_deadline() && *binder_->next_deadline() <= time) binder_->on_timer(time);
  }
}

void DatagramThread::collect_descriptors() {
  std::vector<int> descriptors{wakeup_.descriptor()};
  for (const int descriptor : binder_->descriptors()) descriptors.push_back(descriptor);
  dhcp_.append_descriptors(descriptors);
  dns_.append_descriptors(descriptors);
  polled_.clear();
  for (const int descriptor : descriptors) polled_.push_back({descriptor, POLLIN, 0});
  sockets_changed_ = false;
}

// Milliseconds until the next deadline, rounded up by the clock's own millisecond; -1 without one.
int DatagramThread::poll_timeout(TimePoint time) const {
  std::optional<TimePoint> next = binder_->next_deadline();
  for (const auto& other : {dhcp_.next_deadline(), events_.next_deadline()})
    if (other && (!next || *other < *next)) next = other;
  if (!next) return -1;
  const auto left = std::max((*next - time).count(), TimePoint::rep{0});
  return static_cast<int>(std::min(left, TimePoint::rep{60'000}));
}

bool DatagramThread::dispatch(int descriptor, TimePoint time) {
  if (dhcp_.on_readable(descriptor, time) || dns_.on_readable(descriptor, time)) return false;
  if (descriptor == wakeup_.descriptor()) {
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
    } else if (std::holds_alternative<Ping>(command)) {
      report_(Pong{});
    } else {
      stopping_ = true;
    }
  }
}

void DatagramThread::take(Snapshot&& snapshot) {
  dhcp_.replace_plan(snapshot.plan);
  dns_.replace_zones(snapshot.zones);
  std::swap(snapshot_, snapshot);
  binder_->want(snapshot_.endpoints, now());
  sockets_changed_ = true;
  report_(SnapshotInForce{std::move(snapshot)});
}

void DatagramThread::take(binder::Event&& event) {
  if (auto* opened = std::get_if<binder::Opened>(&event)) {
    sockets_changed_ = true;
    switch (opened->role) {
      case binder::Role::dns_udp: dns_.open(std::move(*opened)); break;
      case binder::Role::dns_tcp:
        report_(ListenerOpened{opened->address, opened->link.index, std::move(opened->socket)});
        break;
      default: dhcp_.open(std::move(*opened)); break;
    }
  } else if (const auto* closed = std::get_if<binder::Closed>(&event)) {
    sockets_changed_ = true;
    switch (closed->role) {
      case binder::Role::dns_udp: dns_.close(*closed); break;
      case binder::Role::dns_tcp: report_(ListenerClosed{closed->address}); break;
      default: dhcp_.close(*closed); break;
    }
  } else if (auto* status = std::get_if<binder::Status>(&event)) {
    if (status->service == binder::Service::dns) {
      dns_.set_interface(status->address, status->link.index);
    } else {
      dhcp_.follow(*status);
    }
    report_(std::move(*status));
  } else if (auto* refused = std::get_if<binder::NeedsPrivilege>(&event)) {
    report_(std::move(*refused));
  }
}

}  // namespace berth::io
