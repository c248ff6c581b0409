// DNS over TCP (RFC 7766): accepts on the listeners it is given, serves pipelined queries in order,
// and lets nobody starve the next client, or one that waits. An address may hold so many
// connections, all together so many; whoever comes next takes the place of the one idle longest, of
// its own address or of that which holds the most. A message that has begun, and a response that
// was written, must get through within seconds, however many octets trickle. Belongs to the control
// thread's io_context; only the counters may be read from elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "server/binder/file_descriptor.hpp"
#include "server/dns/responder.hpp"
#include "server/dns/zones.hpp"
#include "server/io/counters.hpp"
#include "server/io/dns_links.hpp"

namespace berth::io {

struct TcpLimits {
  std::size_t connections = 256;
  std::size_t connections_per_client = 32;
  std::chrono::seconds idle{10};     // between two messages
  std::chrono::seconds transfer{5};  // for the rest of a message, and for writing responses
  std::chrono::seconds lifetime{120};
};

class DnsTcpService {
 public:
  // What became of a query, and whose it was; valid during the call.
  using Report = std::function<void(const dns::Outcome&, const dns::Client&)>;

  // `report` is called for each query, and may be empty.
  DnsTcpService(boost::asio::io_context& io, std::shared_ptr<const dns::Zones> zones,
                DnsCounters& counters, Report report, TcpLimits limits = {});
  ~DnsTcpService();
  DnsTcpService(const DnsTcpService&) = delete;
  DnsTcpService& operator=(const DnsTcpService&) = delete;

  // `interface` carries `address`; 0: none does.
  void listen(net::Ipv4Address address, std::uint32_t interface, binder::FileDescriptor socket);
  // Closes the listener and the connections it accepted.
  void close(net::Ipv4Address address);
  // Which interface carries `address` now; 0 for none. Without one its network is not served.
  void set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept {
    links_.set_interface(address, interface);
  }
  void replace_zones(std::shared_ptr<const dns::Zones> zones);

  std::size_t connection_count() const noexcept { return connections_.size(); }

 private:
  struct Listener;
  struct Connection;
  using Connections = std::list<std::shared_ptr<Connection>>;

  boost::asio::awaitable<void> accept(std::shared_ptr<Listener> listener);
  boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  void admit(std::shared_ptr<Connection> connection);
  void make_room_for(net::Ipv4Address newcomer);
  // Of the connections that `eligible` is true of.
  template <class Predicate>
  void evict_longest_idle(Predicate eligible);
  boost::asio::awaitable<bool> answer_all(Connection& connection);
  // Answers whole messages of the connection's input until its output is full; false to hang up.
  bool answer(Connection& connection);
  void sweep();

  boost::asio::io_context& io_;
  DnsLinks links_;
  dns::Responder responder_;
  DnsCounters& counters_;
  Report report_;
  TcpLimits limits_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  Connections connections_;
  boost::asio::steady_timer sweep_timer_;
  std::vector<std::byte> response_;  // one at a time: everything here is one thread
};

}  // namespace berth::io
