// Apple's daemons on a model kernel: mDNSResponder's DNS proxy, and launchd with bootpd. Values.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/server/binder/model/dhcp.hpp"
#include "tests/server/binder/model/digest.hpp"
#include "tests/server/binder/model/kernel.hpp"

namespace berth::binder::model {

// It binds when the first network registers, once for each protocol, and closes when the last has
// gone (facts 1.1 to 1.7).
class MdnsResponder {
 public:
  void add_network() noexcept;
  void remove_network(Kernel& kernel);
  bool wants(Protocol protocol) const noexcept;
  static Socket socket_for(Protocol protocol);  // that of IPv4
  // That of IPv4, then that of IPv6; whether it got both. REQUIRES: wants(protocol)
  bool bind(Kernel& kernel, Protocol protocol);
  bool holds(Protocol protocol) const noexcept { return of(protocol).id != 0; }
  bool holds_ipv6(Protocol protocol) const noexcept { return of(protocol).ipv6_id != 0; }
  bool is_asked() const noexcept { return networks_ != 0; }
  void add_to(Digest& digest) const;

 private:
  struct One {
    bool tried = false;
    std::uint64_t id = 0;
    std::uint64_t ipv6_id = 0;
  };
  const One& of(Protocol protocol) const noexcept {
    return protocol == Protocol::udp ? udp_ : tcp_;
  }

  unsigned networks_ = 0;
  One udp_;
  One tcp_;
};

// launchd's socket for bootpd, and bootpd as the client's server (facts 2.1 to 2.13).
class Bootpd {
 public:
  void add_network() noexcept { ++networks_; }
  void remove_network(Kernel& kernel);
  // launchd tries once, when the job is enabled.
  bool wants_socket() const noexcept { return networks_ != 0 && !tried_; }
  bool bind(Kernel& kernel);

  bool holds_socket() const noexcept { return socket_ != 0; }
  std::uint64_t socket() const noexcept { return socket_; }
  bool is_running() const noexcept { return running_; }
  bool has_withdrawn() const noexcept { return withdrawn_; }

  void start() noexcept { running_ = true; }
  // Idle for five minutes, or an address has changed: it reads its configuration again.
  void exit() noexcept;
  void on_address_change() noexcept { withdrawn_ = false; }
  std::optional<DhcpMessage> answer(const DhcpMessage& request);

  void add_to(Digest& digest) const;

 private:
  std::optional<DhcpMessage> answer_selecting(const DhcpMessage& request);

  unsigned networks_ = 0;
  bool tried_ = false;
  std::uint64_t socket_ = 0;
  bool running_ = false;
  bool withdrawn_ = false;  // DHCP is off on our link
  bool offered_ = false;
  bool binding_ = false;  // the client has the address from its pool
};

}  // namespace berth::binder::model
