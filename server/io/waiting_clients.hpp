// The clients that wait, by UDP, for what other servers say: where each answer goes. Memory is
// taken once, and touched only as far as it is used. Not shared between threads.
#pragma once

#include <netinet/in.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "protocol/dns/name.hpp"
#include "server/dns/forwarder.hpp"
#include "server/dns/outcome.hpp"

namespace berth::io {

class WaitingClients {
 public:
  struct Client {
    std::uint32_t listener = 0;  // of ours, at which it asked
    dns::Client client;
    std::optional<dns::Name> qname;  // where the log wants it
  };

  explicit WaitingClients(std::size_t capacity)
      : capacity_(capacity),
        memory_(std::make_unique_for_overwrite<std::byte[]>(capacity * sizeof(Entry))) {
    free_.reserve(capacity);
  }

  std::size_t size() const noexcept { return used_ - free_.size(); }

  // REQUIRES: size() < capacity
  dns::WaiterId add(const Client& client, const sockaddr& peer) noexcept {
    assert(size() < capacity_);
    std::size_t index = used_;
    if (free_.empty()) {
      ++used_;
    } else {
      index = free_.back();
      free_.pop_back();
    }
    Entry* const entry = std::construct_at(entries() + index);
    entry->client = client;
    const bool is_ipv6 = peer.sa_family == AF_INET6;
    std::memcpy(&entry->peer, &peer, is_ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    return dns::WaiterId{index};
  }

  const Client& operator[](dns::WaiterId waiter) const noexcept { return at(waiter).client; }
  // Valid until the next add().
  const sockaddr* peer(dns::WaiterId waiter) const noexcept {
    return reinterpret_cast<const sockaddr*>(&at(waiter).peer);
  }

  // Within the capacity that was reserved.
  void remove(dns::WaiterId waiter) noexcept {
    free_.push_back(static_cast<std::uint32_t>(waiter));
  }

 private:
  struct Entry {
    Client client;
    sockaddr_in6 peer;  // the larger of the two
  };
  static_assert(std::is_trivially_destructible_v<Entry>);

  Entry* entries() const noexcept { return reinterpret_cast<Entry*>(memory_.get()); }
  const Entry& at(dns::WaiterId waiter) const noexcept {
    return entries()[static_cast<std::size_t>(waiter)];
  }

  [[maybe_unused]] std::size_t capacity_;  // asserted
  std::unique_ptr<std::byte[]> memory_;
  std::size_t used_ = 0;             // entries that have ever been used
  std::vector<std::uint32_t> free_;  // of those
};

}  // namespace berth::io
