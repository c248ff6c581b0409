// What the world adds to the kernel and the daemons, fact by fact: time, messages, and the link.
#include "tests/server/binder/model/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {
namespace {

using Kind = EventKind;

Scenario mac() {
  Scenario scenario;
  scenario.recipes = darwin_recipes;
  scenario.wanted.link = our_link;
  scenario.wanted.second_id = second_id;
  scenario.has_client = true;
  return scenario;
}

class Mac : public testing::Test {
 protected:
  void play(std::initializer_list<Event> events) {
    for (const Event event : events) world.apply(event);
    EXPECT_EQ(world.violation(), "");
  }
  static Event pass(std::uint32_t milliseconds) { return {Kind::pass, milliseconds}; }

  const Scenario scenario = mac();
  World world{scenario};
};

TEST_F(Mac, F2_5_BootpdExitsWhenIdleAndComesBackWithTheNextPacket) {
  play({{Kind::bridge_up}, {Kind::launchd_binds}, {Kind::client_boots}, pass(1000)});
  EXPECT_TRUE(world.bootpd().is_running());
  EXPECT_EQ(world.client().address(), from_pool);
  play({{Kind::client_stops}, pass(301'000)});
  EXPECT_FALSE(world.bootpd().is_running());
  EXPECT_TRUE(world.bootpd().holds_socket()) << "launchd's";
  play({{Kind::client_boots}, pass(1000)});
  EXPECT_TRUE(world.bootpd().is_running());
}

TEST_F(Mac, F2_14_BootpdsRepliesPassTheTap) {
  play({{Kind::start}, {Kind::bridge_up}, {Kind::launchd_binds}});
  EXPECT_EQ(world.daemon().server_id(), ours);
  play({{Kind::client_boots}, pass(1000)});
  EXPECT_EQ(world.daemon().server_id(), second_id);
  play({{Kind::client_stops}, pass(3'600'000)});
  EXPECT_EQ(world.daemon().server_id(), ours) << "it has not been seen for long";
}

TEST_F(Mac, F4_8_ATapHearsWhateverSocketsTakeIt) {
  play({{Kind::start}, {Kind::bridge_up}, {Kind::launchd_binds}, {Kind::client_boots}});
  play({pass(60'000)});
  EXPECT_EQ(world.client().address(), reserved);
}

TEST_F(Mac, F5_3_BerthdHearsOfTheAddressBeforeTheLinkIsGone) {
  play({{Kind::start}, {Kind::bridge_up}, pass(2000)});
  EXPECT_EQ(world.daemon().open_count(), 7u);
  play({{Kind::bridge_down}});
  EXPECT_EQ(world.daemon().open_count(), 0u);
}

TEST_F(Mac, F5_8_AMessageMayBeLostAndTheRescanFindsOut) {
  play({{Kind::start}, {Kind::bridge_up}, pass(2000), {Kind::bridge_remade_unseen}});
  const auto is_attached = [](const Tap& tap) { return tap.attached; };
  EXPECT_TRUE(std::ranges::none_of(world.kernel().taps(), is_attached));
  play({pass(5000)});
  EXPECT_EQ(world.kernel().taps().size(), 2u);
  EXPECT_TRUE(std::ranges::all_of(world.kernel().taps(), is_attached));
}

TEST_F(Mac, F8_7_TheNameOfTheBridgeIsNotFixed) {
  play({{Kind::start}, {Kind::bridge_up}, {Kind::bridge_down}, {Kind::bridge_up_elsewhere}});
  EXPECT_TRUE(world.daemon().status(Service::dhcp)->serving);
  EXPECT_EQ(world.daemon().status(Service::dhcp)->link.name, "bridge102");
}

TEST_F(Mac, F8_9_TheProxyMayBindBeforeTheAddressIsThereOrAfter) {
  play({{Kind::start}, {Kind::bridge_up_after_proxy}});
  EXPECT_TRUE(world.daemon().is_open(Role::dns_udp) && world.daemon().is_open(Role::dns_tcp))
      << "at once";
  play({{Kind::bridge_down}, {Kind::bridge_up}, pass(500)});
  EXPECT_FALSE(world.daemon().is_open(Role::dns_udp));
  play({{Kind::proxy_binds_udp}, {Kind::proxy_binds_tcp}, pass(50)});
  EXPECT_TRUE(world.proxy().holds(Protocol::udp) && world.proxy().holds(Protocol::tcp));
  EXPECT_TRUE(world.daemon().is_open(Role::dns_udp) && world.daemon().is_open(Role::dns_tcp));
}

}  // namespace
}  // namespace berth::binder::model
