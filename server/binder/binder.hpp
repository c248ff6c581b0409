// Opens and keeps the server's sockets: wanted endpoints in, open descriptors and their statuses
// out. It follows the machine's links by itself, so that nothing else in the server needs to know
// whether an interface exists. One thread, that of the datagrams: no call here waits.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
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

  // Whether this system spreads what comes to one address over several sockets; where it does not,
  // Wanted::dns_sockets counts for nothing.
  static bool spreads_datagrams() noexcept;

  // What is to be served from now on. An endpoint that stays as it is keeps its sockets.
  void want(std::vector<Wanted> wanted, TimePoint now);

  // To be polled for reading. They stay the same for the binder's life.
  std::span<const int> descriptors() const noexcept { return descriptors_; }
  // By the time this returns, what can be served has been opened.
  void on_readable(int descriptor, TimePoint now);

  // A descriptor that was handed out has died while its link stayed.
  void on_lost(net::Ipv4Address address, Role role, TimePoint now);
  // It answered a client on the link of that endpoint, and is not us. To be told as
  // Policy::on_foreign_server() says.
  void on_foreign_server(net::Ipv4Address address, const ForeignServer& server, TimePoint now);

  // Call at next_deadline(). While all is well it is each half a minute on Linux, when we look who
  // has come to our ports, and every few seconds if DNS has several sockets; on macOS every few
  // seconds, when the links are looked at anew.
  void on_timer(TimePoint now);
  TimePoint next_deadline() const noexcept { return deadline_; }

 private:
  using Key = std::pair<net::Ipv4Address, Role>;

  Binder(Sink sink, LinkMonitor monitor, std::pair<FileDescriptor, FileDescriptor> pipe,
         TimePoint now);

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
  TimePoint company_at_;                       // when to look who has come to our ports
  TimePoint deadline_;                         // of all; asked for far more often than it changes
  std::map<Key, std::vector<SocketId>> ours_;  // the sockets handed out and not closed yet
  bool tried_privileges_ = false;
  std::set<Key> unprivileged_;  // what was found to be impossible, and said
  std::array<int, 2> descriptors_;
};

}  // namespace berth::binder
