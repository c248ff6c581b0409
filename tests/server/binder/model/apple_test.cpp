// The models of Apple's daemons and of the client beside them, fact by fact.
#include "tests/server/binder/model/apple.hpp"

#include <gtest/gtest.h>

#include "tests/server/binder/model/client.hpp"
#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class Apple : public testing::Test {
 protected:
  Apple() {
    kernel.add_link("bridge100");
    kernel.add_address("bridge100", our_link);
  }

  Kernel kernel{System::xnu};
  MdnsResponder proxy;
  Bootpd bootpd;
};

DhcpMessage selecting(net::Ipv4Address server, net::Ipv4Address address) {
  return {Kind::request, Asking::selecting, server, address};
}

TEST_F(Apple, F1_1_TheProxyIsBoundToTheWildcard) {
  proxy.add_network();
  ASSERT_TRUE(proxy.bind(kernel, Protocol::udp) && proxy.bind(kernel, Protocol::tcp));
  ASSERT_EQ(kernel.sockets().size(), 4u);
  for (const Socket& socket : kernel.sockets()) {
    EXPECT_TRUE(socket.address.is_unspecified());
    EXPECT_EQ(socket.reuse_address, socket.protocol == Protocol::tcp) << "1.2";
  }
  EXPECT_FALSE(kernel.sockets()[0].ipv6_only);
  EXPECT_EQ(kernel.sockets()[1].ipv6_only, everywhere_ipv6) << "of IPv6 alone";
  EXPECT_NE(kernel.sockets()[0].uid, root) << "1.9";
}

TEST_F(Apple, F1_5_ItOpensForTheFirstNetworkAndClosesAfterTheLast) {
  proxy.add_network();
  ASSERT_TRUE(proxy.bind(kernel, Protocol::udp));
  proxy.add_network();
  EXPECT_FALSE(proxy.wants(Protocol::udp)) << "a second network opens nothing";
  proxy.remove_network(kernel);
  EXPECT_EQ(kernel.sockets().size(), 2u);
  proxy.remove_network(kernel);
  EXPECT_TRUE(kernel.sockets().empty());
}

TEST_F(Apple, F1_7_ItTriesOnce) {
  const auto holder = kernel.bind(udp(ours, 53, {.reuse_address = true}));
  ASSERT_TRUE(holder);
  proxy.add_network();
  EXPECT_FALSE(proxy.bind(kernel, Protocol::udp));
  kernel.close(*holder);
  EXPECT_FALSE(proxy.wants(Protocol::udp));
  proxy.remove_network(kernel);
  proxy.add_network();
  EXPECT_TRUE(proxy.wants(Protocol::udp)) << "until its count has been zero";
}

TEST_F(Apple, F2_2_LaunchdHoldsTheWildcard) {
  bootpd.add_network();
  ASSERT_TRUE(bootpd.bind(kernel));
  EXPECT_TRUE(kernel.sockets()[0].address.is_unspecified());
  EXPECT_TRUE(kernel.sockets()[0].reuse_address);
  EXPECT_EQ(kernel.sockets()[0].uid, root);
}

TEST_F(Apple, F7_7_LaunchdTriesOnce) {
  ASSERT_TRUE(kernel.bind(udp(everywhere, 67, {.reuse_address = true})));
  bootpd.add_network();
  EXPECT_FALSE(bootpd.bind(kernel));
  EXPECT_FALSE(bootpd.wants_socket());
}

TEST_F(Apple, F2_10_AnUnknownClientGetsSilence) {
  for (const Asking asking : {Asking::init_reboot, Asking::renewing, Asking::rebinding})
    EXPECT_FALSE(bootpd.answer({Kind::request, asking, {}, reserved}));
}

TEST_F(Apple, F2_11_ARequestThatNamesItAndAnotherAddressIsRefused) {
  EXPECT_FALSE(bootpd.answer(selecting(ours, reserved))) << "neither offer nor binding";
  ASSERT_EQ(bootpd.answer({})->kind, Kind::offer);
  EXPECT_EQ(bootpd.answer(selecting(ours, reserved))->kind, Kind::nak);
  EXPECT_EQ(bootpd.answer(selecting(ours, from_pool))->kind, Kind::ack);
  EXPECT_EQ(bootpd.answer(selecting(ours, reserved))->kind, Kind::nak) << "it has a binding";
}

TEST_F(Apple, F2_12_ARequestThatNamesAnotherMakesItWithdraw) {
  ASSERT_TRUE(bootpd.answer({}));
  EXPECT_FALSE(bootpd.answer(selecting(second_id, reserved)));
  EXPECT_TRUE(bootpd.has_withdrawn());
  EXPECT_FALSE(bootpd.answer({})) << "no more offers";
  bootpd.on_address_change();
  EXPECT_TRUE(bootpd.answer({})) << "it has read its configuration again";
  EXPECT_FALSE(bootpd.answer(selecting(second_id, reserved)));
  bootpd.exit();
  EXPECT_TRUE(bootpd.answer({})) << "2.5: it was started again";
}

// RFC 2131, figure 5.
TEST(ModelOfAClient, TakesTheFirstOfferRenewsAndRebinds) {
  TimePoint now{hours(1)};
  Client client{milliseconds{0}};
  client.boot(now);
  EXPECT_EQ(client.on_timer(now)->kind, Kind::discover);
  EXPECT_EQ(client.on_message({Kind::offer, {}, second_id, reserved}, now),
            selecting(second_id, reserved));
  EXPECT_FALSE(client.on_message({Kind::offer, {}, ours, from_pool}, now)) << "too late";
  client.on_message({Kind::ack, {}, second_id, reserved}, now);
  EXPECT_EQ(client.phase(), Client::Phase::bound);
  EXPECT_EQ(client.on_timer(now + hours(6))->destination, second_id) << "T1: by unicast";
  EXPECT_EQ(client.on_timer(now + hours(10))->destination, net::Ipv4Address::broadcast()) << "T2";
  EXPECT_EQ(client.on_timer(now + hours(12))->kind, Kind::discover) << "expired";
}

TEST(ModelOfAClient, BelievesANakWhileItAsksAndWhileItChecks) {
  TimePoint now{hours(1)};
  for (const bool is_checking : {true, false}) {
    Client client{milliseconds{is_checking ? 2000 : 0}};
    client.boot(now);
    client.on_timer(now);
    client.on_message({Kind::offer, {}, ours, reserved}, now);
    client.on_message({Kind::ack, {}, ours, reserved}, now);
    client.on_message({Kind::nak, {}, ours, {}}, now);
    EXPECT_EQ(client.has_address(), !is_checking);
  }
}

TEST(ModelOfAClient, GivesUpARebootThatNobodyConfirms) {
  TimePoint now{hours(1)};
  Client client{milliseconds{0}};
  client.boot(now);
  client.on_timer(now);
  client.on_message({Kind::offer, {}, ours, reserved}, now);
  client.on_message({Kind::ack, {}, ours, reserved}, now);
  client.stop();
  client.boot(now);
  EXPECT_EQ(client.on_timer(now)->asking, Asking::init_reboot);
  EXPECT_EQ(client.on_timer(now + milliseconds{4000})->asking, Asking::init_reboot);
  EXPECT_EQ(client.on_timer(now + milliseconds{8000})->kind, Kind::discover);
}

}  // namespace
}  // namespace berth::binder::model
