// The model of XNU, fact by fact: each test is named after the number of what it shows.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/binder/model/kernel.hpp"
#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {
namespace {

constexpr SocketWords none{};
constexpr SocketWords reuse{.reuse_address = true};
constexpr SocketWords port{.reuse_port = true};
constexpr SocketWords share{.share_uid = true};
constexpr SocketWords by_mdns{.uid = mdns_uid};
constexpr SocketWords by_mdns_tcp{.reuse_address = true, .uid = mdns_uid};

Kernel with_bridge() {
  Kernel kernel(System::xnu);
  kernel.add_link("bridge100");
  kernel.add_address("bridge100", our_link);
  kernel.set_link_local("bridge100", link_local);
  return kernel;
}

const Socket proxy_of_ipv6 = on_ipv6(udp(everywhere, 53, by_mdns), everywhere_ipv6);
const Socket ours_of_ipv6 = on_ipv6(udp(everywhere, 53, reuse), link_local);

struct Pair {
  std::string name;
  Socket holder;
  Socket newcomer;
  bool stands;
};

// The worked table of the third part, then the rules that it follows from.
const Pair pairs[] = {
    {"F3_4_ProxyThenOursWithoutOption", udp(everywhere, 53, by_mdns), udp(ours, 53, none), false},
    {"F3_4_ProxyThenOursWithReuseAddress", udp(everywhere, 53, by_mdns), udp(ours, 53, reuse),
     true},
    {"F3_4_ProxyThenOursWithReusePort", udp(everywhere, 53, by_mdns), udp(ours, 53, port), true},
    {"F3_4_ProxyThenOursTcp", tcp(everywhere, 53, by_mdns_tcp), tcp(ours, 53, reuse), true},
    {"F3_3_OursThenProxy", udp(ours, 53, reuse), udp(everywhere, 53, by_mdns), false},
    {"F3_4_OursThatSharesUidThenProxyUdp", udp(ours, 53, share), udp(everywhere, 53, by_mdns),
     false},
    {"F3_3_OursThenProxyTcp", tcp(ours, 53, reuse), tcp(everywhere, 53, by_mdns_tcp), false},
    {"F3_3_OursThatSharesUidThenProxyTcp", tcp(ours, 53, share), tcp(everywhere, 53, by_mdns_tcp),
     true},
    {"F1_10_LoopbackThenProxyUdp", udp(loopback, 53, none), udp(everywhere, 53, by_mdns), false},
    {"F1_10_LoopbackThenProxyTcp", tcp(loopback, 53, reuse), tcp(everywhere, 53, by_mdns_tcp),
     false},
    {"F3_4_ExactlyOurs", udp(ours, 53, reuse), udp(ours, 53, reuse), false},
    {"F3_8_ExactlyOursBothReusePort", udp(ours, 53, port), udp(ours, 53, port), true},
    {"F2_2_LaunchdThenGuard", udp(everywhere, 67, reuse), udp(everywhere, 67, reuse), false},
    {"F2_2_LaunchdThenGuardWithReusePort", udp(everywhere, 67, reuse), udp(everywhere, 67, port),
     false},
    {"F3_4_LaunchdThenDrain", udp(everywhere, 67, reuse), udp(ours, 67, reuse), true},
    {"F3_4_GuardThenLaunchd", udp(everywhere, 67, reuse), udp(everywhere, 67, reuse), false},
    {"F3_4_DrainThenLaunchd", udp(ours, 67, reuse), udp(everywhere, 67, reuse), true},
    {"F3_3_TwoUidsOnTheWildcard", udp(everywhere, 53, reuse),
     udp(everywhere, 53, {.reuse_port = true, .uid = mdns_uid}), false},
    {"F3_4_OtherAddresses", udp(loopback, 53, none), udp(ours, 53, none), true},
    {"F1_1_ProxyOfIpv6ThenOursOfIpv4WithoutOption", proxy_of_ipv6, udp(ours, 53, none), true},
    {"F1_1_OursOfIpv4ThenProxyOfIpv6", udp(ours, 53, none), proxy_of_ipv6, true},
    {"F1_1_OursOfIpv6ThenProxyOfIpv4", ours_of_ipv6, udp(everywhere, 53, by_mdns), true},
    {"F3_4_ProxyOfIpv6ThenOurs", proxy_of_ipv6, ours_of_ipv6, true},
    {"F3_4_ProxyOfIpv6ThenOursWithoutOption", proxy_of_ipv6,
     on_ipv6(udp(everywhere, 53, none), link_local), false},
    {"F3_3_OursOfIpv6ThenItsProxy", ours_of_ipv6, proxy_of_ipv6, false},
    {"F3_4_ExactlyOursOfIpv6", ours_of_ipv6, ours_of_ipv6, false},
};

class XnuBind : public testing::TestWithParam<Pair> {};

TEST_P(XnuBind, HolderThenNewcomer) {
  Kernel kernel = with_bridge();
  ASSERT_TRUE(kernel.bind(GetParam().holder));
  const auto bound = kernel.bind(GetParam().newcomer);
  EXPECT_EQ(bound.has_value(), GetParam().stands);
  if (!bound) {
    EXPECT_EQ(bound.error(), BindError::address_in_use);
  }
}

INSTANTIATE_TEST_SUITE_P(Facts, XnuBind, testing::ValuesIn(pairs),
                         [](const auto& test) { return test.param.name; });

TEST(Xnu, F3_1_AnAddressMustBeThere) {
  Kernel kernel(System::xnu);
  EXPECT_EQ(kernel.bind(udp(everywhere, 67, reuse)).error(), BindError::address_not_available)
      << "no address at all";
  kernel = with_bridge();
  EXPECT_TRUE(kernel.bind(udp(everywhere, 67, reuse)));
  EXPECT_TRUE(kernel.bind(udp(our_link.broadcast(), 67, reuse)));
  EXPECT_EQ(kernel.bind(udp(to_all, 67, reuse)).error(), BindError::address_not_available);
  EXPECT_EQ(kernel.bind(udp(second, 53, {.free_bind = true})).error(),
            BindError::address_not_available);
}

TEST(Xnu, F3_5_OnlyASpecificLowPortNeedsRoot) {
  Kernel kernel = with_bridge();
  EXPECT_TRUE(kernel.bind(udp(everywhere, 67, {.reuse_address = true, .uid = 501})));
  EXPECT_EQ(kernel.bind(udp(ours, 53, {.reuse_address = true, .uid = 501})).error(),
            BindError::not_permitted);
}

TEST(Xnu, F3_7_TheLinkThatASocketIsBoundToMattersNeitherToBindingNorToHearing) {
  Kernel kernel = with_bridge();
  kernel.add_link("bridge101");
  const std::uint32_t here = kernel.link("bridge100")->index;
  const std::uint32_t other = kernel.link("bridge101")->index;
  const auto bound = kernel.bind(udp(ours, 53, {.reuse_address = true, .device = other}));
  ASSERT_TRUE(bound);
  EXPECT_FALSE(kernel.bind(udp(ours, 53, {.reuse_address = true, .device = here})));
  EXPECT_EQ(kernel.unicast(Protocol::udp, ours, 53, here)->id, *bound);
  const auto wildcard = kernel.bind(udp(everywhere, 67, {.reuse_address = true, .device = other}));
  ASSERT_TRUE(wildcard);
  ASSERT_EQ(kernel.broadcast(to_all, 67, here).size(), 1u);
}

TEST(Xnu, F3_8_SpecificWinsWhateverTheOrder) {
  for (const bool specific_first : {true, false}) {
    Kernel kernel = with_bridge();
    std::uint64_t specific = 0;
    for (const bool is_specific : {specific_first, !specific_first}) {
      const auto bound = kernel.bind(udp(is_specific ? ours : everywhere, 67, reuse));
      ASSERT_TRUE(bound);
      if (is_specific) specific = *bound;
    }
    EXPECT_EQ(kernel.unicast(Protocol::udp, ours, 67, 5)->id, specific);
    EXPECT_NE(kernel.unicast(Protocol::udp, second, 67, 5)->id, specific);
  }
}

TEST(Xnu, F3_8_OfOneAddressTheNewestTakesAll) {
  Kernel kernel = with_bridge();
  ASSERT_TRUE(kernel.bind(udp(ours, 53, port)));
  const auto thief = kernel.bind(udp(ours, 53, port));
  ASSERT_TRUE(thief);
  EXPECT_EQ(kernel.unicast(Protocol::udp, ours, 53, 5)->id, *thief);
}

TEST(Xnu, F3_8_OfIpv6TooSpecificWinsWhateverTheOrder) {
  for (const bool specific_first : {true, false}) {
    Kernel kernel = with_bridge();
    std::uint64_t specific = 0;
    for (const bool is_specific : {specific_first, !specific_first}) {
      const auto bound = kernel.bind(
          on_ipv6(udp(everywhere, 67, reuse), is_specific ? link_local : everywhere_ipv6));
      ASSERT_TRUE(bound);
      if (is_specific) specific = *bound;
    }
    EXPECT_EQ(kernel.unicast_ipv6(Protocol::udp, link_local, 67)->id, specific);
    EXPECT_EQ(kernel.unicast(Protocol::udp, ours, 67, 5), nullptr) << "of IPv6 alone";
    EXPECT_TRUE(kernel.broadcast(to_all, 67, 5).empty());
  }
}

TEST(Xnu, F3_1_ALinkLocalAddressMustBeThereToo) {
  Kernel kernel = with_bridge();
  kernel.set_link_local("bridge100", std::nullopt);
  EXPECT_EQ(kernel.bind(ours_of_ipv6).error(), BindError::address_not_available);
}

TEST(Xnu, F3_9_ABroadcastNeverReachesASpecificAddress) {
  Kernel kernel = with_bridge();
  ASSERT_TRUE(kernel.bind(udp(ours, 67, reuse)));
  EXPECT_TRUE(kernel.broadcast(to_all, 67, 5).empty());
  const auto launchd = kernel.bind(udp(everywhere, 67, reuse));
  ASSERT_TRUE(launchd);
  ASSERT_EQ(kernel.broadcast(to_all, 67, 5).size(), 1u);
  EXPECT_EQ(kernel.broadcast(to_all, 67, 5)[0]->id, *launchd);
}

TEST(Xnu, F3_10_TheWalkStopsAtASocketWithoutOptions) {
  Kernel kernel = with_bridge();
  const auto older = kernel.bind(udp(everywhere, 67, reuse));
  const auto newer = kernel.bind(udp(our_link.broadcast(), 67, reuse));
  ASSERT_TRUE(older && newer);
  ASSERT_EQ(kernel.broadcast(our_link.broadcast(), 67, 5).size(), 2u);
  kernel.clear_reuse(*newer);
  ASSERT_EQ(kernel.broadcast(our_link.broadcast(), 67, 5).size(), 1u);
  EXPECT_EQ(kernel.broadcast(our_link.broadcast(), 67, 5)[0]->id, *newer);
}

TEST(Xnu, F4_3_PacketInfoOnSendUnbindsTheSocket) {
  Kernel kernel = with_bridge();
  const auto proxy = kernel.bind(udp(everywhere, 53, by_mdns));
  const auto bound = kernel.bind(udp(ours, 53, reuse));
  ASSERT_TRUE(proxy && bound);
  EXPECT_EQ(kernel.unicast(Protocol::udp, second, 53, 6)->id, *proxy);
  kernel.send_with_packet_info(*bound);
  EXPECT_EQ(kernel.unicast(Protocol::udp, second, 53, 6)->id, *bound)
      << "the proxy's other networks are taken from it";
}

TEST(Xnu, F4_6_ATapNeedsItsLink) {
  Kernel kernel(System::xnu);
  EXPECT_EQ(kernel.attach(Owner::berthd, 5).error(), BindError::no_such_link);
}

TEST(Xnu, F5_10_ASocketOutlivesItsAddressAndRevives) {
  Kernel kernel = with_bridge();
  const auto bound = kernel.bind(udp(ours, 53, reuse));
  kernel.remove_link("bridge100");
  EXPECT_TRUE(kernel.find(*bound));
  kernel.add_link("bridge101");
  kernel.add_address("bridge101", our_link);
  EXPECT_EQ(kernel.unicast(Protocol::udp, ours, 53, 6)->id, *bound);
}

TEST(Xnu, F5_11_ANameGetsItsIndexBackAndATapDoesNotRevive) {
  Kernel kernel = with_bridge();
  const std::uint32_t index = kernel.link("bridge100")->index;
  const auto tap = kernel.attach(Owner::berthd, index);
  ASSERT_TRUE(tap);
  EXPECT_TRUE(kernel.hears_frames(Owner::berthd, index));
  kernel.remove_link("bridge100");
  EXPECT_EQ(kernel.add_link("bridge100"), index);
  EXPECT_FALSE(kernel.hears_frames(Owner::berthd, index));
  EXPECT_NE(kernel.add_link("bridge101"), index);
}

}  // namespace
}  // namespace berth::binder::model
