// Datagrams and frames by the batch, as many as one system call takes where the system can. Buffers
// are made once. Not synchronised.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/clock.hpp"
#include "tools/berth/load/outbox.hpp"

namespace berth::load {

class DatagramBatch {
 public:
  static constexpr std::size_t capacity = Outbox::capacity;
  static constexpr std::size_t slot_size = 2048;

  // `clock` must outlive it.
  explicit DatagramBatch(const Clock& clock);
  ~DatagramBatch();
  DatagramBatch(const DatagramBatch&) = delete;
  DatagramBatch& operator=(const DatagramBatch&) = delete;

  // What the socket has; of a datagram the source is in its path. Valid until the next call.
  std::span<Message> receive(int socket, CarrierFaults& faults) noexcept;

  // Each to its path's destination; what the system refuses is counted. A socket that is connected,
  // or a packet socket that is bound, needs no destination.
  enum class Destination : bool { from_path, of_socket };
  // REQUIRES: at most `capacity` messages
  void send(int socket, std::span<const Message> messages, Destination destination,
            CarrierFaults& faults) noexcept;

 private:
  struct Slots;
  const Clock& clock_;
  std::unique_ptr<Slots> slots_;
};

}  // namespace berth::load
