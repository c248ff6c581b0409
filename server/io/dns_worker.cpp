#include "server/io/dns_worker.hpp"

#include <algorithm>
#include <utility>

#include "server/io/host.hpp"
#include "server/signals.hpp"

namespace berth::io {

DnsWorker::DnsWorker(std::shared_ptr<const dns::Zones> zones,
                     std::shared_ptr<const Upstreams> upstreams, DnsOutput& output)
    : events_(output.events),
      service_(std::move(zones), std::move(upstreams), output.counters, output.events),
      thread_([this] { run(); }) {}

DnsWorker::~DnsWorker() {
  send(Stop{});
  thread_.join();
}

void DnsWorker::open(binder::Opened&& opened) { send(std::move(opened)); }

void DnsWorker::close(const binder::Closed& closed) {
  Close command{closed, {}};
  const std::future<void> done = command.done.get_future();
  send(std::move(command));
  done.wait();
}

void DnsWorker::set_interface(net::Ipv4Address address, std::uint32_t interface) {
  send(Interface{address, interface});
}

void DnsWorker::replace_zones(std::shared_ptr<const dns::Zones> zones,
                              std::shared_ptr<const void> taken) {
  send(Replace{std::move(zones), std::move(taken)});
}

void DnsWorker::replace_upstreams(std::shared_ptr<const Upstreams> upstreams) {
  send(ReplaceUpstreams{std::move(upstreams)});
}

void DnsWorker::ping(std::shared_ptr<const void> alive) { send(Ping{std::move(alive)}); }

void DnsWorker::send(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
  }
  wakeup_.signal();
}

void DnsWorker::run() {
  block_signals();
  while (!stopping_) {
    if (sockets_changed_) collect_descriptors();
    const auto ready = poller_.wait(timeout());
    const TimePoint time = now();
    bool commanded = false;
    for (const int descriptor : ready) {
      const Reading reading = service_.on_readable(descriptor, time);
      if (reading == Reading::may_have_more) poller_.again(descriptor);
      if (reading == Reading::not_ours) commanded = true;
    }
    sockets_changed_ = service_.has_new_descriptors() || sockets_changed_;
    if (events_.next_deadline() && *events_.next_deadline() <= time) events_.on_timer(time);
    if (service_.next_deadline() && *service_.next_deadline() <= time) service_.on_timer(time);
    if (commanded) take_commands();
  }
}

// Milliseconds until the next deadline; -1 without one.
int DnsWorker::timeout() const {
  std::optional<TimePoint> next = events_.next_deadline();
  if (const auto other = service_.next_deadline(); other && (!next || *other < *next)) next = other;
  if (!next) return -1;
  return static_cast<int>(std::max((*next - now()).count(), TimePoint::rep{0}));
}

void DnsWorker::collect_descriptors() {
  Descriptors descriptors{.readable = {wakeup_.descriptor()}, .arriving = {}};
  service_.append_descriptors(descriptors);
  poller_.watch(descriptors);
  sockets_changed_ = false;
}

void DnsWorker::take_commands() {
  wakeup_.clear();
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) std::visit([this](auto& one) { take(one); }, command);
}

void DnsWorker::take(binder::Opened& opened) {
  service_.open(std::move(opened));
  sockets_changed_ = true;
}

void DnsWorker::take(Close& close) {
  service_.close(close.closed);
  sockets_changed_ = true;
  close.done.set_value();
}

void DnsWorker::take(const Interface& interface) {
  service_.set_interface(interface.address, interface.index);
}

// The zones of before are not the last of their kind while `taken` lives: somebody with time
// destroys them.
void DnsWorker::take(Replace& replace) {
  service_.replace_zones(std::move(replace.zones));
  replace.taken.reset();
}

void DnsWorker::take(ReplaceUpstreams& replace) {
  service_.replace_upstreams(std::move(replace.upstreams), now());
}

}  // namespace berth::io
