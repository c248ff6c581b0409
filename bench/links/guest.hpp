// A client on the link, behind a cable in a network namespace of its own: worker0 of the plan. It
// asks, and remembers when it heard the answer. Errors are std::system_error.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "protocol/wire/cursor.hpp"
#include "server/binder/file_descriptor.hpp"

namespace berth::bench {

using Clock = std::chrono::steady_clock;

inline constexpr net::Ipv4Prefix host_address{net::Ipv4Address::from_octets(192, 168, 200, 1), 24};
inline constexpr net::Ipv4Prefix guest_address{net::Ipv4Address::from_octets(192, 168, 200, 7), 24};
inline constexpr net::MacAddress guest_mac =
    net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 4);

enum class Ask : std::uint8_t {
  discover,  // broadcast, without an address; answered by an OFFER
  renewal,   // a REQUEST to the server's address; answered by an ACK
  name,      // an A record over UDP
};
inline constexpr std::size_t ask_count = 3;

class Guest {
 public:
  // In the guest's namespace, where its link has the address already; the sockets stay there.
  explicit Guest(std::uint32_t link);

  // Whatever was asked before is no longer waited for.
  void begin();
  void ask(Ask what);
  // Takes what comes, until that time or all of those asked since begin() are answered.
  void listen_until(Clock::time_point end);
  std::optional<Clock::time_point> answered(Ask what) const noexcept {
    return answered_[static_cast<std::size_t>(what)];
  }

 private:
  void discover();
  void renew();
  void query();
  void take_dhcp();
  void take_dns();
  bool is_done() const noexcept;

  std::uint32_t link_;
  binder::FileDescriptor frames_;  // for what is sent without an address
  binder::FileDescriptor dhcp_;
  binder::FileDescriptor dns_;
  std::uint16_t round_ = 0;  // in each identifier
  std::array<bool, ask_count> asked_{};
  std::array<std::optional<Clock::time_point>, ask_count> answered_{};
};

}  // namespace berth::bench
