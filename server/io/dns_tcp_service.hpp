// DNS over TCP (RFC 7766): accepts on the listeners it is given, serves pipelined queries, those of
// ours in order and those that other servers answer as they come, and lets nobody starve the next
// client, or one that waits. A connection is not read while much of it is unanswered or unread. A
// message that has begun, and a response that was written, must get through within seconds, however
// many octets trickle. Belongs to the control thread's io_context; only the counters may be read
// from elsewhere.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/binder/endpoint.hpp"
#include "server/dns/responder.hpp"
#include "server/dns/zones.hpp"
#include "server/io/counters.hpp"
#include "server/io/dns_links.hpp"
#include "server/io/event.hpp"
#include "server/io/tcp_connections.hpp"
#include "server/io/upstream_service.hpp"

namespace berth::io {

class DnsTcpService {
 public:
  // What became of a query, or else something that an operator should hear of.
  using Report = std::function<void(const Event&, bool is_of_datagram)>;

  // `report` may be empty.
  DnsTcpService(boost::asio::io_context& io, std::shared_ptr<const dns::Zones> zones,
                std::shared_ptr<const Upstreams> upstreams, DnsCounters& counters, Report report,
                TcpLimits limits = {});
  ~DnsTcpService();
  DnsTcpService(const DnsTcpService&) = delete;
  DnsTcpService& operator=(const DnsTcpService&) = delete;

  // Takes a socket of the role dns_tcp or dns_tcp_ipv6.
  void listen(binder::Opened&& opened);
  // Closes the listener and the connections it accepted.
  void close(const binder::Closed& closed);
  // A socket of `dns.listen`: this machine and the clients of the networks are answered there.
  void listen_plain(const net::SocketAddress& address, binder::FileDescriptor socket);
  void close_plain(const net::SocketAddress& address);
  // Which interface carries `address` now; 0 for none. Without one its network is not served.
  void set_interface(net::Ipv4Address address, std::uint32_t interface) noexcept {
    links_.set_interface(address, interface);
  }
  void replace_zones(std::shared_ptr<const dns::Zones> zones);
  void replace_upstreams(std::shared_ptr<const Upstreams> upstreams);

  std::size_t connection_count() const noexcept { return connections_.size(); }

 private:
  struct Waiting {
    std::weak_ptr<TcpConnection> connection;  // its client may have gone meanwhile
    dns::Client client;
    dns::Name qname;
  };

  void add(TcpListener&& listener);
  template <class Predicate>
  void close_those(Predicate is_one);
  dns::Client client_of(const TcpConnection& connection) const;
  boost::asio::awaitable<void> accept(std::shared_ptr<TcpListener> listener);
  boost::asio::awaitable<void> serve(std::shared_ptr<TcpConnection> connection);
  boost::asio::awaitable<bool> answer_all(std::shared_ptr<TcpConnection> connection);
  // Answers whole messages of the connection's input until its output is full, or as many wait as
  // may; false to hang up.
  bool answer(const std::shared_ptr<TcpConnection>& shared);
  // What is known of a foreign name already; none: the connection waits for it.
  std::optional<dns::Reply> forward(const dns::Forward& question, dns::Client client,
                                    const std::shared_ptr<TcpConnection>& connection);
  void deliver(const dns::Answer& answer);
  boost::asio::awaitable<void> write_rest(std::shared_ptr<TcpConnection> connection);
  void await_upstreams();
  void await_deadline();

  boost::asio::io_context& io_;
  DnsLinks links_;
  dns::Responder responder_;
  DnsCounters& counters_;
  Report report_;
  TcpLimits limits_;
  std::vector<std::shared_ptr<TcpListener>> listeners_;
  TcpConnections connections_;
  std::vector<std::byte> response_;  // one at a time: everything here is one thread
  boost::unordered_flat_map<std::uint64_t, Waiting> waiting_;
  std::uint64_t last_waiter_ = 0;
  UpstreamService upstreams_;
  boost::asio::posix::stream_descriptor upstreams_ready_;
  boost::asio::steady_timer upstreams_timer_;
  std::optional<TimePoint> upstreams_deadline_;  // that of the timer
};

}  // namespace berth::io
