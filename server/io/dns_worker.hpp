// A thread that answers DNS over UDP and does nothing else, with a socket of its own for each
// address: what `dns.workers` adds to the datagram thread, which tells it what to do. Its functions
// belong to that thread.
#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "server/io/counters.hpp"
#include "server/io/dns_service.hpp"
#include "server/io/event_output.hpp"
#include "server/io/poller.hpp"
#include "server/io/wakeup.hpp"

namespace berth::io {

// What a worker writes and the control thread reads.
struct DnsOutput {
  DnsCounters counters;
  EventOutput events;
};

class DnsWorker {
 public:
  // `output` outlives it. Throws std::system_error when the system has no descriptors left.
  DnsWorker(std::shared_ptr<const dns::Zones> zones, std::shared_ptr<const Upstreams> upstreams,
            DnsOutput& output);
  // Stops and joins.
  ~DnsWorker();
  DnsWorker(const DnsWorker&) = delete;
  DnsWorker& operator=(const DnsWorker&) = delete;

  void open(binder::Opened&& opened);
  // Waits until the socket is closed, for as long as the answers to one batch may take: so that the
  // port is free when the binder goes on.
  void close(const binder::Closed& closed);
  void set_interface(net::Ipv4Address address, std::uint32_t interface);
  // Lets go of `taken` when it answers from `zones`, and of the zones before that.
  void replace_zones(std::shared_ptr<const dns::Zones> zones, std::shared_ptr<const void> taken);
  void replace_upstreams(std::shared_ptr<const Upstreams> upstreams);
  // Lets go of `alive` when its loop turns.
  void ping(std::shared_ptr<const void> alive);

 private:
  struct Close {
    binder::Closed closed;
    std::promise<void> done;
  };
  struct Interface {
    net::Ipv4Address address;
    std::uint32_t index;
  };
  struct Replace {
    std::shared_ptr<const dns::Zones> zones;
    std::shared_ptr<const void> taken;
  };
  struct ReplaceUpstreams {
    std::shared_ptr<const Upstreams> upstreams;
  };
  struct Ping {
    std::shared_ptr<const void> alive;
  };
  struct Stop {};
  using Command =
      std::variant<binder::Opened, Close, Interface, Replace, ReplaceUpstreams, Ping, Stop>;

  void send(Command command);
  void run();
  int timeout() const;
  void collect_descriptors();
  void take_commands();
  void take(binder::Opened& opened);
  void take(Close& close);
  void take(const Interface& interface);
  void take(Replace& replace);
  void take(ReplaceUpstreams& replace);
  void take(const Ping&) {}
  void take(const Stop&) { stopping_ = true; }

  EventOutput& events_;
  DnsService service_;

  Poller poller_;
  bool sockets_changed_ = true;
  bool stopping_ = false;

  std::mutex mutex_;
  std::vector<Command> commands_;  // guarded by mutex_
  Wakeup wakeup_;
  std::thread thread_;  // last: everything above exists before it runs
};

}  // namespace berth::io
