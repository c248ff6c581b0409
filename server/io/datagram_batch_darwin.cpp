#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "server/io/datagram_batch.hpp"

namespace berth::io {
namespace {

union Address {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_in6 ipv6;
};

net::Endpoint endpoint_of(const Address& address) noexcept {
  if (address.any.sa_family == AF_INET6) return {{}, ntohs(address.ipv6.sin6_port)};
  return {{ntohl(address.ipv4.sin_addr.s_addr)}, ntohs(address.ipv4.sin_port)};
}

Address address_of(const net::Endpoint& endpoint) noexcept {
  Address address{};
  address.ipv4.sin_len = sizeof address.ipv4;
  address.ipv4.sin_family = AF_INET;
  address.ipv4.sin_port = htons(endpoint.port);
  address.ipv4.sin_addr.s_addr = htonl(endpoint.address.value);
  return address;
}

struct Control {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> octets;
};

void read_control(msghdr& header, Datagram& datagram) noexcept {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO) continue;
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(control), sizeof info);
    datagram.destination = {ntohl(info.ipi_addr.s_addr)};
    datagram.interface = info.ipi_ifindex;
  }
}

}  // namespace

std::optional<net::Ipv6Address> ipv6_source(const Datagram& datagram) noexcept {
  if (datagram.peer == nullptr || datagram.peer->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 source{};
  std::memcpy(&source, datagram.peer, sizeof source);
  return net::Ipv6Address::from_bytes(std::as_bytes(std::span(source.sin6_addr.s6_addr)));
}

struct Receiver::Slots {
  std::size_t slot_size;
  std::unique_ptr<std::byte[]> buffers;
  std::array<Address, batch_size> sources{};
  std::array<Datagram, batch_size> datagrams{};

  explicit Slots(std::size_t size)
      : slot_size(size), buffers(std::make_unique_for_overwrite<std::byte[]>(size * batch_size)) {}

  // False when there is none, with errno saying why.
  bool receive(int socket, std::size_t slot) noexcept {
    Address& source = sources[slot];
    Control control;
    iovec vector{&buffers[slot * slot_size], slot_size};
    msghdr header{};
    header.msg_name = &source;
    header.msg_namelen = sizeof source;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = &control;
    header.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(socket, &header, MSG_DONTWAIT);
    if (size < 0) return false;
    datagrams[slot] = {
        .payload = wire::Bytes(&buffers[slot * slot_size], static_cast<std::size_t>(size)),
        .source = endpoint_of(source),
        .truncated = (header.msg_flags & MSG_TRUNC) != 0,
        .peer = &source.any};
    read_control(header, datagrams[slot]);
    return true;
  }
};

Receiver::Receiver(std::size_t slot_size) : slots_(std::make_unique<Slots>(slot_size)) {}
Receiver::~Receiver() = default;

std::span<const Datagram> Receiver::receive(int socket, int& error) noexcept {
  error = 0;
  std::size_t received = 0;
  while (received < batch_size && slots_->receive(socket, received)) ++received;
  if (received == 0 && errno != EAGAIN && errno != EINTR) error = errno;
  return std::span(slots_->datagrams).first(received);
}

struct Sender::Slots {
  struct Entry {
    wire::Bytes octets;
    const sockaddr* destination = nullptr;  // none: a frame
  };

  std::size_t used = 0;
  std::array<Entry, batch_size> entries{};
  std::array<Address, batch_size> destinations{};

  void add(const Entry& entry) noexcept {
    assert(used < batch_size);
    entries[used++] = entry;
  }

  void add(wire::Bytes payload, const net::Endpoint& destination) noexcept {
    destinations[used] = address_of(destination);
    add({payload, &destinations[used].any});
  }

  static bool send(int socket, const Entry& entry) noexcept {
    if (entry.destination == nullptr)
      return ::write(socket, entry.octets.data(), entry.octets.size()) >= 0;
    return ::sendto(socket, entry.octets.data(), entry.octets.size(), MSG_DONTWAIT,
                    entry.destination, entry.destination->sa_len) >= 0;
  }
};

Sender::Sender() : slots_(std::make_unique<Slots>()) {}
Sender::~Sender() = default;

void Sender::add(wire::Bytes payload, const net::Endpoint& destination) noexcept {
  slots_->add(payload, destination);
}

// Every socket here is bound to the address it sends from, and one that is told so again by a
// control message loses it: the kernel leaves it on the wildcard.
void Sender::add(wire::Bytes payload, const net::Endpoint& destination,
                 const SendSource& /*source*/) noexcept {
  add(payload, destination);
}

void Sender::reply(wire::Bytes payload, const Datagram& datagram) noexcept {
  slots_->add({payload, datagram.peer});
}

void Sender::add_frame(wire::Bytes frame) noexcept { slots_->add({frame, nullptr}); }

bool Sender::empty() const noexcept { return slots_->used == 0; }

std::size_t Sender::flush(int socket, int& error) noexcept {
  Slots& slots = *slots_;
  std::size_t refused = 0;
  for (const Slots::Entry& entry : std::span(slots.entries).first(slots.used)) {
    bool sent = Slots::send(socket, entry);
    while (!sent && errno == EINTR) sent = Slots::send(socket, entry);
    if (sent) continue;
    error = errno;
    ++refused;
  }
  slots.used = 0;
  return refused;
}

}  // namespace berth::io
