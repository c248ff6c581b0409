#include "tools/berth/load/tcp_carrier.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tools/berth/load/descriptor.hpp"
#include "tools/berth/load/message_stream.hpp"

namespace berth::load {
namespace {

constexpr int connect_patience_ms = 5000;
// Before a connection that ended is made again: whoever refuses them is not asked all the time.
constexpr Time pause = std::chrono::milliseconds(50);

union Address {
  sockaddr any;
  sockaddr_in ipv4;
};

struct Connection {
  Descriptor socket;
  MessageStream stream;
  Time again{};  // when it is to be made anew, without a socket
};

class TcpCarrier final : public Carrier {
 public:
  TcpCarrier(const net::Endpoint& server, std::uint16_t connections, const Clock& clock)
      : clock_(clock), connections_(connections), messages_(Outbox::capacity) {
    server_.ipv4.sin_family = AF_INET;
    server_.ipv4.sin_port = htons(server.port);
    server_.ipv4.sin_addr.s_addr = htonl(server.address.value);
  }

  // All of them, as at the beginning; an errno value where one is refused.
  int connect_all() {
    for (Connection& connection : connections_) {
      if (const int error = open(connection); error != 0) return error;
      pollfd made{.fd = connection.socket.number(), .events = POLLOUT, .revents = 0};
      if (::poll(&made, 1, connect_patience_ms) == 0) return ETIMEDOUT;
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(connection.socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) return error;
    }
    return 0;
  }

  void send(std::span<const Message> messages) override {
    for (const Message& message : messages) {
      Connection& connection = connections_[message.path.port];
      if (connection.socket.is_open())
        connection.stream.add(message.octets);
      else
        ++faults_.send_errors;
    }
    for (const Message& message : messages) flush(connections_[message.path.port]);
  }

  std::span<const Message> receive() override {
    reopen();
    ready_.clear();
    add_descriptors(ready_);
    if (::poll(ready_.data(), static_cast<nfds_t>(ready_.size()), 0) <= 0) return {};
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const std::size_t port = (next_ + i) % connections_.size();
      Connection& connection = connections_[port];
      if ((ready_[port].revents & POLLOUT) != 0) flush(connection);
      if ((ready_[port].revents & ~POLLOUT) == 0 || !connection.socket.is_open()) continue;
      const std::size_t count = read(connection, static_cast<std::uint16_t>(port));
      if (count == 0) continue;
      next_ = (port + 1) % connections_.size();
      return std::span(messages_).first(count);
    }
    return {};
  }

  void add_descriptors(std::vector<pollfd>& descriptors) const override {
    for (const Connection& connection : connections_) {
      const bool is_waiting = !connection.stream.unsent().empty();
      descriptors.push_back({.fd = connection.socket.number(),
                             .events = static_cast<short>(is_waiting ? POLLIN | POLLOUT : POLLIN),
                             .revents = 0});
    }
  }

  const CarrierFaults& faults() override { return faults_; }

 private:
  // Makes those that ended again, when it is time.
  void reopen() {
    if (!is_any_closed_) return;
    is_any_closed_ = false;
    const Time now = clock_.now();
    for (Connection& connection : connections_) {
      if (connection.socket.is_open()) continue;
      if (now >= connection.again)
        open(connection);
      else
        is_any_closed_ = true;
    }
  }

  // An errno value where it is refused at once; whether it comes about is known later.
  int open(Connection& connection) {
    connection.stream.clear();
    connection.socket = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
    const int on = 1;
    const int socket = connection.socket.number();
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, &server_.any, sizeof server_.ipv4) == 0 || errno == EINPROGRESS) return 0;
    const int error = errno;
    lose(connection, error);
    return error;
  }

  void lose(Connection& connection, int error) {
    ++faults_.broken;
    is_any_closed_ = true;
    if (error != 0) faults_.last_error = error;
    connection.socket = Descriptor();
    connection.stream.clear();
    connection.again = clock_.now() + pause;
  }

  void flush(Connection& connection) {
    while (connection.socket.is_open() && !connection.stream.unsent().empty()) {
      const wire::Bytes octets = connection.stream.unsent();
      const ssize_t sent = ::send(connection.socket.number(), octets.data(), octets.size(), 0);
      if (sent >= 0)
        connection.stream.sent(static_cast<std::size_t>(sent));
      else if (errno == EAGAIN || errno == ENOTCONN || errno == EINPROGRESS)
        return;
      else if (errno != EINTR)
        lose(connection, errno);
    }
  }

  // As many messages as a batch holds; the rest stays for the next time, which poll() would not
  // tell of, so no more is read than fits.
  std::size_t read(Connection& connection, std::uint16_t port) {
    std::size_t count = 0;
    const auto take = [&] {
      while (count < messages_.size()) {
        const auto message = connection.stream.next();
        if (!message) break;
        messages_[count++] = {.octets = *message, .path = {.port = port}, .at = clock_.now()};
      }
    };
    const wire::MutableBytes room = connection.stream.room();
    const std::size_t most = std::min(room.size(), messages_.size() * least_message);
    const ssize_t size = ::recv(connection.socket.number(), room.data(), most, 0);
    if (size > 0) {
      connection.stream.received(static_cast<std::size_t>(size));
      take();
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      lose(connection, size == 0 ? 0 : errno);
    }
    return count;
  }

  // A length and a header: so many octets hold one message at most.
  static constexpr std::size_t least_message = 2 + 12;

  const Clock& clock_;
  Address server_{};
  std::vector<Connection> connections_;
  std::vector<Message> messages_;
  std::vector<pollfd> ready_;
  CarrierFaults faults_;
  std::size_t next_ = 0;
  bool is_any_closed_ = false;
};

}  // namespace

expected<std::unique_ptr<Carrier>, OpenError> open_tcp(const net::Endpoint& server,
                                                       std::uint16_t connections,
                                                       const Clock& clock) {
  auto carrier = std::make_unique<TcpCarrier>(server, connections, clock);
  if (const int error = carrier->connect_all(); error != 0)
    return unexpected(OpenError{
        "connect " + net::to_string(server.address) + ':' + std::to_string(server.port), error});
  return std::unique_ptr<Carrier>(std::move(carrier));
}

}  // namespace berth::load
