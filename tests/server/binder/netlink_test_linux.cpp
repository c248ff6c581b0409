#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/binder/netlink_linux.hpp"

namespace berth::binder::netlink {
namespace {

using namespace std::string_view_literals;
using Octets = std::vector<std::byte>;

template <class T>
Octets octets_of(const T& value) {
  Octets octets(sizeof value);
  std::memcpy(octets.data(), &value, sizeof value);
  return octets;
}

Octets octets_of(std::string_view text) {
  const wire::Bytes bytes = wire::bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Octets padded(Octets octets) {
  octets.resize((octets.size() + 3) / 4 * 4);
  return octets;
}

Octets attribute(unsigned short type, const Octets& value) {
  return padded(octets_of(rtattr{static_cast<unsigned short>(RTA_LENGTH(value.size())), type}) +
                value);
}

Octets message(unsigned short type, const Octets& body, unsigned short flags = 0) {
  const nlmsghdr header{static_cast<unsigned>(NLMSG_LENGTH(body.size())), type, flags, 7, 0};
  return padded(octets_of(header) + body);
}

Octets link_message(unsigned short type, unsigned flags = IFF_UP | IFF_RUNNING,
                    unsigned char family = AF_UNSPEC, const Octets& more = {}) {
  ifinfomsg header{};
  header.ifi_family = family;
  header.ifi_index = 5;
  header.ifi_flags = flags;
  return message(type, octets_of(header) + attribute(IFLA_IFNAME, octets_of("br0\0"sv)) +
                           attribute(IFLA_ADDRESS, octets_of("\x52\x52\x52\x00\x00\x01"sv)) + more);
}

Octets address_message(unsigned short type, const Octets& attributes, unsigned char length = 24,
                       unsigned char family = AF_INET) {
  ifaddrmsg header{};
  header.ifa_family = family;
  header.ifa_prefixlen = length;
  header.ifa_index = 5;
  return message(type, octets_of(header) + attributes);
}

Octets route_message(unsigned short type, const Octets& attributes, unsigned char length = 0,
                     unsigned char kind = RTN_UNICAST, unsigned short flags = 0) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = length;
  header.rtm_type = kind;
  return message(type, octets_of(header) + attributes, flags);
}

Octets next_hop(int index, const Octets& attributes = {}) {
  rtnexthop hop{};
  hop.rtnh_len = static_cast<unsigned short>(sizeof hop + attributes.size());
  hop.rtnh_ifindex = index;
  return octets_of(hop) + attributes;
}

const Octets ours = octets_of("\xc0\xa8\xc8\x01"sv);
const Octets peer = octets_of("\xc0\xa8\xc8\x02"sv);
const net::Ipv4Prefix our_prefix{net::Ipv4Address::from_octets(192, 168, 200, 1), 24};
const Link br0{5, "br0", net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 1), true};
const Link br0_idle{5, "br0", br0.mac, false};

struct Row {
  std::string name;
  Octets datagram;
  std::vector<News> expected;
};

const Row rows[] = {
    {"Nothing", {}, {}},
    {"NewLink", link_message(RTM_NEWLINK), {LinkNews{br0, false}}},
    {"LinkWithoutCarrier", link_message(RTM_NEWLINK, IFF_UP), {LinkNews{br0_idle, false}}},
    {"LinkDown", link_message(RTM_NEWLINK, IFF_RUNNING), {LinkNews{br0_idle, false}}},
    {"DeletedLink", link_message(RTM_DELLINK), {LinkNews{br0, true}}},
    {"LinkThatLeavesABridgeIsNotDeleted", link_message(RTM_DELLINK, IFF_UP, AF_BRIDGE), {}},
    {"WirelessEventIsNoLink",
     link_message(RTM_NEWLINK, IFF_UP, AF_UNSPEC, attribute(IFLA_WIRELESS, Octets(8))),
     {}},
    {"NewAddress",
     address_message(RTM_NEWADDR, attribute(IFA_ADDRESS, ours) + attribute(IFA_LOCAL, ours)),
     {AddressNews{5, our_prefix, false}}},
    {"PointToPointAddressIsTheLocalOne",
     address_message(RTM_NEWADDR, attribute(IFA_ADDRESS, peer) + attribute(IFA_LOCAL, ours)),
     {AddressNews{5, our_prefix, false}}},
    {"AddressWithoutLocal",
     address_message(RTM_NEWADDR, attribute(IFA_ADDRESS, ours)),
     {AddressNews{5, our_prefix, false}}},
    {"DeletedAddress",
     address_message(RTM_DELADDR, attribute(IFA_LOCAL, ours)),
     {AddressNews{5, our_prefix, true}}},
    {"Ipv6Address", address_message(RTM_NEWADDR, attribute(IFA_LOCAL, ours), 24, AF_INET6), {}},
    {"NoAddress", address_message(RTM_NEWADDR, {}), {}},
    {"AddressOfAWrongSize", address_message(RTM_NEWADDR, attribute(IFA_LOCAL, Octets(3))), {}},
    {"ImpossiblePrefixLength", address_message(RTM_NEWADDR, attribute(IFA_LOCAL, ours), 33), {}},
    {"DefaultRoute",
     route_message(RTM_NEWROUTE, attribute(RTA_OIF, octets_of(2))),
     {DefaultRouteNews{{2}, false, false}}},
    {"DumpedDefaultRoute",
     route_message(RTM_NEWROUTE, attribute(RTA_OIF, octets_of(2)), 0, RTN_UNICAST, NLM_F_MULTI),
     {DefaultRouteNews{{2}, true, false}}},
    {"DeletedDefaultRoute",
     route_message(RTM_DELROUTE, attribute(RTA_OIF, octets_of(2))),
     {DefaultRouteNews{{2}, false, true}}},
    {"MultipathDefaultRoute",
     route_message(
         RTM_NEWROUTE,
         attribute(RTA_MULTIPATH, next_hop(2, attribute(RTA_GATEWAY, ours)) + next_hop(3))),
     {DefaultRouteNews{{2, 3}, false, false}}},
    {"RouteToASubnet", route_message(RTM_NEWROUTE, attribute(RTA_OIF, octets_of(2)), 24), {}},
    {"UnreachableDefaultRoute", route_message(RTM_NEWROUTE, {}, 0, RTN_UNREACHABLE), {}},
    {"DumpDone", message(NLMSG_DONE, octets_of(0), NLM_F_MULTI), {DumpEnd{7, false}}},
    {"DumpDoneWithoutAResult", message(NLMSG_DONE, {}), {DumpEnd{7, false}}},
    {"DumpFailedAtItsEnd", message(NLMSG_DONE, octets_of(-12)), {DumpEnd{7, true}}},
    {"DumpRefused", message(NLMSG_ERROR, octets_of(nlmsgerr{-16, {}})), {DumpEnd{7, true}}},
    {"DumpInterrupted",
     message(NLMSG_DONE, octets_of(0), NLM_F_MULTI | NLM_F_DUMP_INTR),
     {DumpInterrupted{7}, DumpEnd{7, false}}},
    {"UnknownType", message(999, Octets(40)), {}},
    {"SeveralInOrder",
     link_message(RTM_NEWLINK) + address_message(RTM_NEWADDR, attribute(IFA_LOCAL, ours)) +
         message(NLMSG_DONE, octets_of(0)),
     {LinkNews{br0, false}, AddressNews{5, our_prefix, false}, DumpEnd{7, false}}},
};

class Netlink : public testing::TestWithParam<Row> {};

TEST_P(Netlink, SaysWhatTheKernelSaid) {
  const auto news = parse(GetParam().datagram);
  ASSERT_TRUE(news);
  EXPECT_EQ(*news, GetParam().expected);
}

// A cut between two messages leaves the first ones; any other is an error.
TEST_P(Netlink, EveryTruncationIsNoticed) {
  const Octets& whole = GetParam().datagram;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto news = parse(wire::Bytes(whole).first(size));
    std::size_t boundary = 0;
    while (boundary < size) {
      nlmsghdr header{};
      std::memcpy(&header, whole.data() + boundary, sizeof header);
      if (boundary + header.nlmsg_len == size) boundary = size;  // padding may be missing
      if (boundary < size) boundary += NLMSG_ALIGN(header.nlmsg_len);
    }
    EXPECT_EQ(news.has_value(), boundary == size) << size;
  }
}

TEST_P(Netlink, NoChangedOctetIsTrusted) {
  Octets datagram = GetParam().datagram;
  for (std::byte& octet : datagram)
    for (int value = 0; value < 256; ++value) {
      const std::byte before = std::exchange(octet, static_cast<std::byte>(value));
      const Octets exact(datagram.begin(), datagram.end());  // its end is the end of an allocation
      const auto news = parse(exact);
      EXPECT_TRUE(!news || news->size() <= 2 * GetParam().expected.size() + 8);
      octet = before;
    }
}

INSTANTIATE_TEST_SUITE_P(Messages, Netlink, testing::ValuesIn(rows),
                         [](const auto& test) { return test.param.name; });

struct BadRow {
  std::string name;
  Octets datagram;
  ParseError expected;
};

Octets with_length(Octets datagram, std::size_t at, std::uint16_t length) {
  std::memcpy(datagram.data() + at, &length, sizeof length);
  return datagram;
}

constexpr std::size_t first_attribute_of_a_link = sizeof(nlmsghdr) + sizeof(ifinfomsg);
constexpr std::size_t first_attribute_of_a_route = sizeof(nlmsghdr) + sizeof(rtmsg);

const BadRow bad_rows[] = {
    {"HalfAHeader", Octets(8), ParseError::truncated_header},
    {"LengthBelowTheHeader", with_length(link_message(RTM_NEWLINK), 0, 15),
     ParseError::bad_message_length},
    {"LengthBeyondTheEnd", with_length(link_message(RTM_NEWLINK), 0, 4096),
     ParseError::bad_message_length},
    {"LinkWithHalfABody", message(RTM_NEWLINK, Octets(8)), ParseError::truncated_body},
    {"AddressWithHalfABody", message(RTM_NEWADDR, Octets(4)), ParseError::truncated_body},
    {"RouteWithHalfABody", message(RTM_NEWROUTE, Octets(4)), ParseError::truncated_body},
    {"AttributeOfLengthZero", with_length(link_message(RTM_NEWLINK), first_attribute_of_a_link, 0),
     ParseError::bad_attribute_length},
    {"AttributeBeyondTheEnd",
     with_length(link_message(RTM_NEWLINK), first_attribute_of_a_link, 400),
     ParseError::bad_attribute_length},
    {"NextHopOfLengthZero",
     with_length(route_message(RTM_NEWROUTE, attribute(RTA_MULTIPATH, next_hop(2))),
                 first_attribute_of_a_route + sizeof(rtattr), 0),
     ParseError::bad_attribute_length},
    {"NextHopBeyondTheEnd",
     with_length(route_message(RTM_NEWROUTE, attribute(RTA_MULTIPATH, next_hop(2))),
                 first_attribute_of_a_route + sizeof(rtattr), 40),
     ParseError::bad_attribute_length},
};

class BadNetlink : public testing::TestWithParam<BadRow> {};

TEST_P(BadNetlink, IsNamed) {
  const auto news = parse(GetParam().datagram);
  ASSERT_FALSE(news);
  EXPECT_EQ(news.error(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Messages, BadNetlink, testing::ValuesIn(bad_rows),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder::netlink
