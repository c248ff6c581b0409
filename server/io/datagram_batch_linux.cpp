#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <vector>

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

socklen_t size_of(const sockaddr& address) noexcept {
  return address.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

sockaddr_in sockaddr_of(const net::Endpoint& endpoint) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.value);
  return address;
}

constexpr std::size_t receive_control_size =
    CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(std::uint32_t));
constexpr std::size_t send_control_size = CMSG_SPACE(sizeof(in_pktinfo));

template <class T>
T control_value(const cmsghdr* control) noexcept {
  T value;
  std::memcpy(&value, CMSG_DATA(control), sizeof(value));
  return value;
}

void read_control(msghdr& header, Datagram& datagram) noexcept {
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      const auto info = control_value<in_pktinfo>(control);
      datagram.destination = {ntohl(info.ipi_addr.s_addr)};
      datagram.interface = static_cast<std::uint32_t>(info.ipi_ifindex);
    } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
      datagram.kernel_drops = control_value<std::uint32_t>(control);
    }
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
  struct Control {
    alignas(cmsghdr) std::array<std::byte, receive_control_size> octets;
  };

  std::size_t slot_size;
  std::unique_ptr<std::byte[]>
      buffers;  // untouched, so unpaid for, until datagrams come in batches
  std::array<mmsghdr, batch_size> headers{};
  std::array<iovec, batch_size> vectors{};
  std::array<Address, batch_size> sources{};
  std::array<Control, batch_size> controls{};
  std::array<Datagram, batch_size> datagrams{};

  explicit Slots(std::size_t size)
      : slot_size(size), buffers(std::make_unique_for_overwrite<std::byte[]>(size * batch_size)) {
    for (std::size_t i = 0; i < batch_size; ++i) {
      vectors[i] = {&buffers[i * slot_size], slot_size};
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &sources[i];
      headers[i].msg_hdr.msg_control = &controls[i];
      rearm(headers[i].msg_hdr);
    }
  }

  // The kernel overwrites the sizes; only the slots it used need them set again.
  static void rearm(msghdr& header) noexcept {
    header.msg_namelen = sizeof(Address);
    header.msg_controllen = sizeof(Control);
  }
};

Receiver::Receiver(std::size_t slot_size) : slots_(std::make_unique<Slots>(slot_size)) {}
Receiver::~Receiver() = default;

std::span<const Datagram> Receiver::receive(int socket, int& error) noexcept {
  Slots& slots = *slots_;
  error = 0;
  const int count = ::recvmmsg(socket, slots.headers.data(), batch_size, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) error = errno;
    return {};
  }
  const auto received = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < received; ++i) {
    msghdr& header = slots.headers[i].msg_hdr;
    Datagram& datagram = slots.datagrams[i];
    datagram = {
        .payload = wire::Bytes(&slots.buffers[i * slots.slot_size], slots.headers[i].msg_len),
        .source = endpoint_of(slots.sources[i]),
        .truncated = (header.msg_flags & MSG_TRUNC) != 0,
        .peer = &slots.sources[i].any};
    read_control(header, datagram);
    Slots::rearm(header);
  }
  return std::span(slots.datagrams).first(received);
}

struct Sender::Slots {
  struct Control {
    alignas(cmsghdr) std::array<std::byte, send_control_size> octets;
  };

  std::size_t used = 0;
  std::array<mmsghdr, batch_size> headers{};
  std::array<iovec, batch_size> vectors{};
  std::array<sockaddr_in, batch_size> destinations{};
  std::array<Control, batch_size> controls{};

  msghdr& next(wire::Bytes payload) noexcept {
    assert(used < batch_size);
    msghdr& header = headers[used].msg_hdr;
    // sendmmsg() only reads what iov_base points to; its type is shared with recvmmsg().
    vectors[used] = {const_cast<std::byte*>(payload.data()), payload.size()};
    header = {};
    header.msg_iov = &vectors[used];
    header.msg_iovlen = 1;
    ++used;
    return header;
  }

  msghdr& next(wire::Bytes payload, const net::Endpoint& destination) noexcept {
    destinations[used] = sockaddr_of(destination);
    sockaddr_in* const name = &destinations[used];
    msghdr& header = next(payload);
    header.msg_name = name;
    header.msg_namelen = sizeof(sockaddr_in);
    return header;
  }
};

Sender::Sender() : slots_(std::make_unique<Slots>()) {}
Sender::~Sender() = default;

void Sender::add(wire::Bytes payload, const net::Endpoint& destination) noexcept {
  slots_->next(payload, destination);
}

void Sender::add(wire::Bytes payload, const net::Endpoint& destination,
                 const SendSource& source) noexcept {
  Slots::Control& control = slots_->controls[slots_->used];
  msghdr& header = slots_->next(payload, destination);
  header.msg_control = &control;
  header.msg_controllen = sizeof(control);
  cmsghdr* const message = CMSG_FIRSTHDR(&header);
  message->cmsg_level = IPPROTO_IP;
  message->cmsg_type = IP_PKTINFO;
  message->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<int>(source.interface);
  info.ipi_spec_dst.s_addr = htonl(source.address.value);
  std::memcpy(CMSG_DATA(message), &info, sizeof(info));
}

void Sender::reply(wire::Bytes payload, const Datagram& datagram) noexcept {
  msghdr& header = slots_->next(payload);
  // sendmmsg() only reads it.
  header.msg_name = const_cast<sockaddr*>(datagram.peer);
  header.msg_namelen = size_of(*datagram.peer);
}

void Sender::add_frame(wire::Bytes frame) noexcept { slots_->next(frame); }

bool Sender::empty() const noexcept { return slots_->used == 0; }

std::size_t Sender::flush(int socket, int& error) noexcept {
  Slots& slots = *slots_;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < slots.used;) {
    const int sent = ::sendmmsg(socket, &slots.headers[at], static_cast<unsigned>(slots.used - at),
                                MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {
      error = errno;  // the first of the rest was refused; the others get their try
      ++refused;
      ++at;
    }
  }
  slots.used = 0;
  return refused;
}

}  // namespace berth::io
