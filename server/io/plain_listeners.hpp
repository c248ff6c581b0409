// The sockets of `dns.listen`: plain ones, on addresses of this machine that are no network's.
// Those that cannot be opened are tried again, for as long as they are wanted. Belongs to the
// control thread's io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/net/socket_address.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::io {

// Whether nobody but this machine can have sent from there to our socket at `ours`: the system
// takes a source that is its own, or the loopback, from nowhere else.
bool is_own(const net::SocketAddress& ours, net::Ipv4Address source,
            const std::optional<net::Ipv6Address>& ipv6) noexcept;

class PlainListeners {
 public:
  struct Sockets {
    net::SocketAddress address;
    binder::FileDescriptor udp;
    binder::FileDescriptor tcp;  // it listens
  };
  struct Callbacks {
    std::function<void(Sockets&&)> opened;
    std::function<void(const net::SocketAddress&)> closed;
    // Once, until it succeeds.
    std::function<void(const net::SocketAddress&, const std::string& why)> failed;
  };

  PlainListeners(boost::asio::io_context& io, Callbacks callbacks);

  // These from now on, and no others.
  void want(const std::vector<net::SocketAddress>& addresses);

 private:
  struct Entry {
    net::SocketAddress address;
    bool is_open = false;
    bool has_failed = false;
  };

  void open_all();

  Callbacks callbacks_;
  std::vector<Entry> entries_;
  boost::asio::steady_timer again_;
};

}  // namespace berth::io
