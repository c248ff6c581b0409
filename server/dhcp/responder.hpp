// The DHCP server's logic, told in the order of RFC 2131 section 4.3: datagram in, outcome out. It
// opens nothing, logs nothing, reads no clock, allocates nothing after construction and never
// throws. One thread at a time. It refers to one Plan; a reload makes the Plan anew and calls
// replace_plan() between two datagrams, while the bindings, which are what clients hold, live on.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dhcp/plan.hpp"

namespace berth::dhcp {

// Monotonic, and counting while the machine sleeps (CLOCK_BOOTTIME on Linux); the epoch is the
// caller's.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

// How a datagram reached us.
struct Ingress {
  NetworkIndex network = no_index;  // the network served on the arrival link
  net::Endpoint source;
  net::Ipv4Address destination;  // as in the IP header: broadcast, or our address
};

class Responder {
 public:
  explicit Responder(std::shared_ptr<const Plan> plan);
  ~Responder();

  // REQUIRES: `out` holds at least 1,500 octets.
  Outcome handle(const MessageView& request, const Ingress& ingress, TimePoint now,
                 wire::MutableBytes out) noexcept;

  // Somebody answered ARP for a probed address.
  void on_probe(NetworkIndex network, net::Ipv4Address address, const net::MacAddress& holder,
                TimePoint now) noexcept;
  // Ends what has waited long enough. Call at next_deadline().
  void on_timer(TimePoint now) noexcept;
  std::optional<TimePoint> next_deadline() const noexcept;

  // The next thing an operator should hear of; drain after each batch.
  std::optional<Notice> next_notice() noexcept;

  // The other plan is handed back, so that a thread with time may destroy it. Bindings are kept by
  // network key, MAC and address; the room for new ones comes with `plan`.
  std::shared_ptr<const Plan> replace_plan(std::shared_ptr<const Plan> plan) noexcept;

 private:
  std::shared_ptr<const Plan> plan_;
};

}  // namespace berth::dhcp
