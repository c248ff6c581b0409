#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "tools/berth/load/datagram_batch.hpp"

namespace berth::load {
namespace {

// How long to wait for room in a socket's buffer before a datagram counts as refused.
constexpr int patience_ms = 10;

sockaddr_in sockaddr_of(const net::Endpoint& endpoint) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.value);
  return address;
}

}  // namespace

struct DatagramBatch::Slots {
  struct Control {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(timespec))> octets;
  };

  std::unique_ptr<std::byte[]> buffers =
      std::make_unique_for_overwrite<std::byte[]>(slot_size * capacity);
  std::array<mmsghdr, capacity> in{};
  std::array<iovec, capacity> in_vectors{};
  std::array<sockaddr_in, capacity> sources{};
  std::array<Control, capacity> controls{};
  std::array<Message, capacity> messages{};

  std::array<mmsghdr, capacity> out{};
  std::array<iovec, capacity> out_vectors{};
  std::array<sockaddr_in, capacity> destinations{};

  Slots() {
    for (std::size_t i = 0; i < capacity; ++i) {
      in_vectors[i] = {&buffers[i * slot_size], slot_size};
      in[i].msg_hdr.msg_iov = &in_vectors[i];
      in[i].msg_hdr.msg_iovlen = 1;
      in[i].msg_hdr.msg_name = &sources[i];
      in[i].msg_hdr.msg_control = &controls[i];
      rearm(in[i].msg_hdr);
      out[i].msg_hdr.msg_iov = &out_vectors[i];
      out[i].msg_hdr.msg_iovlen = 1;
    }
  }

  // The kernel overwrites the sizes.
  static void rearm(msghdr& header) noexcept {
    header.msg_namelen = sizeof(sockaddr_in);
    header.msg_controllen = sizeof(Control);
  }

  // When the kernel had it.
  static bool read_stamp(msghdr& header, const Clock& clock, Time& at) noexcept {
    const cmsghdr* const control = CMSG_FIRSTHDR(&header);
    if (control == nullptr || control->cmsg_level != SOL_SOCKET ||
        control->cmsg_type != SCM_TIMESTAMPNS)
      return false;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(control), sizeof stamp);
    at = clock.of_wall_clock(std::chrono::seconds(stamp.tv_sec) + Time(stamp.tv_nsec));
    return true;
  }
};

DatagramBatch::DatagramBatch(const Clock& clock)
    : clock_(clock), slots_(std::make_unique<Slots>()) {}
DatagramBatch::~DatagramBatch() = default;

std::span<Message> DatagramBatch::receive(int socket, CarrierFaults& faults) noexcept {
  Slots& slots = *slots_;
  const int count = ::recvmmsg(socket, slots.in.data(), capacity, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      ++faults.receive_errors;
      faults.last_error = errno;
    }
    return {};
  }
  const auto received = static_cast<std::size_t>(count);
  const Time now = clock_.now();
  for (std::size_t i = 0; i < received; ++i) {
    msghdr& header = slots.in[i].msg_hdr;
    Message& message = slots.messages[i];
    message = {.octets = wire::Bytes(&slots.buffers[i * slot_size], slots.in[i].msg_len),
               .path = {.source = {{ntohl(slots.sources[i].sin_addr.s_addr)},
                                   ntohs(slots.sources[i].sin_port)}},
               .at = now};
    // A stamp from the future is of a wall clock that was set.
    Time stamp{};
    if (Slots::read_stamp(header, clock_, stamp) && stamp <= now) message.at = stamp;
    Slots::rearm(header);
  }
  return std::span(slots.messages).first(received);
}

void DatagramBatch::send(int socket, std::span<const Message> messages, Destination destination,
                         CarrierFaults& faults) noexcept {
  assert(messages.size() <= capacity);
  Slots& slots = *slots_;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    msghdr& header = slots.out[i].msg_hdr;
    // sendmmsg() only reads what iov_base points to; its type is shared with recvmmsg().
    slots.out_vectors[i] = {const_cast<std::byte*>(messages[i].octets.data()),
                            messages[i].octets.size()};
    const bool has_name = destination == Destination::from_path;
    if (has_name) slots.destinations[i] = sockaddr_of(messages[i].path.destination);
    header.msg_name = has_name ? &slots.destinations[i] : nullptr;
    header.msg_namelen = has_name ? sizeof(sockaddr_in) : 0;
  }
  bool has_waited = false;
  for (std::size_t at = 0; at < messages.size();) {
    const int sent = ::sendmmsg(socket, &slots.out[at], static_cast<unsigned>(messages.size() - at),
                                MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
      has_waited = false;
    } else if (errno == EAGAIN && !has_waited) {
      pollfd room{.fd = socket, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, patience_ms);
      has_waited = true;
    } else if (errno != EINTR) {  // the first of the rest was refused; the others get their try
      ++faults.send_errors;
      faults.last_error = errno;
      ++at;
    }
  }
}

}  // namespace berth::load
