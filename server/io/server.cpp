#include "server/io/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "server/io/dns_report.hpp"
#include "server/io/event_log.hpp"
#include "server/io/host.hpp"
#include "server/signals.hpp"

namespace berth::io {

using boost::system::error_code;

struct Server::LoadResult {
  std::optional<Snapshot> snapshot;
  std::optional<config::Log> log;
  std::string state_folder;
  ConfigurationSource::Reading reading;  // its config has been used up
};

// In a thread of its own: whatever goes wrong there becomes a mistake to report.
Server::LoadResult Server::load(const ConfigurationSource& source, const dhcp::Plan* previous) {
  LoadResult result;
  try {
    result.reading = source.read();
    if (auto& config = result.reading.config) {
      result.snapshot = make_snapshot(*config, previous);
      result.log = config->log;
      result.state_folder = std::move(config->state_dir);
      config.reset();
    }
  } catch (const std::exception& failure) {
    result = {};
    result.reading.mistakes.push_back(failure.what());
    result.reading.mistake_count = 1;
  }
  release_free_memory();
  return result;
}

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
      event_descriptor_(io_, events_.ring().descriptor()),
      dns_tcp_(io_, snapshot.zones, dns_tcp_counters_,
               [this](const dns::Outcome& outcome, const dns::Client& client) {
                 if (events_.each_datagram()) write(log_, describe(outcome, client));
               }) {
  signals_.add(SIGUSR1);
  events_.report_each_datagram(log_.enabled(LogEvent::dhcp_drop));
  datagrams_.emplace(
      std::move(snapshot), dhcp_counters_, dns_counters_, events_, [this](Report report) {
        boost::asio::post(
            io_, [this, report = std::move(report)]() mutable { on_report(std::move(report)); });
      });
}

Server::~Server() {
  event_descriptor_.release();  // the ring owns it
  datagrams_.reset();
  if (loader_.joinable()) loader_.join();
}

int Server::run() {
  await_signal();
  await_events();
  await_watchdog();
  datagrams_->send(Ping{});  // its Pong says that the loop turns
  io_.run();
  drain_events();
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

void Server::await_events() {
  event_descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                               [this](error_code failure) {
                                 if (failure) return;
                                 drain_events();
                                 await_events();
                               });
}

// A bounded number at a time: whoever floods us must not keep signals and TCP waiting.
void Server::drain_events() {
  events_.ring().clear();
  Event event;
  std::size_t written = 0;
  for (; written < EventRing::capacity && events_.ring().pop(event); ++written) write(log_, event);
  if (written == EventRing::capacity) {
    boost::asio::post(io_, [this] { drain_events(); });
  }
  if (const std::uint64_t lost = events_.ring().lost(); lost != events_lost_) {
    log_.write(LogEvent::events_lost, {{"count", lost - events_lost_}});
    events_lost_ = lost;
  }
}

// A dead datagram thread answers no Ping, so the watchdog is fed only while both threads live.
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
    if (is_news(*status)) write(log_, *status);
  } else if (auto* opened = std::get_if<ListenerOpened>(&report)) {
    dns_tcp_.listen(opened->address, opened->interface, std::move(opened->socket));
  } else if (const auto* closed = std::get_if<ListenerClosed>(&report)) {
    dns_tcp_.close(closed->address);
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
  if (loading_ || !ready_) {
    load_again_ = true;
    return;
  }
  loading_ = true;
  notifier_.reloading();
  log_.write(LogEvent::reload_begin, {{"file", source_.path()}});
  if (loader_.joinable()) loader_.join();  // it has posted its result: this does not wait
  try {
    loader_ = std::thread([this, previous = plan_] {
      block_signals();
      boost::asio::post(io_, [this, result = load(source_, previous.get())]() mutable {
        end_reload(std::move(result));
      });
    });
  } catch (const std::system_error& failure) {
    LoadResult result;
    result.reading.mistakes.push_back(failure.what());
    result.reading.mistake_count = 1;
    end_reload(std::move(result));
  }
}

void Server::end_reload(LoadResult&& result) {
  loading_ = false;
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

void Server::put_in_force(LoadResult&& result) {
  log_.configure(result.log->level, result.log->format);
  events_.report_each_datagram(log_.enabled(LogEvent::dhcp_drop));
  dns_tcp_.replace_zones(result.snapshot->zones);
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
  datagrams_->send(std::move(*result.snapshot));
}

void Server::log_counters() {
  write_counters(log_, dhcp_counters_);
  write_counters(log_, "dns.udp", dns_counters_);
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
