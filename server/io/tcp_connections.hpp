// The connections of DNS over TCP (RFC 7766), and who of them makes room for the next: an address
// may hold so many, all together so many; whoever comes next takes the place of the one idle
// longest, of its own address or of that which holds the most. By IPv6 a machine has as many
// addresses on a link as it likes, so that all who come there by it count for one. What clients do
// not read is bounded in the same way. Belongs to one thread; only the counters may be read from
// another.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/endpoint.hpp"
#include "server/io/counters.hpp"

namespace berth::io {

struct TcpLimits {
  std::size_t connections = 256;
  std::size_t connections_per_client = 32;
  std::size_t waiting = 64;  // queries of a connection that other servers are asked, at once
  // Octets of responses that clients have not taken: of a connection, of all.
  std::size_t output = std::size_t{256} << 10;
  std::size_t output_of_all = std::size_t{8} << 20;
  std::chrono::seconds idle{10};     // between two messages
  std::chrono::seconds transfer{5};  // for the rest of a message, and for writing responses
  std::chrono::seconds lifetime{120};
};

struct TcpListener {
  bool is(const binder::Closed& closed) const noexcept {
    return !plain && address == closed.address && role == closed.role;
  }
  void close();

  net::Ipv4Address address;
  binder::Role role;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer pause;          // after an accept() that failed for want of descriptors
  std::optional<net::SocketAddress> plain;  // instead of address and role
};

struct TcpConnection {
  using Clock = std::chrono::steady_clock;

  TcpConnection(boost::asio::ip::tcp::socket connected, std::shared_ptr<const TcpListener> at,
                const boost::asio::ip::tcp::endpoint& from);

  // Whose connection it counts for: a client's, by its address, or that of all who come by IPv6.
  std::uint64_t account() const noexcept;
  // Something must happen within that time.
  void expect(std::chrono::seconds within) { deadline = std::min(Clock::now() + within, end); }
  void hang_up();
  // To what is to be written, behind its length (RFC 1035 4.2.2).
  void append(wire::Bytes response);
  // Octets that wait for the client to read.
  std::size_t unread() const noexcept { return output.size() + written.size(); }

  boost::asio::ip::tcp::socket socket;
  std::shared_ptr<const TcpListener> listener;
  net::Endpoint peer;
  std::optional<net::Ipv6Address> ipv6;
  std::vector<std::byte> input;  // the first `filled` octets are unanswered
  std::size_t filled = 0;
  bool partial = false;            // a message has begun, and its deadline is set
  std::vector<std::byte> output;   // to be written
  std::vector<std::byte> written;  // now
  std::size_t counted = 0;         // of unread(), in the sum of all
  bool writing = false;
  std::size_t waiting = 0;         // for what other servers say
  boost::asio::steady_timer news;  // cancelled when something was written, or it was hung up on
  Clock::time_point last_query = Clock::now();
  Clock::time_point deadline{};  // hung up on when it passes
  Clock::time_point end{};
};

class TcpConnections {
 public:
  TcpConnections(boost::asio::io_context& io, const TcpLimits& limits, DnsCounters& counters)
      : limits_(limits), counters_(counters), sweep_timer_(io) {}

  // May hang up on another.
  void admit(const std::shared_ptr<TcpConnection>& connection);
  void remove(const std::shared_ptr<TcpConnection>& connection);
  // A response to be written. May hang up, on that connection or another: on one of which too much
  // is unread, or on the largest of the client that leaves the most unread of all.
  void append(TcpConnection& connection, wire::Bytes response);
  // After what was written of it has been taken away.
  void count_unread(TcpConnection& connection) noexcept;
  template <class Predicate>
  void hang_up_those(Predicate is_one) {
    for (const auto& connection : connections_)
      if (is_one(*connection)) connection->hang_up();
  }
  std::size_t size() const noexcept { return connections_.size(); }

 private:
  void make_room_for(const TcpConnection& newcomer);
  void hang_up_on_unread(TcpConnection& connection);
  TcpConnection* most_unread() const;
  // Of the connections that `eligible` is true of.
  template <class Predicate>
  void evict_longest_idle(Predicate eligible);
  void sweep();

  TcpLimits limits_;
  DnsCounters& counters_;
  std::list<std::shared_ptr<TcpConnection>> connections_;
  std::size_t unread_ = 0;  // octets, of all
  boost::asio::steady_timer sweep_timer_;
};

}  // namespace berth::io
