#include "server/io/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "server/io/dns_report.hpp"
#include "server/io/event_log.hpp"
#include "server/signals.hpp"

namespace berth::io {

using boost::system::error_code;

namespace {

// Also on macOS, whose other resolvers, of single domains, no file lists.
constexpr const char* resolver_file = "/etc/resolv.conf";

// With the datagram thread.
std::uint16_t usable_workers(std::uint16_t written) noexcept {
  return binder::Binder::spreads_datagrams() ? written : std::uint16_t{1};
}

}  // namespace

Server::Server(ConfigurationSource source, Snapshot snapshot, std::string state_folder, Log& log,
               std::chrono::steady_clock::time_point started)
    : source_(std::move(source)),
      state_folder_(std::move(state_folder)),
      log_(log),
      started_(started),
      plan_(snapshot.plan),
      endpoints_(snapshot.endpoints),
      uses_high_ports_(std::ranges::all_of(endpoints_,
                                           [](const binder::Wanted& endpoint) {
                                             return endpoint.dhcp_port >= 1024 &&
                                                    endpoint.dns_port >= 1024;
                                           })),
      io_(1),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      watchdog_(io_),
      workers_(usable_workers(snapshot.dns_workers) - 1u),
      host_resolvers_(io_, resolver_file, [this] { on_host_resolvers(); }),
      forward_plan_(std::move(snapshot.forward)),
      upstreams_(upstream_table_.make(forward_plan_, host_resolvers_.servers())),
      dns_tcp_(io_, snapshot.zones, upstreams_, dns_tcp_counters_,
               [this](const Event& event, bool is_of_datagram) {
                 if (!is_of_datagram || events_.each_datagram()) write(log_, event);
               }),
      plain_listeners_(io_, plain_callbacks()),
      loader_(io_, [this](LoadedConfiguration&& result) { end_reload(std::move(result)); }) {
  snapshot.upstreams = upstreams_;
  signals_.add(SIGUSR1);
  event_sources_.emplace_back(io_, events_);
  for (DnsOutput& worker : workers_) event_sources_.emplace_back(io_, worker.events);
  report_each_datagram(log_.enabled(LogEvent::dhcp_drop));
  set_workers(snapshot);
  datagrams_.emplace(
      std::move(snapshot), dhcp_counters_, dns_counters_, events_, workers_, [this](Report report) {
        boost::asio::post(
            io_, [this, report = std::move(report)]() mutable { on_report(std::move(report)); });
      });
}

int Server::run() {
  await_signal();
  log_upstreams();
  host_resolvers_.follow();
  plain_listeners_.want(forward_plan_.dns.listen);
  for (EventSource& source : event_sources_) await_events(source);
  await_watchdog();
  datagrams_->send(Ping{});  // its Pong says that the loop turns
  io_.run();
  for (EventSource& source : event_sources_) drain(source);
  return exit_code_;
}

void Server::await_signal() {
  signals_.async_wait([this](error_code failure, int number) {
    if (failure) return;
    on_signal(number);
    await_signal();
  });
}

void Server::on_signal(int number) {
  switch (number) {
    case SIGHUP: begin_reload(); break;
    case SIGUSR1: log_counters(); break;
    default: stop(number == SIGINT ? "SIGINT" : "SIGTERM", 0); break;
  }
}

void Server::await_events(EventSource& source) {
  source.descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                               [this, &source](error_code failure) {
                                 if (failure) return;
                                 drain(source);
                                 await_events(source);
                               });
}

// A bounded number at a time: whoever floods us must not keep signals and TCP waiting.
void Server::drain(EventSource& source) {
  EventRing& ring = source.output.ring();
  ring.clear();
  Event event;
  std::size_t written = 0;
  for (; written < EventRing::capacity && ring.pop(event); ++written) write(log_, event);
  if (written == EventRing::capacity) {
    boost::asio::post(io_, [this, &source] { drain(source); });
  }
  if (const std::uint64_t lost = ring.lost(); lost != source.lost) {
    log_.write(LogEvent::events_lost, {{"count", lost - source.lost}});
    source.lost = lost;
  }
}

void Server::report_each_datagram(bool wanted) {
  for (EventSource& source : event_sources_) source.output.report_each_datagram(wanted);
}

PlainListeners::Callbacks Server::plain_callbacks() {
  return {.opened =
              [this](PlainListeners::Sockets&& sockets) {
                log_.write(LogEvent::listen_bound, {{"address", net::to_string(sockets.address)}});
                dns_tcp_.listen_plain(sockets.address, std::move(sockets.tcp));
                datagrams_->send(PlainSocket{sockets.address, std::move(sockets.udp)});
              },
          .closed =
              [this](const net::SocketAddress& address) {
                log_.write(LogEvent::listen_closed, {{"address", net::to_string(address)}});
                dns_tcp_.close_plain(address);
                datagrams_->send(PlainSocket{address, {}});
              },
          .failed =
              [this](const net::SocketAddress& address, const std::string& why) {
                log_.write(LogEvent::listen_failed,
                           {{"address", net::to_string(address)}, {"why", why}});
              }};
}

void Server::on_host_resolvers() {
  if (!upstreams_->follows_host) return;
  const auto before = upstreams_;
  upstreams_ = upstream_table_.make(forward_plan_, host_resolvers_.servers());
  dns_tcp_.replace_upstreams(upstreams_);
  datagrams_->send(UpstreamsInForce(upstreams_));
  if (upstreams_->usual != before->usual) log_upstreams();
}

void Server::log_upstreams() {
  std::string servers;
  for (const net::SocketAddress& server : upstreams_->usual) {
    if (!servers.empty()) servers += ' ';
    servers += net::to_string(server, dns::dns_port);
  }
  const std::string_view from = upstreams_->follows_host ? resolver_file : "the plan";
  if (!servers.empty()) {
    log_.write(LogEvent::upstream_servers, {{"servers", servers}, {"from", from}});
  } else if (upstreams_->follows_host) {
    log_.write(LogEvent::upstream_none, {{"from", from}});
  }
}

// False when the plan wants another number of threads than there are.
bool Server::set_workers(Snapshot& snapshot) {
  const auto in_force = static_cast<std::uint16_t>(workers_.size() + 1);
  for (binder::Wanted& endpoint : snapshot.endpoints) endpoint.dns_sockets = in_force;
  const std::uint16_t usable = usable_workers(snapshot.dns_workers);
  if (usable != snapshot.dns_workers)
    log_.write_text(LogEvent::config_warning,
                    "dns.workers: this system gives all queries to one of several sockets, so that "
                    "one thread answers\n");
  return usable == in_force;
}

// A dead datagram thread or worker answers no Ping, so the watchdog is fed only while all live.
void Server::await_watchdog() {
  if (!notifier_.watchdog_interval()) return;
  watchdog_.expires_after(*notifier_.watchdog_interval());
  watchdog_.async_wait([this](error_code failure) {
    if (failure) return;
    datagrams_->send(Ping{});
    await_watchdog();
  });
}

void Server::on_report(Report&& report) {
  if (const auto* status = std::get_if<binder::Status>(&report)) {
    if (status->service == binder::Service::dns) {
      dns_tcp_.set_interface(status->address, status->link.index);
    }
    if (!status->is_unsettled && is_news(*status)) write(log_, *status);
  } else if (auto* opened = std::get_if<binder::Opened>(&report)) {
    dns_tcp_.listen(std::move(*opened));
  } else if (const auto* closed = std::get_if<binder::Closed>(&report)) {
    dns_tcp_.close(*closed);
  } else if (const auto* refused = std::get_if<binder::NeedsPrivilege>(&report)) {
    on_missing_privilege(*refused);
  } else if (std::holds_alternative<Pong>(report)) {
    if (!ready_) announce_ready();
    notifier_.watchdog();
  } else {
    on_snapshot(std::get<SnapshotInForce>(report).previous);
  }
}

// A carrier or a hardware address that changes leaves the line in the log as it was.
bool Server::is_news(binder::Status status) {
  status.link.running = false;
  status.link.mac = {};
  binder::Status& logged = logged_[{status.address, status.service}];
  if (logged == status) return false;
  logged = std::move(status);
  return true;
}

// Without frames to hardware addresses replies are broadcast, which is all that a run on ports of
// its own needs; anything else is the end of a start, and a line later on.
void Server::on_missing_privilege(const binder::NeedsPrivilege& refused) {
  const bool can_do_without = refused.role == binder::Role::link && uses_high_ports_;
  const bool is_end = !ready_ && !can_do_without;
  log_.write(is_end ? LogEvent::start_refused : LogEvent::endpoint_unprivileged,
             {{"address", net::to_string(refused.address)}, {"why", refused.why}});
  if (is_end) stop("no privilege", 1);
}

// What was in force before dies with the report, here, where nobody waits.
void Server::on_snapshot(const Snapshot& previous) {
  for (const binder::Wanted& before : previous.endpoints) {
    const auto now = std::ranges::find_if(endpoints_, [&](const binder::Wanted& endpoint) {
      return endpoint.link.address == before.link.address;
    });
    const bool is_gone = now == endpoints_.end();
    if (before.dhcp && (is_gone || !now->dhcp)) on_removal(before, binder::Service::dhcp);
    if (before.dns && (is_gone || !now->dns)) on_removal(before, binder::Service::dns);
  }
  log_.write(LogEvent::reload_done, {{"file", file_in_force_}});
  notifier_.ready("serving");
}

void Server::on_removal(const binder::Wanted& endpoint, binder::Service service) {
  const net::Ipv4Address address = endpoint.link.address;
  logged_.erase({address, service});
  log_.write(LogEvent::endpoint_removed,
             {{"service", name(service)}, {"address", net::to_string(address)}});
}

void Server::announce_ready() {
  ready_ = true;
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  log_.write(LogEvent::ready, {{"after_ms", static_cast<std::uint64_t>(milliseconds)}});
  notifier_.ready("serving");
  if (std::exchange(load_again_, false)) begin_reload();
}

void Server::begin_reload() {
  if (loader_.is_loading() || !ready_) {
    load_again_ = true;
    return;
  }
  notifier_.reloading();
  log_.write(LogEvent::reload_begin, {{"file", source_.path()}});
  loader_.load(source_, plan_);
}

void Server::end_reload(LoadedConfiguration&& result) {
  for (const std::string& warning : result.reading.warnings) {
    log_.write_text(LogEvent::config_warning, warning);
  }
  for (const std::string& mistake : result.reading.mistakes) {
    log_.write_text(LogEvent::config_mistake, mistake);
  }
  if (result.snapshot) {
    put_in_force(std::move(result));
  } else {
    log_.write(LogEvent::reload_refused, {{"file", source_.path()},
                                          {"mistakes", std::uint64_t{result.reading.mistake_count}},
                                          {"why", "the old plan stays in force"}});
    notifier_.ready("serving the plan of before: the new configuration has mistakes");
  }
  if (std::exchange(load_again_, false)) begin_reload();
}

void Server::put_in_force(LoadedConfiguration&& result) {
  log_.configure(result.log->level, result.log->format);
  report_each_datagram(log_.enabled(LogEvent::dhcp_drop));
  const bool has_its_workers = set_workers(*result.snapshot);
  dns_tcp_.replace_zones(result.snapshot->zones);
  const auto before = upstreams_;
  forward_plan_ = std::move(result.snapshot->forward);
  upstreams_ = upstream_table_.make(forward_plan_, host_resolvers_.servers());
  result.snapshot->upstreams = upstreams_;
  dns_tcp_.replace_upstreams(upstreams_);
  if (upstreams_->usual != before->usual || upstreams_->follows_host != before->follows_host)
    log_upstreams();
  plan_ = result.snapshot->plan;
  endpoints_ = result.snapshot->endpoints;
  if (result.reading.embedded) {
    file_in_force_ = "built-in";
    const net::Ipv4Prefix& link = endpoints_.front().link;
    write_embedded_plan(log_, source_.path(), {link.network(), link.length});
  } else {
    file_in_force_ = source_.path();
    source_ = source_.required();
  }
  if (result.state_folder != state_folder_) {
    log_.write(LogEvent::reload_needs_restart,
               {{"key", "state"},
                {"written", result.state_folder},
                {"in_force", state_folder_},
                {"why", "the state folder is taken at start: restart berthd to move there"}});
  }
  if (!has_its_workers) {
    log_.write(LogEvent::reload_needs_restart,
               {{"key", "dns.workers"},
                {"written", std::uint64_t{result.snapshot->dns_workers}},
                {"in_force", std::uint64_t{workers_.size()} + 1},
                {"why", "threads are started with berthd: restart it to have so many"}});
  }
  datagrams_->send(std::move(*result.snapshot));
  plain_listeners_.want(forward_plan_.dns.listen);
}

void Server::log_counters() {
  write_counters(log_, dhcp_counters_);
  DnsCounters of_all_workers;
  of_all_workers.add(dns_counters_);
  for (const DnsOutput& worker : workers_) of_all_workers.add(worker.counters);
  write_counters(log_, "dns.udp", of_all_workers);
  write_counters(log_, "dns.tcp", dns_tcp_counters_);
  log_.write(LogEvent::stats_end, {});
}

void Server::stop(std::string_view reason, int exit_code) {
  block_signals();  // a second SIGTERM must not cut short what the first began
  exit_code_ = exit_code;
  log_.write(LogEvent::stop, {{"reason", reason}});
  notifier_.stopping();
  io_.stop();
}

}  // namespace berth::io
