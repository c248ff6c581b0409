// The running server, seen from the control thread: signals, reloads, the log, DNS over TCP, and
// the datagram thread that it starts, feeds and ends. run() returns when the service is over. Not
// thread-safe: one thread makes it and runs it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "server/io/configuration_loader.hpp"
#include "server/io/configuration_source.hpp"
#include "server/io/datagram_thread.hpp"
#include "server/io/dns_tcp_service.hpp"
#include "server/io/dns_worker.hpp"
#include "server/io/event_output.hpp"
#include "server/io/host_resolvers.hpp"
#include "server/io/log.hpp"
#include "server/io/plain_listeners.hpp"
#include "server/io/service_notifier.hpp"
#include "server/io/snapshot.hpp"
#include "server/io/upstreams.hpp"

namespace berth::io {

class Server {
 public:
  // `state_folder`: the one that is locked. `started`: when the process began, for the log.
  Server(ConfigurationSource source, Snapshot snapshot, std::string state_folder, Log& log,
         std::chrono::steady_clock::time_point started);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves until SIGTERM, SIGINT or something fatal. Returns the exit code.
  int run();

 private:
  // One thread's events, on their way to the log.
  struct EventSource {
    EventSource(boost::asio::io_context& io, EventOutput& events)
        : output(events), descriptor(io, events.ring().descriptor()) {}
    ~EventSource() { descriptor.release(); }  // the ring owns it

    EventOutput& output;
    boost::asio::posix::stream_descriptor descriptor;
    std::uint64_t lost = 0;
  };

  void await_signal();
  void await_events(EventSource& source);
  void await_watchdog();
  void on_signal(int number);
  void on_report(Report&& report);
  bool is_news(binder::Status status);
  void on_removal(const binder::Wanted& endpoint, binder::Service service);
  void on_missing_privilege(const binder::NeedsPrivilege& refused);
  void on_snapshot(const Snapshot& previous);
  void drain(EventSource& source);
  void report_each_datagram(bool wanted);
  void on_host_resolvers();
  void log_upstreams();
  PlainListeners::Callbacks plain_callbacks();
  bool set_workers(Snapshot& snapshot);
  void begin_reload();
  void end_reload(LoadedConfiguration&& result);
  void put_in_force(LoadedConfiguration&& result);
  void log_counters();
  void announce_ready();
  void stop(std::string_view reason, int exit_code);

  ConfigurationSource source_;
  const std::string state_folder_;
  Log& log_;
  std::chrono::steady_clock::time_point started_;
  std::shared_ptr<const dhcp::Plan> plan_;  // built last
  std::vector<binder::Wanted> endpoints_;   // wanted last
  bool uses_high_ports_;
  std::string file_in_force_;
  ServiceNotifier notifier_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_;
  DhcpCounters dhcp_counters_;
  DnsCounters dns_counters_;
  DnsCounters dns_tcp_counters_;
  EventOutput events_;
  std::vector<DnsOutput> workers_;  // those beside the datagram thread
  std::deque<EventSource> event_sources_;
  std::map<std::pair<net::Ipv4Address, binder::Service>, binder::Status> logged_;
  HostResolvers host_resolvers_;
  ForwardPlan forward_plan_;
  UpstreamTable upstream_table_;
  std::shared_ptr<const Upstreams> upstreams_;
  DnsTcpService dns_tcp_;
  PlainListeners plain_listeners_;
  ConfigurationLoader loader_;
  bool load_again_ = false;
  bool ready_ = false;
  int exit_code_ = 0;
  std::optional<DatagramThread> datagrams_;  // ends first
};

}  // namespace berth::io
