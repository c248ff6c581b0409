#include "server/io/socket_name.hpp"

#include <netdb.h>

#include <cstring>
#include <memory>
#include <string>

namespace berth::io {
namespace {

SocketName name_of(net::Ipv4Address address, std::uint16_t port) noexcept {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address.value);
  SocketName result{.size = sizeof name};
  std::memcpy(&result.storage, &name, sizeof name);
  return result;
}

SocketName name_of(const net::Ipv6Address& address, std::uint16_t port,
                   std::uint32_t interface) noexcept {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(port);
  name.sin6_scope_id = interface;
  std::memcpy(&name.sin6_addr, address.octets.data(), address.octets.size());
  SocketName result{.size = sizeof name};
  std::memcpy(&result.storage, &name, sizeof name);
  return result;
}

// As the system reads it in an address, by name or by number; 0: there is none.
std::uint32_t index_of(const std::string& interface) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_family = AF_INET6;
  addrinfo* found = nullptr;
  if (::getaddrinfo(("fe80::1%" + interface).c_str(), nullptr, &hints, &found) != 0) return 0;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  sockaddr_in6 address{};
  std::memcpy(&address, found->ai_addr, sizeof address);
  return address.sin6_scope_id;
}

}  // namespace

SocketName socket_name(const net::SocketAddress& address) noexcept {
  if (const auto* const ipv4 = std::get_if<net::Ipv4Address>(&address.address))
    return name_of(*ipv4, address.port);
  const std::uint32_t interface = address.interface.empty() ? 0 : index_of(address.interface);
  return name_of(std::get<net::Ipv6Address>(address.address), address.port, interface);
}

SocketName any_name(int family, std::uint16_t port) noexcept {
  if (family == AF_INET) return name_of(net::Ipv4Address::any(), port);
  return name_of(net::Ipv6Address(), port, 0);
}

}  // namespace berth::io
