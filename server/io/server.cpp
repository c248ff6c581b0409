#include "server/io/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "server/io/event_log.hpp"
#include "server/io/host.hpp"

namespace berth::io {

using boost::system::error_code;

struct Server::LoadResult {
  std::optional<Snapshot> snapshot;
  std::optional<config::Log> log;
  ConfigurationSource::Reading reading;  // its config has been used up
};

Server::Server(ConfigurationSource source, Snapshot snapshot, Log& log,
               std::chrono::steady_clock::time_point started)
    : source_(std::move(source)),
      log_(log),
      started_(started),
      plan_(snapshot.plan),
      io_(1),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      watchdog_(io_),
      event_descriptor_(io_, events_.ring().descriptor()),
      dns_tcp_(io_, snapshot.zones, dns_tcp_counters_, [this](const Event& event) {
        if (events_.each_datagram()) write(log_, event);
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

void Server::drain_events() {
  events_.ring().clear();
  Event event;
  while (events_.ring().pop(event)) write(log_, event);
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
    write(log_, *status);
  } else if (auto* opened = std::get_if<ListenerOpened>(&report)) {
    dns_tcp_.listen(opened->address, std::move(opened->socket));
  } else if (const auto* closed = std::get_if<ListenerClosed>(&report)) {
    dns_tcp_.close(closed->address);
  } else if (const auto* refused = std::get_if<binder::NeedsPrivilege>(&report)) {
    log_.write(LogEvent::start_refused,
               {{"address", net::to_string(refused->address)}, {"why", refused->why}});
    if (!ready_) stop("no privilege", 1);
  } else if (std::holds_alternative<Pong>(report)) {
    if (!ready_) announce_ready();
    notifier_.watchdog();
  } else {
    on_snapshot(std::get<SnapshotInForce>(report).previous);
  }
}

// What was in force before dies with the report, here, where nobody waits.
void Server::on_snapshot(const Snapshot& previous) {
  for (const binder::Wanted& endpoint : previous.endpoints) {
    const net::Ipv4Address address = endpoint.link.address;
    const auto is_there = [&](const binder::Wanted& other) {
      return other.link.address == address;
    };
    if (std::ranges::none_of(endpoints_, is_there)) {
      log_.write(LogEvent::endpoint_removed, {{"address", net::to_string(address)}});
    }
  }
  log_.write(LogEvent::reload_done, {{"file", source_.path()}});
}

void Server::announce_ready() {
  ready_ = true;
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  log_.write(LogEvent::ready, {{"after_ms", static_cast<std::uint64_t>(milliseconds)}});
  notifier_.ready("serving");
}

void Server::begin_reload() {
  if (loading_) {
    load_again_ = true;
    return;
  }
  loading_ = true;
  notifier_.reloading();
  log_.write(LogEvent::reload_begin, {{"file", source_.path()}});
  if (loader_.joinable()) loader_.join();  // it has posted its result: this does not wait
  loader_ = std::thread([this, previous = plan_] {
    LoadResult result;
    result.reading = source_.read();
    if (auto& config = result.reading.config) {
      result.snapshot = make_snapshot(*config, previous.get());
      result.log = config->log;
      config.reset();
    }
    release_free_memory();
    boost::asio::post(
        io_, [this, result = std::move(result)]() mutable { end_reload(std::move(result)); });
  });
}

void Server::end_reload(LoadResult&& result) {
  loading_ = false;
  const std::string file = result.reading.embedded ? "built-in" : source_.path();
  for (const std::string& warning : result.reading.warnings) {
    log_.write_text(LogEvent::config_warning, warning);
  }
  for (const std::string& mistake : result.reading.mistakes) {
    log_.write_text(LogEvent::config_mistake, mistake);
  }
  if (result.snapshot) {
    log_.configure(result.log->level, result.log->format);
    events_.report_each_datagram(log_.enabled(LogEvent::dhcp_drop));
    dns_tcp_.replace_zones(result.snapshot->zones);
    plan_ = result.snapshot->plan;
    endpoints_ = result.snapshot->endpoints;
    datagrams_->send(std::move(*result.snapshot));
    notifier_.ready("serving");
  } else {
    log_.write(LogEvent::reload_refused, {{"file", file},
                                          {"mistakes", std::uint64_t{result.reading.mistake_count}},
                                          {"why", "the old plan stays in force"}});
    notifier_.ready("serving the plan of before: the new configuration has mistakes");
  }
  if (std::exchange(load_again_, false)) begin_reload();
}

void Server::log_counters() {
  write_counters(log_, dhcp_counters_);
  write_counters(log_, "dns.udp", dns_counters_);
  write_counters(log_, "dns.tcp", dns_tcp_counters_);
  log_.write(LogEvent::stats_end, {});
}

void Server::stop(std::string_view reason, int exit_code) {
  exit_code_ = exit_code;
  log_.write(LogEvent::stop, {{"reason", reason}});
  notifier_.stopping();
  io_.stop();
}

}  // namespace berth::io
