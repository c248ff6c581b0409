// One datagram by the system call: macOS has no other way that is documented.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>

#include "tools/berth/load/datagram_batch.hpp"

namespace berth::load {
namespace {

// How long to wait for room in a socket's buffer before a datagram counts as refused.
constexpr int patience_ms = 10;

union Address {
  sockaddr any;
  sockaddr_in ipv4;
};

}  // namespace

struct DatagramBatch::Slots {
  std::unique_ptr<std::byte[]> buffers = std::make_unique<std::byte[]>(slot_size * capacity);
  std::array<Message, capacity> messages{};
};

DatagramBatch::DatagramBatch(const Clock& clock)
    : clock_(clock), slots_(std::make_unique<Slots>()) {}
DatagramBatch::~DatagramBatch() = default;

std::span<Message> DatagramBatch::receive(int socket, CarrierFaults& faults) noexcept {
  std::size_t received = 0;
  for (; received < capacity; ++received) {
    std::byte* const buffer = &slots_->buffers[received * slot_size];
    Address source{};
    socklen_t source_size = sizeof source;
    const ssize_t size =
        ::recvfrom(socket, buffer, slot_size, MSG_DONTWAIT, &source.any, &source_size);
    if (size < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        ++faults.receive_errors;
        faults.last_error = errno;
      }
      break;
    }
    slots_->messages[received] = {
        .octets = wire::Bytes(buffer, static_cast<std::size_t>(size)),
        .path = {.source = {{ntohl(source.ipv4.sin_addr.s_addr)}, ntohs(source.ipv4.sin_port)}},
        .at = clock_.now()};
  }
  return std::span(slots_->messages).first(received);
}

void DatagramBatch::send(int socket, std::span<const Message> messages, Destination destination,
                         CarrierFaults& faults) noexcept {
  for (const Message& message : messages) {
    Address to{};
    to.ipv4.sin_family = AF_INET;
    to.ipv4.sin_port = htons(message.path.destination.port);
    to.ipv4.sin_addr.s_addr = htonl(message.path.destination.address.value);
    const bool has_name = destination == Destination::from_path;
    const auto try_to = [&] {
      return ::sendto(socket, message.octets.data(), message.octets.size(), MSG_DONTWAIT,
                      has_name ? &to.any : nullptr, has_name ? sizeof(sockaddr_in) : 0);
    };
    ssize_t sent = try_to();
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
      pollfd room{.fd = socket, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, patience_ms);
      sent = try_to();
    }
    if (sent >= 0) continue;
    ++faults.send_errors;
    faults.last_error = errno;
  }
}

}  // namespace berth::load
