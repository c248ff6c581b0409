// The clients without a host that an operator was told of lately: each once an hour, however often
// it asks, and so many of them; MAC addresses are easily made up, and the others are counted all
// the same. A value; one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "protocol/net/mac.hpp"
#include "server/time.hpp"

namespace berth::dhcp {

class Strangers {
 public:
  static constexpr std::size_t capacity = 64;
  static constexpr std::chrono::hours silence{1};

  // Whether to tell of it now; taken to be done.
  bool is_news(const net::MacAddress& mac, TimePoint now) noexcept {
    const auto known = std::ranges::find(told_, mac, &Told::mac);
    Told& place = known != told_.end() ? *known : told_[next_];
    if (now < place.until) return false;
    place = {.mac = mac, .until = now + silence};
    if (known == told_.end()) next_ = (next_ + 1) % capacity;
    return true;
  }

 private:
  struct Told {
    net::MacAddress mac;
    TimePoint until = TimePoint::min();
  };

  std::array<Told, capacity> told_{};
  std::size_t next_ = 0;
};

}  // namespace berth::dhcp
