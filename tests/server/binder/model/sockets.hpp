// The sockets that the facts are about, by name.
#pragma once

#include "protocol/net/ipv4.hpp"
#include "tests/server/binder/model/kernel.hpp"

namespace berth::binder::model {

inline constexpr net::Ipv4Address ours = net::Ipv4Address::from_octets(192, 168, 200, 1);
inline constexpr net::Ipv4Address second = net::Ipv4Address::from_octets(192, 168, 64, 1);
inline constexpr net::Ipv4Address loopback = net::Ipv4Address::from_octets(127, 0, 0, 1);
inline constexpr net::Ipv4Address everywhere{};
inline constexpr net::Ipv4Address to_all = net::Ipv4Address::broadcast();
// What our link has by itself.
inline const net::Ipv6Address link_local = net::Ipv6Address::parse("fe80::64").value();
inline const net::Ipv6Address everywhere_ipv6{};
inline constexpr net::Ipv4Prefix our_link{ours, 24};
inline constexpr net::Ipv4Prefix second_link{second, 24};

inline constexpr std::uint32_t root = 0;
inline constexpr std::uint32_t mdns_uid = 65;

struct SocketWords {
  bool reuse_address = false;
  bool reuse_port = false;
  bool share_uid = false;
  bool free_bind = false;
  std::uint32_t device = 0;
  std::uint32_t uid = root;
};

inline Socket socket_on(Protocol protocol, net::Ipv4Address address, std::uint16_t port,
                        SocketWords words = {}, Owner owner = Owner::rival) {
  Socket socket;
  socket.owner = owner;
  socket.uid = words.uid;
  socket.protocol = protocol;
  socket.address = address;
  socket.port = port;
  socket.reuse_address = words.reuse_address;
  socket.reuse_port = words.reuse_port;
  socket.reuse_share_uid = words.share_uid;
  socket.free_bind = words.free_bind;
  socket.device = words.device;
  return socket;
}
inline Socket udp(net::Ipv4Address address, std::uint16_t port, SocketWords words = {},
                  Owner owner = Owner::rival) {
  return socket_on(Protocol::udp, address, port, words, owner);
}
inline Socket tcp(net::Ipv4Address address, std::uint16_t port, SocketWords words = {},
                  Owner owner = Owner::rival) {
  return socket_on(Protocol::tcp, address, port, words, owner);
}

// The same of IPv6 alone.
inline Socket on_ipv6(Socket socket, const net::Ipv6Address& address) {
  socket.address = {};
  socket.ipv6_only = address;
  return socket;
}

}  // namespace berth::binder::model
