// A server that answers everything at once and knows nothing, on a thread of its own: against it
// the tester measures itself.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "tools/berth/load/carrier.hpp"
#include "tools/berth/load/outbox.hpp"

namespace berth::load {

// What is said to a message, written to the front of `out`; none: nothing.
using CannedReply = std::optional<wire::Bytes> (*)(wire::Bytes message, wire::MutableBytes out);

std::optional<wire::Bytes> canned_dhcp(wire::Bytes message, wire::MutableBytes out);
std::optional<wire::Bytes> canned_dns(wire::Bytes message, wire::MutableBytes out);

// The address that canned_dhcp() calls itself by.
inline constexpr auto canned_server = net::Ipv4Address::from_octets(127, 0, 0, 1);

class Replier {
 public:
  Replier(std::unique_ptr<Carrier> carrier, CannedReply reply);
  ~Replier();
  Replier(const Replier&) = delete;
  Replier& operator=(const Replier&) = delete;

 private:
  void serve();
  void answer(const Message& message);

  std::unique_ptr<Carrier> carrier_;
  CannedReply reply_;
  Outbox outbox_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace berth::load
