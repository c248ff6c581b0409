// Whom the threads that answer DNS ask, and where these are: from the configuration and the host's
// resolvers. Upstreams is immutable and shared as const; UpstreamTable belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "protocol/net/socket_address.hpp"
#include "server/dns/forwarding.hpp"

namespace berth::io {

struct Upstreams {
  std::shared_ptr<const dns::Forwarding> forwarding;
  // By dns::UpstreamIndex; none: nobody has that index.
  std::vector<std::optional<net::SocketAddress>> servers;
  std::vector<std::string> names;  // of the same, for the log
  bool follows_host = false;       // `upstream: system`
  // Those of all names without a rule; empty: they are refused.
  std::vector<net::SocketAddress> usual;

  // Nobody.
  static std::shared_ptr<const Upstreams> none();

  // Whether one of them has this address, whatever its port.
  bool are_at(net::Ipv4Address address) const noexcept;
};

// What of a configuration is about forwarding.
struct ForwardPlan {
  config::Dns dns;
  std::vector<net::SocketAddress> ours;  // where we answer: never asked
};
ForwardPlan forward_plan(const config::Config& config);

class UpstreamTable {
 public:
  // A server keeps the index that it has; that of one that is gone stands empty once.
  // `host`: the machine's resolvers, for `upstream: system`. At most max_host_resolvers.
  std::shared_ptr<const Upstreams> make(const ForwardPlan& plan,
                                        std::span<const net::SocketAddress> host);

 private:
  using Servers = std::vector<std::optional<net::SocketAddress>>;

  static dns::UpstreamIndex place(const net::SocketAddress& server, Servers& servers,
                                  const Servers& before);

  Servers servers_;
};

}  // namespace berth::io
