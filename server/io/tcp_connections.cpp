#include "server/io/tcp_connections.hpp"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <span>
#include <utility>

namespace berth::io {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

net::Endpoint endpoint_of(const tcp::endpoint& endpoint) {
  if (endpoint.address().is_v6()) return {{}, endpoint.port()};
  return {{endpoint.address().to_v4().to_uint()}, endpoint.port()};
}

std::optional<net::Ipv6Address> ipv6_of(const tcp::endpoint& endpoint) {
  if (!endpoint.address().is_v6()) return std::nullopt;
  const auto octets = endpoint.address().to_v6().to_bytes();
  return net::Ipv6Address::from_bytes(std::as_bytes(std::span(octets)));
}

}  // namespace

void TcpListener::close() {
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
}

TcpConnection::TcpConnection(tcp::socket connected, std::shared_ptr<const TcpListener> at,
                             const tcp::endpoint& from)
    : socket(std::move(connected)),
      listener(std::move(at)),
      peer(endpoint_of(from)),
      ipv6(ipv6_of(from)),
      news(socket.get_executor(), Clock::time_point::max()) {}

std::uint64_t TcpConnection::account() const noexcept {
  constexpr std::uint64_t by_ipv6 = std::uint64_t{1} << 32;
  return ipv6 ? by_ipv6 | listener->address.value : peer.address.value;
}

void TcpConnection::hang_up() {
  error_code ignored;
  socket.close(ignored);
  output = {};
  news.cancel();
}

void TcpConnection::append(wire::Bytes response) {
  const auto length = static_cast<std::uint16_t>(response.size());
  output.push_back(std::byte{static_cast<std::uint8_t>(length >> 8)});
  output.push_back(std::byte{static_cast<std::uint8_t>(length)});
  output.insert(output.end(), response.begin(), response.end());
}

void TcpConnections::admit(const std::shared_ptr<TcpConnection>& connection) {
  make_room_for(*connection);
  connection->end = TcpConnection::Clock::now() + limits_.lifetime;
  connection->expect(limits_.idle);
  connections_.push_back(connection);
  if (connections_.size() == 1) sweep();
}

// Who has the most connections pays for the next one: a client with a few loses none to another
// with many addresses. Whoever comes is counted with what it would have.
void TcpConnections::make_room_for(const TcpConnection& newcomer) {
  boost::unordered_flat_map<std::uint64_t, std::size_t> held;
  for (const auto& connection : connections_) ++held[connection->account()];
  const std::size_t own = ++held[newcomer.account()];
  if (own > limits_.connections_per_client) {
    evict_longest_idle(
        [&](const TcpConnection& one) { return one.account() == newcomer.account(); });
  } else if (connections_.size() >= limits_.connections) {
    const std::size_t most =
        std::ranges::max_element(held, {}, [](const auto& entry) { return entry.second; })->second;
    evict_longest_idle([&](const TcpConnection& one) { return held[one.account()] == most; });
  }
}

template <class Predicate>
void TcpConnections::evict_longest_idle(Predicate eligible) {
  auto oldest = connections_.end();
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    if (!eligible(**at)) continue;
    if (oldest == connections_.end() || (*at)->last_query < (*oldest)->last_query) oldest = at;
  }
  if (oldest == connections_.end()) return;
  if ((*oldest)->socket.is_open()) counters_.evicted.add();
  (*oldest)->hang_up();
  connections_.erase(oldest);
}

void TcpConnections::remove(const std::shared_ptr<TcpConnection>& connection) {
  count_unread(*connection);
  connections_.remove(connection);
}

void TcpConnections::append(TcpConnection& connection, wire::Bytes response) {
  if (connection.unread() + response.size() > limits_.output) return hang_up_on_unread(connection);
  connection.append(response);
  count_unread(connection);
  while (unread_ > limits_.output_of_all) {
    TcpConnection* const most = most_unread();
    if (most == nullptr) return;
    hang_up_on_unread(*most);
  }
}

void TcpConnections::count_unread(TcpConnection& connection) noexcept {
  const std::size_t unread = connection.socket.is_open() ? connection.unread() : 0;
  unread_ += unread - connection.counted;
  connection.counted = unread;
}

void TcpConnections::hang_up_on_unread(TcpConnection& connection) {
  counters_.unread.add();
  connection.hang_up();
  count_unread(connection);
}

TcpConnection* TcpConnections::most_unread() const {
  boost::unordered_flat_map<std::uint64_t, std::size_t> of_account;
  for (const auto& connection : connections_)
    of_account[connection->account()] += connection->counted;
  TcpConnection* most = nullptr;
  const auto rank = [&](const TcpConnection& one) {
    return std::pair(of_account[one.account()], one.counted);
  };
  for (const auto& connection : connections_)
    if (connection->counted > 0 && (most == nullptr || rank(*connection) > rank(*most)))
      most = connection.get();
  return most;
}

// Once a second as long as there are connections: cheaper than a timer for each.
void TcpConnections::sweep() {
  sweep_timer_.expires_after(std::chrono::seconds(1));
  sweep_timer_.async_wait([this](error_code failure) {
    if (failure) return;
    const auto now = TcpConnection::Clock::now();
    for (const auto& connection : connections_) {
      if (connection->deadline >= now || !connection->socket.is_open()) continue;
      counters_.expired.add();
      connection->hang_up();
    }
    if (!connections_.empty()) sweep();
  });
}

}  // namespace berth::io
