// Messages of macOS's routing socket, put together here as its kernel does.
#include "server/binder/route_message.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace berth::binder::route {
namespace {

using Octets = std::vector<std::byte>;

Octets octets(std::initializer_list<int> values) {
  Octets result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

template <class T>
void put(Octets& to, std::size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}

// sockaddr_in of 192.168.200.1, its netmask as the kernel trims it, sockaddr_dl of bridge100.
const Octets own = octets({16, 2, 0, 0, 192, 168, 200, 1, 0, 0, 0, 0, 0, 0, 0, 0});
const Octets mask_24 = octets({7, 0, 0, 0, 255, 255, 255});
const Octets link_14 =
    octets({20, 18, 14, 0, 209, 9, 0, 0, 'b', 'r', 'i', 'd', 'g', 'e', '1', '0', '0', 0, 0, 0});
const Octets broadcast = octets({16, 2, 0, 0, 192, 168, 200, 255, 0, 0, 0, 0, 0, 0, 0, 0});
const Octets any = octets({16, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
const Octets router = octets({16, 2, 0, 0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
const Octets empty = octets({0});

constexpr std::uint8_t add = 1, remove = 2, get = 4, new_address = 0xc, delete_address = 0xd,
                       link_info = 0xe;
constexpr std::uint32_t dst = 1, gateway = 2, netmask = 4, ifp = 0x10, ifa = 0x20, brd = 0x80;
constexpr std::uint32_t up = 1, host = 4;

// Each sockaddr is padded to four octets but the last; an empty one takes four.
Octets message(Octets header, std::uint8_t type, const std::vector<Octets>& sockaddrs) {
  for (std::size_t i = 0; i < sockaddrs.size(); ++i) {
    header.insert(header.end(), sockaddrs[i].begin(), sockaddrs[i].end());
    if (i + 1 < sockaddrs.size())
      while (header.size() % 4 != 0) header.push_back(std::byte{0});
  }
  header[2] = std::byte{5};
  header[3] = std::byte{type};
  put(header, 0, static_cast<std::uint16_t>(header.size()));
  return header;
}

Octets address_message(std::uint8_t type, std::uint32_t present, const std::vector<Octets>& all) {
  Octets header(20);
  put(header, 4, present);
  put(header, 12, std::uint16_t{14});
  return message(std::move(header), type, all);
}

Octets route_message(std::uint8_t type, std::uint32_t flags, std::uint32_t present,
                     const std::vector<Octets>& all) {
  Octets header(92);
  put(header, 4, std::uint16_t{6});
  put(header, 8, flags);
  put(header, 12, present);
  return message(std::move(header), type, all);
}

Octets bridge_appears(std::uint8_t type = new_address) {
  return address_message(type, netmask | ifp | ifa | brd, {mask_24, link_14, own, broadcast});
}

const net::Ipv4Prefix ours{net::Ipv4Address::from_octets(192, 168, 200, 1), 24};

struct Row {
  std::string name;
  Octets bytes;
  std::vector<News> expected;
};

TEST(RouteMessage, MeansWhatTheKernelSays) {
  Octets link(112);
  put(link, 12, std::uint16_t{14});
  Octets other_version = bridge_appears();
  other_version[2] = std::byte{4};
  const Octets ipv6 = octets(
      {28, 30, 0, 0, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0});
  const std::vector<Row> rows{
      {"an address appears", bridge_appears(), {AddressNews{14, ours, false}}},
      {"and goes", bridge_appears(delete_address), {AddressNews{14, ours, true}}},
      {"a mask of /12, trimmed to two octets",
       address_message(new_address, netmask | ifa, {octets({6, 255, 0, 0, 255, 240}), own}),
       {AddressNews{14, {ours.address, 12}, false}}},
      {"a mask of /32 is not trimmed",
       address_message(new_address, netmask | ifa,
                       {octets({8, 255, 0, 0, 255, 255, 255, 255}), own}),
       {AddressNews{14, {ours.address, 32}, false}}},
      {"an empty mask takes four octets",
       address_message(new_address, netmask | ifa, {empty, own}),
       {AddressNews{14, {ours.address, 0}, false}}},
      {"IPv6, whose address is to be asked for",
       address_message(new_address, ifp | ifa, {link_14, ipv6}),
       {LinkNews{14}}},
      {"IPv6 that goes",
       address_message(delete_address, ifp | ifa, {link_14, ipv6}),
       {LinkNews{14}}},
      {"no address at all", address_message(new_address, 0, {}), {}},
      {"another version of the protocol", other_version, {}},
      {"a link changes", message(link, link_info, {}), {LinkNews{14}}},
      {"a default route",
       route_message(add, up, dst | gateway | netmask, {any, router, empty}),
       {DefaultRouteNews{6, false}}},
      {"without a gateway, as a VPN has it",
       route_message(get, up, dst | netmask, {any, empty}),
       {DefaultRouteNews{6, false}}},
      {"it goes, which clears its flag",
       route_message(remove, 0, dst | gateway | netmask, {any, router, empty}),
       {DefaultRouteNews{6, true}}},
      {"one that is down", route_message(get, 0, dst | netmask, {any, empty}), {}},
      {"the host 0.0.0.0", route_message(get, up | host, dst, {any}), {}},
      {"0/1, the half of everything",
       route_message(get, up, dst | netmask, {any, octets({5, 0, 0, 0, 128})}),
       {}},
      {"another destination", route_message(get, up, dst | gateway, {router, any}), {}},
      {"a type that does not matter", address_message(0xf, ifa, {own}), {}},
      {"nothing", {}, {}},
  };
  for (const Row& row : rows) {
    const auto news = parse(row.bytes);
    ASSERT_TRUE(news) << row.name;
    EXPECT_EQ(*news, row.expected) << row.name;
  }
}

TEST(RouteMessage, TakesARowOfMessages) {
  Octets both = route_message(get, up, dst | netmask, {any, empty});
  while (both.size() % 4 != 0) both.push_back(std::byte{0});
  put(both, 0, static_cast<std::uint16_t>(both.size()));
  const Octets second = bridge_appears();
  both.insert(both.end(), second.begin(), second.end());
  const auto news = parse(both);
  ASSERT_TRUE(news);
  EXPECT_EQ(*news, (std::vector<News>{DefaultRouteNews{6, false}, AddressNews{14, ours, false}}));
}

TEST(RouteMessage, RefusesEveryTruncation) {
  for (const Octets& whole :
       {bridge_appears(), route_message(get, up, dst | gateway, {any, router})}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      const auto cut = parse(wire::Bytes(whole).first(size));
      ASSERT_FALSE(cut) << size;
      EXPECT_EQ(cut.error(),
                size < 4 ? ParseError::truncated_header : ParseError::bad_message_length);
      // A kernel that cut it would have said so in its length.
      Octets honest(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      if (size < 4) continue;
      put(honest, 0, static_cast<std::uint16_t>(size));
      EXPECT_FALSE(parse(honest)) << size;
    }
  }
}

TEST(RouteMessage, NamesWhatIsWrong) {
  EXPECT_EQ(name(ParseError::truncated_header), "truncated_header");
  EXPECT_EQ(name(ParseError::bad_message_length), "bad_message_length");
  EXPECT_EQ(name(ParseError::bad_address_length), "bad_address_length");
}

TEST(RouteMessage, BelievesNoLength) {
  Octets message = bridge_appears();
  for (const std::uint16_t length : {std::uint16_t{0}, std::uint16_t{3}, std::uint16_t{0xffff}}) {
    put(message, 0, length);
    const auto lie = parse(message);
    ASSERT_FALSE(lie);
    EXPECT_EQ(lie.error(), ParseError::bad_message_length);
  }
  for (const std::size_t sockaddr : {20U, 28U, 48U, 64U}) {
    Octets lying = bridge_appears();
    lying[sockaddr] = std::byte{255};
    const auto lie = parse(lying);
    ASSERT_FALSE(lie) << sockaddr;
    EXPECT_EQ(lie.error(), ParseError::bad_address_length);
  }
  // More addresses are announced than follow.
  EXPECT_FALSE(parse(address_message(new_address, 0xff, {own})));
}

}  // namespace
}  // namespace berth::binder::route
