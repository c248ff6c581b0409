// Datagrams by the batch: as many as one system call takes where the system can (recvmmsg and
// sendmmsg on Linux), one by one elsewhere; the same to the caller. Buffers are made once and used
// again; nothing allocates after construction. Not shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "protocol/wire/cursor.hpp"

struct sockaddr;

namespace berth::io {

// How many datagrams one turn takes from one socket: enough to make a system call cheap, few enough
// that no socket waits long for the others.
inline constexpr std::size_t batch_size = 32;

// The largest DHCP or DNS message read whole; a larger one is dropped, since what was cut cannot be
// told from what is malformed. No DHCP client sends more than an Ethernet frame carries, and a
// relay may add to it. DNS queries are a few dozen octets; a client that adds EDNS options or a
// long name stays far below what it could send by TCP.
inline constexpr std::size_t receive_slot = 2048;

struct Datagram {
  wire::Bytes payload;
  net::Endpoint source;          // of one that came over IPv6: the port alone
  net::Ipv4Address destination;  // as in the IP header; unspecified when the socket does not tell
  std::uint32_t interface = 0;   // index of the arrival interface; 0 when the socket does not tell
  std::uint32_t kernel_drops =
      0;                   // datagrams this socket's buffer had no room for, since it was opened
  bool truncated = false;  // was larger than the slot
  const sockaddr* peer = nullptr;  // the source as the system has it, of either family
};

// The address that a datagram came from, if it came over IPv6.
std::optional<net::Ipv6Address> ipv6_source(const Datagram& datagram) noexcept;

class Receiver {
 public:
  // `slot_size`: the largest datagram read whole.
  explicit Receiver(std::size_t slot_size);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // What `socket` holds, up to batch_size; valid until the next call. Empty when there is nothing,
  // or when `error` (an errno value, 0 otherwise) says why.
  std::span<const Datagram> receive(int socket, int& error) noexcept;

 private:
  struct Slots;
  std::unique_ptr<Slots> slots_;
};

// From where a datagram of an unconnected socket bound to no address leaves.
struct SendSource {
  std::uint32_t interface = 0;
  net::Ipv4Address address;
};

class Sender {
 public:
  Sender();
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // Adds a datagram; `payload` must stay as it is until flush().
  // REQUIRES: fewer than batch_size were added since the last flush()
  void add(wire::Bytes payload, const net::Endpoint& destination) noexcept;
  void add(wire::Bytes payload, const net::Endpoint& destination,
           const SendSource& source) noexcept;
  // To where `datagram` came from, over whichever protocol. What its Receiver gave must stay valid
  // until flush() too.
  void reply(wire::Bytes payload, const Datagram& datagram) noexcept;
  // A frame, for a packet socket bound to its interface.
  void add_frame(wire::Bytes frame) noexcept;

  bool empty() const noexcept;

  // Sends what was added and forgets it. Returns how many the system refused; `error` is the last
  // reason.
  std::size_t flush(int socket, int& error) noexcept;

 private:
  struct Slots;
  std::unique_ptr<Slots> slots_;
};

}  // namespace berth::io
