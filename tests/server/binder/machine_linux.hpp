// A machine of our own: a fresh network namespace for this thread, links made with ip(8), and a
// binder in it whose events are kept.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/binder/binder.hpp"

namespace berth::binder {

// Skips, and says why, when the process may not have one. Leaves the machine's own alone.
class Machine : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // ip(8) with these arguments; the test fails when it does.
  static void ip(const std::string& arguments);
  // A bridge with something attached, so that it has a carrier.
  static void make_bridge(const std::string& name, const std::string& address);

  void start(std::vector<Wanted> wanted);
  // Polls and serves the binder until `done`, and for ten seconds at most: false.
  bool run_until(const std::function<bool()>& done);
  // What is due now, without waiting.
  void settle();

  bool bound(Service service, const char* address = "192.168.200.1") const;
  bool is_in(State state, Service service, const char* address = "192.168.200.1") const;
  const Status& status(Service service, const char* address = "192.168.200.1") const;
  // -1: not open.
  int socket(Role role, const char* address = "192.168.200.1") const;
  bool all_open(const char* address = "192.168.200.1") const;

  TimePoint now() const;

  std::unique_ptr<Binder> binder;
  int opened = 0;
  int closed = 0;
  std::vector<NeedsPrivilege> refusals;
  std::vector<std::string> bad_news;     // "truncated_header 1"
  std::vector<FileDescriptor> more_dns;  // sockets of dns_udp, beside the first

 private:
  void keep(Event&& event);

  std::map<std::pair<net::Ipv4Address, Role>, FileDescriptor> sockets_;
  std::map<std::pair<net::Ipv4Address, Service>, Status> statuses_;
  FileDescriptor home_;
};

Wanted network(const char* prefix, std::string interface = {});

// A UDP or TCP socket of another server, bound to that endpoint. Fails the test when it cannot be.
struct Rival {
  int type;  // SOCK_DGRAM or SOCK_STREAM
  const char* address = "0.0.0.0";
  std::uint16_t port = 53;
  bool shares = false;  // SO_REUSEADDR
  bool joins = false;   // SO_REUSEPORT

  FileDescriptor bind() const;
};

}  // namespace berth::binder
