#include "tools/berth/load/reach.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "tools/berth/load/descriptor.hpp"
#include "tools/berth/load/system.hpp"

namespace berth::load {
namespace {

union Address {
  sockaddr any;
  sockaddr_in ipv4;
};

// The interface that has this address; empty: none.
std::string interface_with(std::uint32_t address) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, &::freeifaddrs);
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    sockaddr_in found{};
    std::memcpy(&found, each->ifa_addr, sizeof found);
    if (ntohl(found.sin_addr.s_addr) == address) return each->ifa_name;
  }
  return {};
}

}  // namespace

std::string interface_towards(const net::Endpoint& server) {
  if (server.address.is_loopback() || !interface_with(server.address.value).empty()) return {};
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
  Address address{};
  address.ipv4.sin_family = AF_INET;
  address.ipv4.sin_port = htons(server.port);
  address.ipv4.sin_addr.s_addr = htonl(server.address.value);
  socklen_t size = sizeof address.ipv4;
  if (::connect(socket.number(), &address.any, size) != 0) return {};
  if (::getsockname(socket.number(), &address.any, &size) != 0) return {};
  return interface_with(ntohl(address.ipv4.sin_addr.s_addr));
}

std::optional<net::Endpoint> free_loopback_port() {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
  Address address{};
  address.ipv4.sin_family = AF_INET;
  address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address.ipv4;
  if (::bind(socket.number(), &address.any, size) != 0) return std::nullopt;
  if (::getsockname(socket.number(), &address.any, &size) != 0) return std::nullopt;
  return net::Endpoint{{INADDR_LOOPBACK}, ntohs(address.ipv4.sin_port)};
}

std::optional<std::string> why_refused(const std::string& interface) {
  if (interface.empty() || !carries_default_route(interface)) return std::nullopt;
  return interface +
         " carries the default route: a load is for a lab's links; --even-default-route "
         "sends it all the same";
}

}  // namespace berth::load
