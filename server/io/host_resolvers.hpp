// The machine's own resolvers, as they change: VPNs, sleep and DHCP clients write resolv.conf anew.
// Belongs to the control thread's io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/net/socket_address.hpp"
#include "server/io/file_watch.hpp"

namespace berth::io {

class HostResolvers {
 public:
  // `changed` is called when servers() has become another list.
  HostResolvers(boost::asio::io_context& io, std::string path, std::function<void()> changed);
  ~HostResolvers();
  HostResolvers(const HostResolvers&) = delete;
  HostResolvers& operator=(const HostResolvers&) = delete;

  // Starts to follow the file; before that servers() is what it said when this was made.
  void follow();
  const std::vector<net::SocketAddress>& servers() const noexcept { return servers_; }

 private:
  void await_change();
  void look();
  void look_again();  // later, where nothing tells of changes
  void take(std::vector<net::SocketAddress> servers);

  boost::asio::io_context& io_;
  std::string path_;
  std::function<void()> changed_;
  std::vector<net::SocketAddress> servers_;
  std::optional<FileWatch> watch_;
  std::optional<boost::asio::posix::stream_descriptor> descriptor_;
  boost::asio::steady_timer timer_;
};

}  // namespace berth::io
