#include "tests/server/binder/model/kernel.hpp"

#include <algorithm>

#include "server/binder/port_conflict.hpp"

namespace berth::binder::model {
namespace {

bool overlap(net::Ipv4Address one, net::Ipv4Address other) noexcept {
  return one.is_unspecified() || other.is_unspecified() || one == other;
}

bool is_on_wildcard(const Socket& socket) noexcept {
  return socket.ipv6_only ? socket.ipv6_only->is_unspecified() : socket.address.is_unspecified();
}

// A Linux socket hears the device it was given, by index, and no other.
bool hears(const Socket& socket, std::uint32_t arrival) noexcept {
  return socket.device == 0 || socket.device == arrival;
}

PortUser port_user(const Socket& socket) noexcept {
  return {.uid = socket.uid,
          .protocol = socket.protocol,
          .address = socket.address,
          .ipv6_only = socket.ipv6_only,
          .reuse_address = socket.reuse_address,
          .reuse_port = socket.reuse_port,
          .reuse_share_uid = socket.reuse_share_uid,
          .device = socket.device};
}

}  // namespace

std::uint32_t Kernel::add_link(const std::string& name) {
  const auto before = std::ranges::find(removed_, name, &NetworkLink::name);
  const bool same_index = system_ == System::xnu && before != removed_.end();
  links_.push_back({same_index ? before->index : ++last_index_, name, {}, {}});
  if (before != removed_.end()) removed_.erase(before);
  return links_.back().index;
}

void Kernel::remove_link(const std::string& name) {
  const auto gone = std::ranges::find(links_, name, &NetworkLink::name);
  if (gone == links_.end()) return;
  for (Tap& tap : taps_)
    if (tap.link == gone->index) tap.attached = false;
  gone->addresses.clear();
  gone->link_local.reset();
  removed_.push_back(*gone);
  links_.erase(gone);
}

void Kernel::add_address(const std::string& name, net::Ipv4Prefix address) {
  std::ranges::find(links_, name, &NetworkLink::name)->addresses.push_back(address);
}

void Kernel::remove_address(const std::string& name, net::Ipv4Prefix address) {
  std::erase(std::ranges::find(links_, name, &NetworkLink::name)->addresses, address);
}

void Kernel::set_link_local(const std::string& name, std::optional<net::Ipv6Address> address) {
  std::ranges::find(links_, name, &NetworkLink::name)->link_local = address;
}

const NetworkLink* Kernel::link(const std::string& name) const noexcept {
  const auto found = std::ranges::find(links_, name, &NetworkLink::name);
  return found == links_.end() ? nullptr : &*found;
}

bool Kernel::is_local(net::Ipv4Address address) const noexcept {
  return address.is_loopback() || std::ranges::any_of(links_, [address](const NetworkLink& link) {
           return std::ranges::find(link.addresses, address, &net::Ipv4Prefix::address) !=
                  link.addresses.end();
         });
}

bool Kernel::has_broadcast_address(net::Ipv4Address address) const noexcept {
  return std::ranges::any_of(links_, [address](const NetworkLink& link) {
    return std::ranges::any_of(link.addresses, [address](const net::Ipv4Prefix& prefix) {
      return prefix.broadcast() == address;
    });
  });
}

bool Kernel::has_link_local(const net::Ipv6Address& address) const noexcept {
  return std::ranges::find(links_, address, &NetworkLink::link_local) != links_.end();
}

bool Kernel::may_bind(const Socket& socket) const noexcept {
  const net::Ipv4Address address = socket.address;
  if (system_ == System::xnu && links_.empty()) return false;  // no address at all
  if (socket.ipv6_only) return is_on_wildcard(socket) || has_link_local(*socket.ipv6_only);
  if (address.is_unspecified() || is_local(address) || has_broadcast_address(address)) return true;
  return system_ == System::linux_kernel && (socket.free_bind || address.is_limited_broadcast());
}

std::optional<BindError> Kernel::refusal(const Socket& socket, std::optional<Owner> without) const {
  const bool is_privileged =
      socket.port < 1024 && (system_ == System::linux_kernel || !is_on_wildcard(socket));
  if (is_privileged && socket.uid != 0) return BindError::not_permitted;
  if (!may_bind(socket)) return BindError::address_not_available;
  const auto conflicts = system_ == System::xnu ? conflicts_on_darwin : conflicts_on_linux;
  for (const Socket& holder : sockets_)
    if (holder.protocol == socket.protocol && holder.port == socket.port &&
        holder.owner != without && conflicts(port_user(holder), port_user(socket)))
      return BindError::address_in_use;
  return std::nullopt;
}

expected<std::uint64_t, BindError> Kernel::bind(Socket socket) {
  if (system_ == System::xnu) socket.device = 0;  // it scopes what is sent, and nothing else
  if (const auto error = refusal(socket, std::nullopt)) return unexpected(*error);
  socket.id = ++last_id_;
  sockets_.push_back(socket);
  return socket.id;
}

bool Kernel::could_bind(const Socket& socket, Owner without) const {
  return !refusal(socket, without);
}

expected<std::uint64_t, BindError> Kernel::attach(Owner owner, std::uint32_t link) {
  if (std::ranges::find(links_, link, &NetworkLink::index) == links_.end())
    return unexpected(BindError::no_such_link);
  taps_.push_back({owner, link, true, ++last_id_});
  return last_id_;
}

void Kernel::close(std::uint64_t id) {
  std::erase_if(sockets_, [id](const Socket& socket) { return socket.id == id; });
  std::erase_if(taps_, [id](const Tap& tap) { return tap.id == id; });
}

const Socket* Kernel::find(std::uint64_t id) const noexcept {
  const auto found = std::ranges::find(sockets_, id, &Socket::id);
  return found == sockets_.end() ? nullptr : &*found;
}

// Specific before wildcard on both systems; among wildcards one of the link's own before others on
// Linux; among equals the newest.
const Socket* Kernel::unicast(Protocol protocol, net::Ipv4Address destination, std::uint16_t port,
                              std::uint32_t arrival) const {
  const Socket* best = nullptr;
  int best_rank = -1;
  for (const Socket& socket : sockets_) {
    if (socket.ipv6_only || socket.protocol != protocol || socket.port != port) continue;
    if (!overlap(socket.address, destination) || !hears(socket, arrival)) continue;
    const int rank = (socket.address.is_unspecified() ? 0 : 2) + (socket.device != 0 ? 1 : 0);
    if (rank < best_rank) continue;
    best = &socket;
    best_rank = rank;
  }
  return best;
}

const Socket* Kernel::unicast_ipv6(Protocol protocol, const net::Ipv6Address& destination,
                                   std::uint16_t port) const {
  const Socket* best = nullptr;
  for (const Socket& socket : sockets_) {
    if (!socket.ipv6_only || socket.protocol != protocol || socket.port != port) continue;
    const bool is_specific = *socket.ipv6_only == destination;
    if (!is_specific && !is_on_wildcard(socket)) continue;
    if (is_specific || !best || is_on_wildcard(*best)) best = &socket;
  }
  return best;
}

std::vector<const Socket*> Kernel::broadcast(net::Ipv4Address destination, std::uint16_t port,
                                             std::uint32_t arrival) const {
  std::vector<const Socket*> reached;
  for (auto newest = sockets_.rbegin(); newest != sockets_.rend(); ++newest) {
    const Socket& socket = *newest;
    if (socket.ipv6_only || socket.protocol != Protocol::udp || socket.port != port) continue;
    if (!overlap(socket.address, destination) || !hears(socket, arrival)) continue;
    reached.push_back(&socket);
    const bool is_last = !socket.reuse_address && !socket.reuse_port;
    if (system_ == System::xnu && is_last) break;
  }
  return reached;
}

std::vector<const Socket*> Kernel::sharers(const Socket& socket) const {
  std::vector<const Socket*> sharers;
  for (const Socket& other : sockets_) {
    const bool is_of_the_group = system_ == System::linux_kernel && socket.reuse_port &&
                                 other.reuse_port && other.protocol == socket.protocol &&
                                 other.port == socket.port && other.address == socket.address &&
                                 other.uid == socket.uid && other.device == socket.device;
    if (is_of_the_group || other.id == socket.id) sharers.push_back(&other);
  }
  return sharers;
}

bool Kernel::hears_frames(Owner owner, std::uint32_t link) const noexcept {
  return std::ranges::any_of(taps_, [=](const Tap& tap) {
    return tap.owner == owner && tap.link == link && tap.attached;
  });
}

void Kernel::send_with_packet_info(std::uint64_t id) {
  const auto sender = std::ranges::find(sockets_, id, &Socket::id);
  if (system_ == System::xnu) sender->address = net::Ipv4Address::any();
}

void Kernel::set_device(std::uint64_t id, std::uint32_t device) {
  std::ranges::find(sockets_, id, &Socket::id)->device = device;
}

void Kernel::clear_reuse(std::uint64_t id) {
  const auto socket = std::ranges::find(sockets_, id, &Socket::id);
  socket->reuse_address = socket->reuse_port = false;
}

void Kernel::allow_sharers(std::uint64_t id) {
  std::ranges::find(sockets_, id, &Socket::id)->reuse_port = true;
}

}  // namespace berth::binder::model
