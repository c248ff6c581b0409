// A kernel as far as ports, links and who hears what: the rules of XNU, or those of Linux. A value;
// a copy is another machine. The facts behind each rule are named in kernel_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/expected.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "server/binder/link_table.hpp"
#include "server/binder/recipe.hpp"

namespace berth::binder::model {

enum class System : std::uint8_t { xnu, linux_kernel };

enum class Owner : std::uint8_t { berthd, mdns_responder, launchd, rival };

struct Socket {
  Owner owner = Owner::rival;
  std::uint32_t uid = 0;
  Protocol protocol = Protocol::udp;
  net::Ipv4Address address;  // unspecified: the wildcard
  // In place of `address`, of a socket of IPv6 alone.
  std::optional<net::Ipv6Address> ipv6_only{};
  std::uint16_t port = 0;
  bool reuse_address = false;
  bool reuse_port = false;
  bool reuse_share_uid = false;  // XNU's
  bool free_bind = false;        // Linux's
  std::uint32_t device = 0;      // of SO_BINDTODEVICE on Linux; 0: none
  std::uint64_t id = 0;          // given by the kernel; a later socket has a greater one
};

// Reads the frames of one link: BPF, AF_PACKET.
struct Tap {
  Owner owner = Owner::berthd;
  std::uint32_t link = 0;
  bool attached = true;
  std::uint64_t id = 0;
};

struct NetworkLink {
  std::uint32_t index = 0;
  std::string name;
  std::vector<net::Ipv4Prefix> addresses;
  std::optional<net::Ipv6Address> link_local{};
};

enum class BindError : std::uint8_t {
  address_in_use,
  address_not_available,
  not_permitted,
  no_such_link,
};

class Kernel {
 public:
  explicit Kernel(System system) noexcept : system_(system) {}

  System system() const noexcept { return system_; }

  // Links. XNU gives a name its index back; Linux never gives an index twice.
  std::uint32_t add_link(const std::string& name);
  void remove_link(const std::string& name);
  void add_address(const std::string& name, net::Ipv4Prefix address);
  void remove_address(const std::string& name, net::Ipv4Prefix address);
  // No two links have the same.
  void set_link_local(const std::string& name, std::optional<net::Ipv6Address> address);
  const NetworkLink* link(const std::string& name) const noexcept;
  const std::vector<NetworkLink>& links() const noexcept { return links_; }
  bool is_local(net::Ipv4Address address) const noexcept;

  // Sockets; a TCP one listens.
  expected<std::uint64_t, BindError> bind(Socket socket);
  // Whether it could be bound if nobody of that owner were there.
  bool could_bind(const Socket& socket, Owner without) const;
  expected<std::uint64_t, BindError> attach(Owner owner, std::uint32_t link);
  void close(std::uint64_t id);
  const std::vector<Socket>& sockets() const noexcept { return sockets_; }
  const std::vector<Tap>& taps() const noexcept { return taps_; }
  std::uint64_t newest_id() const noexcept { return last_id_; }
  const Socket* find(std::uint64_t id) const noexcept;

  // Whom a datagram, or a connection, to that endpoint reaches; null: nobody.
  const Socket* unicast(Protocol protocol, net::Ipv4Address destination, std::uint16_t port,
                        std::uint32_t arrival) const;
  const Socket* unicast_ipv6(Protocol protocol, const net::Ipv6Address& destination,
                             std::uint16_t port) const;
  // All that get a copy, newest first.
  std::vector<const Socket*> broadcast(net::Ipv4Address destination, std::uint16_t port,
                                       std::uint32_t arrival) const;
  // All that have a share of what comes to that one, itself among them (Linux's SO_REUSEPORT).
  std::vector<const Socket*> sharers(const Socket& socket) const;
  bool hears_frames(Owner owner, std::uint32_t link) const noexcept;

  // A send with IP_PKTINFO: what it does to the socket.
  void send_with_packet_info(std::uint64_t id);
  // Options of a socket that is bound already.
  void set_device(std::uint64_t id, std::uint32_t device);
  void clear_reuse(std::uint64_t id);
  void allow_sharers(std::uint64_t id);

 private:
  bool has_broadcast_address(net::Ipv4Address address) const noexcept;
  bool has_link_local(const net::Ipv6Address& address) const noexcept;
  bool may_bind(const Socket& socket) const noexcept;
  std::optional<BindError> refusal(const Socket& socket, std::optional<Owner> without) const;

  System system_;
  std::vector<NetworkLink> links_;
  std::vector<NetworkLink> removed_;  // whose index a name gets back
  std::vector<Socket> sockets_;       // oldest first
  std::vector<Tap> taps_;
  std::uint32_t last_index_ = 4;
  std::uint64_t last_id_ = 0;
};

}  // namespace berth::binder::model
