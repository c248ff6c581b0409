// Opens and keeps the server's sockets: wanted endpoints in, open descriptors and their statuses
// out. It follows the machine's links by itself, so that nothing else in the server needs to know
// whether an interface exists. One thread, that of the datagrams: no call here waits.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "protocol/expected.hpp"
#include "server/binder/endpoint.hpp"
#include "server/binder/holders.hpp"
#include "server/binder/link_monitor.hpp"
#include "server/binder/policy.hpp"
#include "server/time.hpp"

namespace berth::binder {

// Called from within the binder's functions; it must not call the binder. Of an endpoint that is no
// longer wanted, the last that comes is a Closed for each of its sockets.
using Sink = std::function<void(Event&&)>;

class Binder {
 public:
  // Begins to follow the links. Fails only when the system has no descriptors or memory left.
  static expected<std::unique_ptr<Binder>, std::error_code> open(Sink sink, TimePoint now);

  // What is to be served from now on. An endpoint that stays as it is keeps its sockets.
  void want(std::vector<Wanted> wanted, TimePoint now);

  // To be polled for reading. They stay the same for the binder's life.
  std::span<const int> descriptors() const noexcept { return descriptors_; }
  // By the time this returns, what can be served has been opened.
  void on_readable(int descriptor, TimePoint now);

  // Call at next_deadline(). There is none while all is well.
  void on_timer(TimePoint now);
  std::optional<TimePoint> next_deadline() const noexcept;

 private:
  using Key = std::pair<net::Ipv4Address, Role>;

  Binder(Sink sink, LinkMonitor monitor, std::pair<FileDescriptor, FileDescriptor> pipe);

  // Says at once what will not be possible when the links are there. At start only: Linux takes
  // tens of milliseconds to close a packet socket.
  void try_privileges(const std::vector<Wanted>& wanted);
  void follow_links(TimePoint now);
  void run(TimePoint now);
  void perform(OpenSocket& action, TimePoint now);
  void perform(const CloseSocket& action, TimePoint now);
  void perform(const LookForHolders& action, TimePoint now);
  void perform(NeedsPrivilege& action, TimePoint now);
  void perform(Status& action, TimePoint now);

  Sink sink_;
  LinkMonitor monitor_;
  HolderSearch search_;
  Policy policy_;
  std::map<Key, SocketId> ours_;  // the sockets handed out and not closed yet
  bool tried_privileges_ = false;
  std::set<Key> unprivileged_;  // what was found to be impossible, and said
  std::array<int, 2> descriptors_;
};

}  // namespace berth::binder
