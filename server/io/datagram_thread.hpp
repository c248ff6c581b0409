// The thread that does datagrams, timers and binder events, and nothing else: a plain poll() loop,
// because one system call less a datagram is what a loop of our own buys over a reactor. Whatever
// takes time happens elsewhere and arrives as a Command; what happens here leaves as a Report or,
// for single datagrams, through the EventOutput. send() may be called from any thread.
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "server/binder/binder.hpp"
#include "server/io/counters.hpp"
#include "server/io/dhcp_service.hpp"
#include "server/io/dns_service.hpp"
#include "server/io/event_output.hpp"
#include "server/io/snapshot.hpp"
#include "server/io/wakeup.hpp"

namespace berth::io {

struct Stop {};
struct Ping {};  // answered by Pong, when the loop turns
using Command = std::variant<Snapshot, Stop, Ping>;

// A listening TCP socket for DNS, to be accepted from elsewhere; and its end.
struct ListenerOpened {
  net::Ipv4Address address;
  std::uint32_t interface = 0;  // that carries it; 0: none. A Status says when that changes
  binder::FileDescriptor socket;
};
struct ListenerClosed {
  net::Ipv4Address address;
};
struct Pong {};
// A Snapshot taken over; the one before, for a thread with time to destroy.
struct SnapshotInForce {
  Snapshot previous;
};
using Report = std::variant<binder::Status, binder::NeedsPrivilege, ListenerOpened, ListenerClosed,
                            SnapshotInForce, Pong>;

class DatagramThread {
 public:
  // `report` is called on the datagram thread and must not block. Throws std::system_error when the
  // system has no descriptors left.
  DatagramThread(Snapshot snapshot, DhcpCounters& dhcp_counters, DnsCounters& dns_counters,
                 EventOutput& events, std::function<void(Report)> report);
  // Stops and joins.
  ~DatagramThread();
  DatagramThread(const DatagramThread&) = delete;
  DatagramThread& operator=(const DatagramThread&) = delete;

  void send(Command command);

 private:
  void run();
  void collect_descriptors();
  int poll_timeout(TimePoint time) const;
  void take_commands();
  void take(Snapshot&& snapshot);
  void take(binder::Event&& event);
  // True when the set of sockets changed, so that what poll() said of the others is stale.
  bool dispatch(int descriptor, TimePoint time);

  std::function<void(Report)> report_;
  EventOutput& events_;
  Snapshot snapshot_;
  DhcpService dhcp_;
  DnsService dns_;
  std::unique_ptr<binder::Binder> binder_;

  std::vector<pollfd> polled_;  // the wakeup, the binder's, then the services'
  bool sockets_changed_ = true;
  bool stopping_ = false;

  std::mutex mutex_;
  std::vector<Command> commands_;  // guarded by mutex_
  Wakeup wakeup_;
  std::thread thread_;  // last: everything above exists before it runs
};

}  // namespace berth::io
