// The DNS server's logic: query in, outcome out. It opens nothing, logs nothing, reads no clock,
// allocates nothing and never throws. One thread at a time. It refers to one Zones and to one
// Forwarding; a reload makes these anew and replaces them between two queries.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "protocol/dns/message_view.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/dns/forwarding.hpp"
#include "server/dns/outcome.hpp"
#include "server/dns/zones.hpp"

namespace berth::dns {

class Responder {
 public:
  // Without a Forwarding, what the zones do not answer is refused.
  explicit Responder(std::shared_ptr<const Zones> zones,
                     std::shared_ptr<const Forwarding> forwarding = nullptr) noexcept
      : zones_(std::move(zones)), forwarding_(std::move(forwarding)) {}

  // Answers one query, or finds that it is for others to answer (RD set or not): over TCP without
  // the length in front (RFC 1035 4.2.2). The reply is within what the client can take (RFC
  // 6891 6.2.3) and within `out`; over TCP give it 65,535 octets. REQUIRES: out.size() >= 512;
  // `query` and `out` do not overlap
  Outcome handle(wire::Bytes query, const Client& client, wire::MutableBytes out) noexcept;

  // Whether it pays to look ahead over a batch: first what is_about() each query, then prefetch()
  // for each, then handle() them. So the memory that one needs arrives while others are worked on;
  // in two steps, since waits for memory overlap only when little lies between them.
  bool looks_ahead() const noexcept { return zones_->is_large(); }
  static std::uint64_t is_about(wire::Bytes query) noexcept;
  void prefetch(std::uint64_t name) const noexcept { zones_->prefetch(name); }

  // The other zones are handed back, so that a thread with time may destroy them.
  std::shared_ptr<const Zones> replace_zones(std::shared_ptr<const Zones> zones) noexcept {
    zones_.swap(zones);
    return zones;
  }
  // Likewise; to be given to the Forwarder at the same time.
  std::shared_ptr<const Forwarding> replace_forwarding(
      std::shared_ptr<const Forwarding> forwarding) noexcept {
    forwarding_.swap(forwarding);
    return forwarding;
  }

 private:
  std::optional<Drop> check_source(const Client& client) const noexcept;
  bool is_served(const Client& client) const noexcept;

  std::shared_ptr<const Zones> zones_;
  std::shared_ptr<const Forwarding> forwarding_;
  std::array<std::byte, max_aliases_size> aliases_;  // of the last Forward
};

}  // namespace berth::dns
