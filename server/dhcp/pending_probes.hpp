// Declined addresses whose other holder is being looked for by ARP: a handful at a time, since each
// waits a second only. One thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/time.hpp"

namespace berth::dhcp {

struct PendingProbe {
  NetworkIndex network = no_index;
  HostIndex host = no_index;
  net::Ipv4Address address;
  net::MacAddress mac;  // who declined
  TimePoint deadline;
};

class PendingProbes {
 public:
  static constexpr std::size_t capacity = 16;

  // False when there is no room.
  bool add(const PendingProbe& probe) noexcept {
    if (count_ == capacity) return false;
    probes_[count_++] = probe;
    return true;
  }
  // Takes the probe of this address out, unless `holder` is who declined it.
  std::optional<PendingProbe> take_unless(NetworkIndex network, net::Ipv4Address address,
                                          const net::MacAddress& holder) noexcept {
    return take(std::find_if(begin(), end(), [&](const PendingProbe& probe) {
      return probe.network == network && probe.address == address && probe.mac != holder;
    }));
  }
  // Takes a probe out that has waited long enough.
  std::optional<PendingProbe> take_due(TimePoint now) noexcept {
    return take(std::find_if(begin(), end(),
                             [now](const PendingProbe& probe) { return probe.deadline <= now; }));
  }
  std::optional<TimePoint> next_deadline() const noexcept {
    if (count_ == 0) return std::nullopt;
    return std::min_element(begin(), end(),
                            [](const PendingProbe& left, const PendingProbe& right) {
                              return left.deadline < right.deadline;
                            })
        ->deadline;
  }

 private:
  using Probes = std::array<PendingProbe, capacity>;

  Probes::const_iterator begin() const noexcept { return probes_.begin(); }
  Probes::const_iterator end() const noexcept {
    return probes_.begin() + static_cast<std::ptrdiff_t>(count_);
  }
  std::optional<PendingProbe> take(Probes::const_iterator at) noexcept {
    if (at == end()) return std::nullopt;
    const PendingProbe taken = *at;
    probes_[static_cast<std::size_t>(at - begin())] = probes_[--count_];
    return taken;
  }

  Probes probes_{};
  std::size_t count_ = 0;
};

}  // namespace berth::dhcp
