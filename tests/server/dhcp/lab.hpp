// The plan that the DHCP server's tests run against, the messages clients may send to it, and what
// becomes of them as text.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/dhcp/message_view.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/mac.hpp"
#include "server/dhcp/responder.hpp"
#include "tests/support/hex.hpp"

namespace berth::dhcp::lab {

using Octets = std::vector<std::byte>;

using test::hex;
std::string to_hex(wire::Bytes octets);
Octets text(std::string_view characters);

constexpr net::Ipv4Address ip(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return net::Ipv4Address::from_octets(a, b, c, d);
}
constexpr net::MacAddress vm(std::uint8_t last) {
  return net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, last);
}

inline constexpr net::Ipv4Address us = ip(192, 168, 200, 1);
inline constexpr net::Ipv4Address other_server = ip(192, 168, 200, 2);
inline constexpr net::Ipv4Address broadcast = net::Ipv4Address::broadcast();
inline constexpr net::MacAddress control0 = vm(1);
inline constexpr net::Ipv4Address control0_address = ip(192, 168, 200, 4);
inline constexpr net::MacAddress control1 = vm(2);
inline constexpr net::Ipv4Address control1_address = ip(192, 168, 200, 5);
inline constexpr net::MacAddress worker0 = vm(4);  // has a second MAC
inline constexpr net::MacAddress worker0_second =
    net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 1, 4);
inline constexpr net::MacAddress printer = vm(0x99);   // ignored
inline constexpr net::MacAddress drifter = vm(0x98);   // has no address
inline constexpr net::MacAddress stranger = vm(0xee);  // not in the plan

// Indices of the plan's networks.
inline constexpr NetworkIndex kubenet = 0;  // 192.168.200.0/24, authoritative for its hosts
inline constexpr NetworkIndex rack = 1;     // 10.0.0.0/24, authoritative for all, takes 172.16.0.1
inline constexpr NetworkIndex far = 2;      // 10.9.0.0/16, only relayed by 10.9.0.2
inline constexpr NetworkIndex quiet = 3;    // 10.3.0.0/24, authoritative: off
inline constexpr NetworkIndex mute = 4;     // 10.4.0.0/24, dhcp: off
inline constexpr net::MacAddress node0 = vm(0x10);  // rack 10.0.0.10
inline constexpr net::Ipv4Address node0_address = ip(10, 0, 0, 10);
inline constexpr net::MacAddress remote0 = vm(0x20);  // far 10.9.0.20
inline constexpr net::Ipv4Address remote0_address = ip(10, 9, 0, 20);

// "h7". Not by +, which gcc 12 warns of wrongly (its bug 105651).
std::string numbered(std::string_view prefix, std::uint32_t number);
config::Host host(std::string name, net::MacAddress mac, std::optional<net::Ipv4Address> address);
config::Config configuration();

struct RawOption {
  std::uint8_t code = 0;
  Octets value = {};
};

// What a client sends and how it arrives. By default: control0's DISCOVER, by broadcast, on
// kubenet.
struct Ask {
  std::optional<MessageType> type = MessageType::discover;  // none: BOOTP
  net::MacAddress client = control0;
  net::Ipv4Address ciaddr = {};
  std::optional<net::Ipv4Address> requested = {};
  std::optional<net::Ipv4Address> server = {};
  Octets parameters = {};  // 55
  std::vector<RawOption> options = {};
  Octets relay_agent = {};  // 82
  net::Ipv4Address giaddr = {};
  std::uint16_t flags = 0;
  std::uint8_t op = 1;
  std::uint8_t htype = 1;
  std::uint8_t hlen = 6;
  std::uint8_t hops = 0;

  NetworkIndex link = kubenet;
  net::Ipv4Address source = {};
  net::Ipv4Address destination = net::Ipv4Address::broadcast();
  net::Ipv4Address we_are = {};  // what we call ourselves on that link; unspecified: as planned
};

inline constexpr std::uint32_t xid = 0x12345678;

Octets encode(const Ask& ask);

// A responder, its buffer, which starts as 0xa5, and its clock.
class Server {
 public:
  explicit Server(const config::Config& config = configuration())
      : plan(std::make_shared<const Plan>(config)), responder(plan) {}

  // The datagram and the buffer live until the next call.
  Outcome send(const Ask& ask);
  Outcome send(const Ask& ask, Octets datagram);
  // The reply's message; fails the test when there is none.
  MessageView reply_to(const Ask& ask);
  void reload(const config::Config& config);
  // All notices waiting, as text.
  std::vector<std::string> notices();

  std::shared_ptr<const Plan> plan;
  Responder responder;
  TimePoint now{std::chrono::hours(1000)};
  std::size_t room = 1500;

 private:
  Octets datagram_;
  std::array<std::byte, split_option_room> split_options_{};
  std::array<std::byte, 1500> out_{};
};

// "DHCPOFFER 192.168.200.4 by link to 192.168.200.4:68", "BOOTP …", "probe 192.168.200.4", or the
// drop's name.
std::string describe(const Outcome& outcome);
std::string describe(const Notice& notice);
// The codes of all options of a message, in order: "53 54 51 …".
std::string codes(const MessageView& message);
// The value of an option in hexadecimal digits; "-" when absent.
std::string value(const MessageView& message, std::uint8_t code);

}  // namespace berth::dhcp::lab
