// Which host of a network a hardware address belongs to. Filled once, when the plan is made, and
// only read afterwards; thread-safe for any number of readers.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/net/mac.hpp"
#include "server/dhcp/outcome.hpp"

namespace berth::dhcp {

class LeaseTable {
 public:
  struct Entry {
    net::MacAddress mac;
    HostIndex host = no_index;
    std::uint32_t slot = 0;  // number of its binding's
  };
  // What is known of a host without a look at it.
  struct Found {
    HostIndex host = no_index;
    std::uint32_t slot = 0;
  };

  LeaseTable() = default;
  // Of two entries with one MAC the first counts; the configuration refuses them.
  explicit LeaseTable(std::span<const Entry> entries);

  // The host with this MAC, or one that is no_index.
  Found find(const net::MacAddress& mac) const noexcept {
    const auto found = hosts_.find(key_of(mac));
    return found == hosts_.end() ? Found{} : found->second;
  }

  std::size_t size() const noexcept { return hosts_.size(); }

 private:
  using Key = std::uint64_t;

  // The octets as one number in whatever order the machine loads them: only equality counts. Two
  // whole loads, because six octets copied into eight cost a stall when those are read.
  static Key key_of(const net::MacAddress& mac) noexcept {
    std::uint32_t front = 0;
    std::uint16_t back = 0;
    std::memcpy(&front, mac.octets.data(), sizeof front);
    std::memcpy(&back, mac.octets.data() + sizeof front, sizeof back);
    return Key{front} << 16 | back;
  }

  // MACs of one lab differ in a few low bits. The multiplication by 2^64 divided by the golden
  // ratio carries them to the high bits, from which the map takes the group; the low octet, which
  // it keeps as a tag, gets them by the shift.
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(Key key) const noexcept {
      const std::uint64_t mixed = key * 0x9e3779b97f4a7c15u;
      return static_cast<std::size_t>(mixed ^ (mixed >> 32));
    }
  };

  boost::unordered_flat_map<Key, Found, Hash> hosts_;
};

}  // namespace berth::dhcp
