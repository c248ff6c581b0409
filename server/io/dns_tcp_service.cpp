#include "server/io/dns_tcp_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "server/io/dns_report.hpp"

namespace berth::io {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

namespace {

constexpr std::size_t length_prefix = 2;  // RFC 1035 4.2.2
constexpr std::size_t max_message = 65535;
// Read at once; a longer message makes the buffer grow to its size.
constexpr std::size_t read_size = 2048;
// Responses gathered before they are written: what a client pipelines costs it its own patience.
constexpr std::size_t write_size = 65'536;

auto awaiting(error_code& failure) { return asio::redirect_error(asio::use_awaitable, failure); }

net::Endpoint endpoint_of(const tcp::endpoint& endpoint) {
  return {{endpoint.address().to_v4().to_uint()}, endpoint.port()};
}

}  // namespace

struct DnsTcpService::Listener {
  net::Ipv4Address address;
  tcp::acceptor acceptor;
  asio::steady_timer pause;  // after an accept() that failed for want of descriptors
};

struct DnsTcpService::Connection {
  Connection(tcp::socket connected, net::Ipv4Address at, net::Endpoint from)
      : socket(std::move(connected)), listener(at), peer(from) {}

  void expect(std::chrono::seconds within) { deadline = std::min(Clock::now() + within, end); }
  void hang_up() {
    error_code ignored;
    socket.close(ignored);
  }

  tcp::socket socket;
  net::Ipv4Address listener;
  net::Endpoint peer;
  std::vector<std::byte> input;  // the first `filled` octets are unanswered
  std::size_t filled = 0;
  bool partial = false;  // a message has begun, and its deadline is set
  std::vector<std::byte> output;
  Clock::time_point last_query = Clock::now();
  Clock::time_point deadline{};  // hung up on when it passes
  Clock::time_point end{};
};

DnsTcpService::DnsTcpService(asio::io_context& io, std::shared_ptr<const dns::Zones> zones,
                             DnsCounters& counters, Report report, TcpLimits limits)
    : io_(io),
      links_(zones),
      responder_(std::move(zones)),
      counters_(counters),
      report_(std::move(report)),
      limits_(limits),
      sweep_timer_(io),
      response_(max_message) {}

DnsTcpService::~DnsTcpService() = default;

void DnsTcpService::listen(net::Ipv4Address address, std::uint32_t interface,
                           binder::FileDescriptor socket) {
  links_.add(address, interface);
  auto listener = std::make_shared<Listener>(
      Listener{address, tcp::acceptor(io_, tcp::v4(), socket.release()), asio::steady_timer(io_)});
  listeners_.push_back(listener);
  asio::co_spawn(io_, accept(std::move(listener)), asio::detached);
}

void DnsTcpService::close(net::Ipv4Address address) {
  links_.remove(address);
  std::erase_if(listeners_, [&](const auto& listener) {
    if (listener->address != address) return false;
    error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
    return true;
  });
  for (const auto& connection : connections_) {
    if (connection->listener == address) connection->hang_up();
  }
}

void DnsTcpService::replace_zones(std::shared_ptr<const dns::Zones> zones) {
  links_.replace_zones(zones);
  responder_.replace_zones(std::move(zones));
}

asio::awaitable<void> DnsTcpService::accept(std::shared_ptr<Listener> listener) {
  while (listener->acceptor.is_open()) {
    error_code failure;
    tcp::endpoint peer;
    tcp::socket socket = co_await listener->acceptor.async_accept(peer, awaiting(failure));
    if (!listener->acceptor.is_open()) co_return;
    if (failure) {
      // Out of descriptors, or the client is gone already: neither may become a busy loop.
      counters_.receive_failures.add();
      listener->pause.expires_after(std::chrono::milliseconds(50));
      co_await listener->pause.async_wait(awaiting(failure));
      continue;
    }
    admit(std::make_shared<Connection>(std::move(socket), listener->address, endpoint_of(peer)));
  }
}

void DnsTcpService::admit(std::shared_ptr<Connection> connection) {
  make_room_for(connection->peer.address);
  connection->end = Clock::now() + limits_.lifetime;
  connection->expect(limits_.idle);
  connections_.push_back(connection);
  if (connections_.size() == 1) sweep();
  asio::co_spawn(io_, serve(std::move(connection)), asio::detached);
}

// Who has the most connections pays for the next one: a client with a few loses none to another
// with many addresses. Whoever comes is counted with what it would have.
void DnsTcpService::make_room_for(net::Ipv4Address newcomer) {
  boost::unordered_flat_map<std::uint32_t, std::size_t> held;
  for (const auto& connection : connections_) ++held[connection->peer.address.value];
  const std::size_t own = ++held[newcomer.value];
  if (own > limits_.connections_per_client) {
    evict_longest_idle([&](const Connection& one) { return one.peer.address == newcomer; });
  } else if (connections_.size() >= limits_.connections) {
    const std::size_t most =
        std::ranges::max_element(held, {}, [](const auto& entry) { return entry.second; })->second;
    evict_longest_idle([&](const Connection& one) { return held[one.peer.address.value] == most; });
  }
}

template <class Predicate>
void DnsTcpService::evict_longest_idle(Predicate eligible) {
  auto oldest = connections_.end();
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    if (!eligible(**at)) continue;
    if (oldest == connections_.end() || (*at)->last_query < (*oldest)->last_query) oldest = at;
  }
  if (oldest == connections_.end()) return;
  (*oldest)->hang_up();
  connections_.erase(oldest);
}

asio::awaitable<void> DnsTcpService::serve(std::shared_ptr<Connection> connection) {
  error_code failure;
  while (!failure) {
    if (connection->input.size() < connection->filled + read_size) {
      connection->input.resize(connection->filled + read_size);
    }
    const auto room = asio::buffer(connection->input) + connection->filled;
    connection->filled += co_await connection->socket.async_read_some(room, awaiting(failure));
    // What arrived is answered even when the client has closed its side already.
    if (!co_await answer_all(*connection)) break;
    // A message that has begun has `transfer` for the rest, however its octets trickle.
    if (connection->filled == 0) {
      connection->expect(limits_.idle);
    } else if (!connection->partial) {
      connection->expect(limits_.transfer);
    }
    connection->partial = connection->filled != 0;
  }
  connection->hang_up();
  connections_.remove(connection);
}

// Answers and writes in turn until no whole message is left; false to hang up.
asio::awaitable<bool> DnsTcpService::answer_all(Connection& connection) {
  for (;;) {
    const bool go_on = answer(connection);
    if (connection.output.empty()) co_return go_on;
    connection.expect(limits_.transfer);
    error_code failure;
    co_await asio::async_write(connection.socket, asio::buffer(connection.output),
                               awaiting(failure));
    connection.output.clear();
    if (failure || !go_on) co_return false;
  }
}

bool DnsTcpService::answer(Connection& connection) {
  const dns::Client client{
      .source = connection.peer,
      .transport = dns::Transport::tcp,
      .network = links_.network_of(connection.peer.address),
      .is_host = links_.is_host(connection.peer.address),
  };
  std::size_t at = 0;
  bool go_on = true;
  while (go_on && connection.filled - at >= length_prefix) {
    const wire::Bytes rest = wire::Bytes(connection.input).subspan(at, connection.filled - at);
    const std::size_t size = wire::load_u16(rest, 0);
    if (rest.size() < length_prefix + size || connection.output.size() > write_size) break;

    counters_.received.add();
    const dns::Outcome outcome =
        responder_.handle(rest.subspan(length_prefix, size), client, response_);
    count(counters_, outcome);
    if (report_) report_(outcome, client);
    if (const auto* reply = std::get_if<dns::Reply>(&outcome)) {
      const auto length = static_cast<std::uint16_t>(reply->payload.size());
      connection.output.push_back(std::byte{static_cast<std::uint8_t>(length >> 8)});
      connection.output.push_back(std::byte{static_cast<std::uint8_t>(length)});
      connection.output.insert(connection.output.end(), reply->payload.begin(),
                               reply->payload.end());
    } else {
      go_on = false;  // no DNS client: nothing more to say to it
    }
    connection.last_query = Clock::now();
    connection.partial = false;
    at += length_prefix + size;
  }
  std::copy(connection.input.begin() + static_cast<std::ptrdiff_t>(at),
            connection.input.begin() + static_cast<std::ptrdiff_t>(connection.filled),
            connection.input.begin());
  connection.filled -= at;
  return go_on;
}

// Once a second as long as there are connections: cheaper than a timer for each.
void DnsTcpService::sweep() {
  sweep_timer_.expires_after(std::chrono::seconds(1));
  sweep_timer_.async_wait([this](error_code failure) {
    if (failure) return;
    const auto now = Clock::now();
    for (const auto& connection : connections_) {
      if (connection->deadline < now) connection->hang_up();
    }
    if (!connections_.empty()) sweep();
  });
}

}  // namespace berth::io
