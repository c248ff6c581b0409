// What takes messages to the server and brings its answers: UDP sockets, whole frames on a link, or
// TCP connections. What the system refuses or loses is counted here, never thrown.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tools/berth/load/outbox.hpp"
#include "tools/berth/load/time.hpp"

namespace berth::load {

// Of the tester, not of the server.
struct CarrierFaults {
  std::uint64_t send_errors = 0;
  std::uint64_t receive_errors = 0;  // ECONNREFUSED, say
  std::uint64_t kernel_drops = 0;    // answers for which a socket's buffer had no room
  std::uint64_t broken = 0;          // connections that ended before their time
  int last_error = 0;                // errno's value
  bool is_lost = false;              // the link is gone, or nothing can be sent any more
};

class Carrier {
 public:
  Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  virtual ~Carrier() = default;

  virtual void send(std::span<const Message> messages) = 0;
  // What has come, up to a batch; valid until the next call. Empty when there is nothing.
  virtual std::span<const Message> receive() = 0;
  // What to wait for. Stays right until the next call of any other function.
  virtual void add_descriptors(std::vector<pollfd>& descriptors) const = 0;
  // Brought up to date, which may take a system call.
  virtual const CarrierFaults& faults() = 0;
};

// Why there is none: "bind 192.168.200.2:67: Permission denied".
struct OpenError {
  std::string what;
  int error = 0;
  std::string text() const;
};

}  // namespace berth::load
