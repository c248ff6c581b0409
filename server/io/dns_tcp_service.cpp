#include "server/io/dns_tcp_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "server/io/dns_report.hpp"
#include "server/io/host.hpp"
#include "server/io/plain_listeners.hpp"

namespace berth::io {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t length_prefix = 2;  // RFC 1035 4.2.2
constexpr std::size_t max_message = 65535;
// Read at once; a longer message makes the buffer grow to its size.
constexpr std::size_t read_size = 2048;
// Responses gathered before they are written: what a client pipelines costs it its own patience.
constexpr std::size_t write_size = 65'536;

auto awaiting(error_code& failure) { return asio::redirect_error(asio::use_awaitable, failure); }

}  // namespace

DnsTcpService::DnsTcpService(asio::io_context& io, std::shared_ptr<const dns::Zones> zones,
                             std::shared_ptr<const Upstreams> upstreams, DnsCounters& counters,
                             Report report, TcpLimits limits)
    : io_(io),
      links_(zones),
      responder_(std::move(zones), upstreams->forwarding),
      counters_(counters),
      report_(std::move(report)),
      limits_(limits),
      connections_(io, limits, counters),
      response_(max_message),
      upstreams_(
          std::move(upstreams), counters.forward,
          [this](const dns::Answer& answer) { deliver(answer); },
          [this](std::string_view server, bool answers) {
            if (report_) report_(UpstreamChanged{server, answers}, /*is_of_datagram=*/false);
          }),
      upstreams_ready_(io, upstreams_.descriptor()),
      upstreams_timer_(io) {
  await_upstreams();
}

DnsTcpService::~DnsTcpService() { upstreams_ready_.release(); }  // the service owns it

void DnsTcpService::listen(binder::Opened&& opened) {
  const bool is_ipv6 = opened.role == binder::Role::dns_tcp_ipv6;
  if (!is_ipv6) links_.add(opened.address, opened.link.index);
  tcp::acceptor acceptor(io_, is_ipv6 ? tcp::v6() : tcp::v4(), opened.socket.release());
  add({opened.address, opened.role, std::move(acceptor), asio::steady_timer(io_), {}});
}

void DnsTcpService::listen_plain(const net::SocketAddress& address, binder::FileDescriptor socket) {
  const bool is_ipv6 = std::holds_alternative<net::Ipv6Address>(address.address);
  tcp::acceptor acceptor(io_, is_ipv6 ? tcp::v6() : tcp::v4(), socket.release());
  add({{}, {}, std::move(acceptor), asio::steady_timer(io_), address});
}

void DnsTcpService::add(TcpListener&& listener) {
  const auto added = std::make_shared<TcpListener>(std::move(listener));
  listeners_.push_back(added);
  asio::co_spawn(io_, accept(added), asio::detached);
}

void DnsTcpService::close(const binder::Closed& closed) {
  if (closed.role == binder::Role::dns_tcp) links_.remove(closed.address);
  close_those([&](const TcpListener& listener) { return listener.is(closed); });
}

void DnsTcpService::close_plain(const net::SocketAddress& address) {
  close_those([&](const TcpListener& listener) { return listener.plain == address; });
}

template <class Predicate>
void DnsTcpService::close_those(Predicate is_one) {
  std::erase_if(listeners_, [&](const auto& listener) {
    if (!is_one(*listener)) return false;
    listener->close();
    return true;
  });
  connections_.hang_up_those([&](const TcpConnection& one) { return is_one(*one.listener); });
}

void DnsTcpService::replace_zones(std::shared_ptr<const dns::Zones> zones) {
  links_.replace_zones(zones);
  responder_.replace_zones(std::move(zones));
}

void DnsTcpService::replace_upstreams(std::shared_ptr<const Upstreams> upstreams) {
  responder_.replace_forwarding(upstreams->forwarding);
  upstreams_.replace_upstreams(std::move(upstreams), now());
  await_deadline();
}

void DnsTcpService::await_upstreams() {
  upstreams_ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                              [this](error_code failure) {
                                if (failure) return;
                                upstreams_.on_readable(now());
                                upstreams_.publish_counts();
                                await_deadline();
                                await_upstreams();
                              });
}

void DnsTcpService::await_deadline() {
  const auto next = upstreams_.next_deadline();
  if (next == upstreams_deadline_) return;
  upstreams_deadline_ = next;
  upstreams_timer_.cancel();
  if (!next) return;
  upstreams_timer_.expires_after(std::max(*next - now(), TimePoint::duration::zero()));
  upstreams_timer_.async_wait([this](error_code failure) {
    if (failure) return;
    upstreams_deadline_.reset();
    upstreams_.on_timer(now());
    upstreams_.publish_counts();
    await_deadline();
  });
}

asio::awaitable<void> DnsTcpService::accept(std::shared_ptr<TcpListener> listener) {
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
    const auto connection = std::make_shared<TcpConnection>(std::move(socket), listener, peer);
    connections_.admit(connection);
    asio::co_spawn(io_, serve(connection), asio::detached);
  }
}

asio::awaitable<void> DnsTcpService::serve(std::shared_ptr<TcpConnection> connection) {
  error_code failure;
  while (!failure) {
    if (connection->input.size() < connection->filled + read_size) {
      connection->input.resize(connection->filled + read_size);
    }
    const auto room = asio::buffer(connection->input) + connection->filled;
    connection->filled += co_await connection->socket.async_read_some(room, awaiting(failure));
    // What arrived is answered even when the client has closed its side already.
    if (!co_await answer_all(connection)) {
      connection->hang_up();
      break;
    }
    // A message that has begun has `transfer` for the rest, however its octets trickle.
    if (connection->filled == 0) {
      connection->expect(limits_.idle);
    } else if (!connection->partial) {
      connection->expect(limits_.transfer);
    }
    connection->partial = connection->filled != 0;
  }
  // Who has closed its side still reads; who has reset the connection does not.
  if (failure && failure != asio::error::eof) connection->hang_up();
  while (connection->socket.is_open() && (connection->waiting != 0 || connection->writing))
    co_await connection->news.async_wait(awaiting(failure));
  connection->hang_up();
  connections_.remove(connection);
}

// Answers and writes in turn until no whole message is left; false to hang up.
asio::awaitable<bool> DnsTcpService::answer_all(std::shared_ptr<TcpConnection> connection) {
  for (;;) {
    const bool go_on = answer(connection);
    const auto is_full = [&] { return connection->waiting >= limits_.waiting; };
    if (connection->output.empty() && !connection->writing && (!go_on || !is_full()))
      co_return go_on;
    if (!connection->output.empty() && !connection->writing) {
      connection->writing = true;
      co_await write_rest(connection);
    }
    // Whoever waits for other servers does not delay what it has sent itself.
    if (!connection->writing && is_full()) connection->expect(limits_.idle);
    error_code ignored;
    while ((connection->writing || (go_on && is_full())) && connection->socket.is_open())
      co_await connection->news.async_wait(awaiting(ignored));
    if (!connection->socket.is_open() || !go_on) co_return false;
  }
}

// REQUIRES: connection->writing, for this alone
asio::awaitable<void> DnsTcpService::write_rest(std::shared_ptr<TcpConnection> connection) {
  error_code failure;
  while (!failure && !connection->output.empty()) {
    if (!connection->partial) connection->expect(limits_.transfer);
    connection->written.swap(connection->output);
    co_await asio::async_write(connection->socket, asio::buffer(connection->written),
                               awaiting(failure));
    connection->written.clear();
    if (connection->written.capacity() > write_size) connection->written = {};
    connections_.count_unread(*connection);
  }
  connection->writing = false;
  if (failure) {
    connection->hang_up();
  } else if (!connection->partial) {
    connection->expect(limits_.idle);
  }
  connection->news.cancel();
}

std::optional<dns::Reply> DnsTcpService::forward(const dns::Forward& question, dns::Client client,
                                                 const std::shared_ptr<TcpConnection>& connection) {
  client.is_upstream = upstreams_.upstreams()->are_at(client.source.address);
  const dns::WaiterId waiter{++last_waiter_};
  waiting_.emplace(last_waiter_, Waiting{connection, client, question.question.qname.to_name()});
  ++connection->waiting;
  auto known = upstreams_.ask(question, client, waiter, now(), response_);
  if (known) {
    known->qname = question.question.qname;
    waiting_.erase(static_cast<std::uint64_t>(waiter));
    --connection->waiting;
  }
  counters_.waiting.set(waiting_.size());
  upstreams_.publish_counts();
  await_deadline();
  return known;
}

// Responses come as they are known, not in the order of the queries (RFC 7766 7).
void DnsTcpService::deliver(const dns::Answer& answer) {
  const auto found = waiting_.find(static_cast<std::uint64_t>(answer.waiter));
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  counters_.waiting.set(waiting_.size());
  count(counters_, answer.reply);
  if (report_)
    report_(describe(answer.reply, waiting.qname, waiting.client), /*is_of_datagram=*/true);
  const auto connection = waiting.connection.lock();
  if (connection) --connection->waiting;
  if (!connection || !connection->socket.is_open()) {
    counters_.undelivered.add();
    return;
  }
  connections_.append(*connection, answer.reply.payload);
  if (!connection->socket.is_open()) return counters_.undelivered.add();
  if (connection->writing) return;
  connection->writing = true;
  asio::co_spawn(io_, write_rest(connection), asio::detached);
}

dns::Client DnsTcpService::client_of(const TcpConnection& connection) const {
  dns::Client client{.source = connection.peer,
                     .transport = dns::Transport::tcp,
                     .network = links_.network_of(connection.peer.address),
                     .is_host = links_.is_host(connection.peer.address),
                     .ipv6 = connection.ipv6};
  const TcpListener& listener = *connection.listener;
  if (connection.ipv6) {
    client.network = listener.plain ? dns::no_network : links_.network_at(listener.address);
    client.is_host = false;
  }
  if (listener.plain && is_own(*listener.plain, connection.peer.address, connection.ipv6))
    client.is_host = true;
  return client;
}

bool DnsTcpService::answer(const std::shared_ptr<TcpConnection>& shared) {
  TcpConnection& connection = *shared;
  const dns::Client client = client_of(connection);
  std::size_t at = 0;
  bool go_on = true;
  while (go_on && connection.filled - at >= length_prefix) {
    const wire::Bytes rest = wire::Bytes(connection.input).subspan(at, connection.filled - at);
    const std::size_t size = wire::load_u16(rest, 0);
    if (rest.size() < length_prefix + size || connection.unread() > write_size ||
        connection.waiting >= limits_.waiting)
      break;

    counters_.received.add();
    dns::Outcome outcome = responder_.handle(rest.subspan(length_prefix, size), client, response_);
    if (const auto* const question = std::get_if<dns::Forward>(&outcome))
      if (const auto known = forward(*question, client, shared)) outcome = *known;
    count(counters_, outcome);
    if (const auto* reply = std::get_if<dns::Reply>(&outcome)) {
      connections_.append(connection, reply->payload);
      go_on = connection.socket.is_open();
    } else if (std::holds_alternative<dns::Drop>(outcome)) {
      go_on = false;  // no DNS client: nothing more to say to it
    }
    if (report_ && !std::holds_alternative<dns::Forward>(outcome))
      report_(describe(outcome, client), /*is_of_datagram=*/true);
    connection.last_query = TcpConnection::Clock::now();
    connection.partial = false;
    at += length_prefix + size;
  }
  std::copy(connection.input.begin() + static_cast<std::ptrdiff_t>(at),
            connection.input.begin() + static_cast<std::ptrdiff_t>(connection.filled),
            connection.input.begin());
  connection.filled -= at;
  return go_on;
}

}  // namespace berth::io
