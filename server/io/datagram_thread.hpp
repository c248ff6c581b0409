// The thread that does datagrams, timers and binder events, and nothing else: a loop of our own
// over a Poller, because one system call less a datagram is what that buys over a reactor. Whatever
// takes time happens elsewhere and arrives as a Command; what happens here leaves as a Report or,
// for single datagrams, through the EventOutput. send() may be called from any thread. DNS may have
// more threads, which this one feeds: see DnsWorker.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <variant>
#include <vector>

#include "server/binder/binder.hpp"
#include "server/io/counters.hpp"
#include "server/io/dhcp_service.hpp"
#include "server/io/dns_service.hpp"
#include "server/io/dns_worker.hpp"
#include "server/io/event_output.hpp"
#include "server/io/poller.hpp"
#include "server/io/snapshot.hpp"
#include "server/io/wakeup.hpp"

namespace berth::io {

struct Stop {};
struct Ping {};  // answered by Pong, when the loop turns, and that of each worker
// Whom to ask from now on: other resolvers of the host, with the same plan.
using UpstreamsInForce = std::shared_ptr<const Upstreams>;
// A UDP socket of `dns.listen`; without one, that of the address is to be closed.
struct PlainSocket {
  net::SocketAddress address;
  binder::FileDescriptor socket;
};
using Command = std::variant<Snapshot, UpstreamsInForce, PlainSocket, Stop, Ping>;

struct Pong {};
// A Snapshot taken over, by all workers too; the one before, for a thread with time to destroy.
struct SnapshotInForce {
  Snapshot previous;
};
// Opened and Closed: of listening TCP sockets for DNS, to be accepted from elsewhere.
using Report = std::variant<binder::Status, binder::NeedsPrivilege, binder::Opened, binder::Closed,
                            SnapshotInForce, Pong>;

class DatagramThread {
 public:
  // `report` is called on the datagram thread or a worker's and must not block. `workers`: one more
  // thread for each. Throws std::system_error when the system has no descriptors left.
  DatagramThread(Snapshot snapshot, DhcpCounters& dhcp_counters, DnsCounters& dns_counters,
                 EventOutput& events, std::span<DnsOutput> workers,
                 std::function<void(Report)> report);
  // Stops and joins.
  ~DatagramThread();
  DatagramThread(const DatagramThread&) = delete;
  DatagramThread& operator=(const DatagramThread&) = delete;

  void send(Command command);

 private:
  void run();
  void collect_descriptors();
  TimePoint next_deadline() const noexcept;
  void on_timers(TimePoint time);
  void take_commands();
  void take(Ping ping);
  void take(Snapshot&& snapshot);
  void take(UpstreamsInForce&& upstreams);
  void take(PlainSocket&& plain);
  void take(binder::Event&& event);
  void take_dns(binder::Opened&& opened);
  // True when the set of sockets changed, so that what the poller said of the others is stale.
  bool dispatch(int descriptor, TimePoint time);

  std::function<void(Report)> report_;
  EventOutput& events_;
  Snapshot snapshot_;
  DhcpService dhcp_;
  DnsService dns_;
  std::vector<std::unique_ptr<DnsWorker>> workers_;
  std::unique_ptr<binder::Binder> binder_;

  Poller poller_;
  bool sockets_changed_ = true;
  bool stopping_ = false;

  std::mutex mutex_;
  std::vector<Command> commands_;  // guarded by mutex_
  Wakeup wakeup_;
  std::thread thread_;  // last: everything above exists before it runs
};

}  // namespace berth::io
