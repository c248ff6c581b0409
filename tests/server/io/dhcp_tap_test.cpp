// What a tap on the link of 192.168.200.1 sees, and what each sight means to that server.
#include "server/io/dhcp_tap.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "protocol/dhcp/types.hpp"
#include "protocol/net/frame.hpp"

namespace berth::io {
namespace {

using Octets = std::vector<std::byte>;

constexpr net::Ipv4Address us = net::Ipv4Address::from_octets(192, 168, 200, 1);
constexpr net::Ipv4Address client_address = net::Ipv4Address::from_octets(192, 168, 200, 7);
constexpr net::Ipv4Address other_server = net::Ipv4Address::from_octets(192, 168, 200, 2);
constexpr net::Ipv4Address everyone = net::Ipv4Address::broadcast();
const net::MacAddress our_mac = *net::MacAddress::parse("02:00:00:00:00:01");
const net::MacAddress client_mac = *net::MacAddress::parse("52:52:52:00:00:04");
const net::MacAddress others_mac = *net::MacAddress::parse("02:00:00:00:00:02");
const TapIdentity identity{us, our_mac, dhcp::server_port};

// RFC 2131 figure 1, with option 53 and, when there is one, 54.
Octets message(dhcp::Op op, net::Ipv4Address server = {}) {
  Octets octets(236);
  octets[0] = std::byte{static_cast<std::uint8_t>(op)};
  octets[1] = std::byte{1};
  octets[2] = std::byte{6};
  wire::store_u32(octets, 16, client_address.value);  // yiaddr
  wire::copy(client_mac.octets, wire::MutableBytes(octets).subspan(28));
  for (const int octet : {0x63, 0x82, 0x53, 0x63, 53, 1, 2})
    octets.push_back(static_cast<std::byte>(octet));
  if (!server.is_unspecified()) {
    octets.insert(octets.end(), {std::byte{54}, std::byte{4}});
    octets.resize(octets.size() + 4);
    wire::store_u32(octets, octets.size() - 4, server.value);
  }
  octets.push_back(std::byte{255});
  return octets;
}

const Octets request = message(dhcp::Op::bootrequest);
const Octets reply = message(dhcp::Op::bootreply, other_server);

struct Way {
  net::MacAddress from_mac;
  net::MacAddress to_mac;
  net::Endpoint from;
  net::Endpoint to;
};
const Way broadcast_by_client{client_mac, net::MacAddress::broadcast(), {{}, 68}, {everyone, 67}};
const Way renewal{client_mac, our_mac, {client_address, 68}, {us, 67}};
const Way reply_to_client{others_mac, client_mac, {other_server, 67}, {client_address, 68}};

Octets frame(const Way& way, const Octets& payload) {
  Octets octets(payload.size() + net::udp_frame_overhead);
  const net::UdpFrame parts{way.from_mac, way.to_mac, way.from, way.to, payload};
  EXPECT_TRUE(net::build_udp_frame(parts, octets));
  return octets;
}

std::string told(const TapSight& sight) {
  if (std::holds_alternative<TapUnconcerned>(sight)) return "unconcerned";
  if (std::holds_alternative<TapMalformed>(sight)) return "malformed";
  if (const auto* asked = std::get_if<TapRequest>(&sight))
    return "request to " + net::to_string(asked->destination) + " by " +
           net::to_string(asked->sender) + (asked->checksum_wrong ? ", checksum wrong" : "");
  const auto& answered = std::get<TapReply>(sight);
  return "reply of " + net::to_string(answered.server) + " at " +
         net::to_string(answered.server_mac) + (answered.by_host ? ", of this machine" : "") +
         " to " + net::to_string(answered.client) + ": " + net::to_string(answered.address);
}

struct Row {
  std::string name;
  Octets octets;
  std::string expected;
  FrameOrigin origin = FrameOrigin::unknown;
  bool checksum_open = false;
};

TEST(DhcpTap, KnowsWhatEachFrameIs) {
  Way way_of_relay{others_mac, our_mac, {other_server, 67}, {us, 67}};
  Way to_other_machine = renewal;
  to_other_machine.to_mac = others_mac;
  to_other_machine.to.address = other_server;
  Way by_us{our_mac, client_mac, {us, 67}, {client_address, 68}};
  Way from_high_port = reply_to_client;
  from_high_port.from.port = 1067;
  Way to_relay = reply_to_client;
  to_relay.to.port = 67;
  Octets wrong_checksum = frame(broadcast_by_client, request);
  wrong_checksum[40] ^= std::byte{1};
  Octets wrong_header = frame(broadcast_by_client, request);
  wrong_header[24] ^= std::byte{1};
  Octets cut = reply;
  cut.resize(100);

  const std::string to_client = "52:52:52:00:00:04: 192.168.200.7";
  const std::string by_client = " by 52:52:52:00:00:04";
  const std::vector<Row> rows{
      {"a DISCOVER", frame(broadcast_by_client, request), "request to 255.255.255.255" + by_client},
      {"a renewal", frame(renewal, request), "request to 192.168.200.1" + by_client},
      {"of a relay agent", frame(way_of_relay, request),
       "request to 192.168.200.1 by 02:00:00:00:00:02"},
      {"a renewal at another server, seen by a bridge that learns",
       frame(to_other_machine, request), "unconcerned"},
      {"this machine's own client", frame(broadcast_by_client, request), "unconcerned",
       FrameOrigin::host},
      {"the same where the system does not tell",
       frame({our_mac, net::MacAddress::broadcast(), {{}, 68}, {everyone, 67}}, request),
       "unconcerned"},
      {"a checksum left to hardware", wrong_checksum, "request to 255.255.255.255" + by_client,
       FrameOrigin::link, true},
      {"a checksum that is wrong", wrong_checksum,
       "request to 255.255.255.255" + by_client + ", checksum wrong"},
      {"an IP header that does not add up", wrong_header, "malformed"},
      {"no payload", frame(broadcast_by_client, {}), "malformed"},
      {"another server's OFFER", frame(reply_to_client, reply),
       "reply of 192.168.200.2 at 02:00:00:00:00:02 to 52:52:52:00:00:04: 192.168.200.7"},
      {"one by our own address, as bootpd's", frame(by_us, message(dhcp::Op::bootreply, us)),
       "reply of 192.168.200.1 at 02:00:00:00:00:01, of this machine to " + to_client,
       FrameOrigin::host},
      {"the same where only the hardware address tells",
       frame(by_us, message(dhcp::Op::bootreply, us)),
       "reply of 192.168.200.1 at 02:00:00:00:00:01, of this machine to " + to_client},
      {"D25: the same, forged by a guest", frame(by_us, message(dhcp::Op::bootreply, us)),
       "reply of 192.168.200.1 at 02:00:00:00:00:01 to " + to_client, FrameOrigin::link},
      {"D25: a guest that calls itself as we do",
       frame(reply_to_client, message(dhcp::Op::bootreply, us)),
       "reply of 192.168.200.1 at 02:00:00:00:00:02 to " + to_client},
      {"BOOTP, which names no server", frame(reply_to_client, message(dhcp::Op::bootreply)),
       "reply of 192.168.200.2 at 02:00:00:00:00:02 to 52:52:52:00:00:04: 192.168.200.7"},
      {"a reply on its way to a relay agent", frame(to_relay, reply), "unconcerned"},
      {"what is no server's", frame(from_high_port, reply), "unconcerned"},
      {"a reply that is cut", frame(reply_to_client, cut), "malformed"},
      {"nothing", {}, "malformed"},
  };
  for (const Row& row : rows) {
    const ReceivedFrame received{
        .octets = row.octets, .origin = row.origin, .checksum_open = row.checksum_open};
    EXPECT_EQ(told(look_at(received, identity)), row.expected) << row.name;
  }
}

TEST(DhcpTap, HandsThePayloadOver) {
  const Octets octets = frame(renewal, request);
  const TapSight sight = look_at({.octets = octets}, identity);
  const auto& asked = std::get<TapRequest>(sight);
  EXPECT_TRUE(wire::equal(asked.payload, request));
  EXPECT_EQ(asked.source, (net::Endpoint{client_address, 68}));
}

TEST(DhcpTap, TellsOurRepliesFromThoseOfTheSameAddress) {
  SentReplies sent;
  const Octets ours = message(dhcp::Op::bootreply, us);
  Octets theirs = ours;
  theirs[20] = std::byte{1};
  EXPECT_FALSE(sent.contains(ours));
  sent.add(ours);
  EXPECT_TRUE(sent.contains(ours));
  EXPECT_FALSE(sent.contains(theirs));
  Octets later = ours;
  for (std::uint32_t xid = 1; xid < binder::tap_frames; ++xid) {
    wire::store_u32(later, 4, xid);
    sent.add(later);
  }
  EXPECT_TRUE(sent.contains(ours)) << "as many as a tap can hold";
  wire::store_u32(later, 4, binder::tap_frames);
  sent.add(later);
  EXPECT_FALSE(sent.contains(ours)) << "and no more";
}

TEST(DhcpTap, TakesOneOfTheTwoCopiesOfARequest) {
  constexpr bool by_tap = true;
  constexpr bool by_socket = false;
  RequestCopies copies;
  const Octets one = message(dhcp::Op::bootrequest, us);
  Octets another = one;
  another[4] = std::byte{7};
  EXPECT_FALSE(copies.is_second(one, by_tap));
  EXPECT_FALSE(copies.is_second(another, by_socket));
  EXPECT_TRUE(copies.is_second(one, by_socket));
  EXPECT_FALSE(copies.is_second(one, by_socket)) << "sent again";
  EXPECT_TRUE(copies.is_second(one, by_tap));
  EXPECT_TRUE(copies.is_second(another, by_tap));
}

TEST(DhcpTap, WhatComesOneWayOnlyIsAnsweredEachTime) {
  RequestCopies copies;
  const Octets one = message(dhcp::Op::bootrequest, us);
  for (int time = 0; time < 3; ++time) EXPECT_FALSE(copies.is_second(one, /*by_tap=*/false));
}

}  // namespace
}  // namespace berth::io
