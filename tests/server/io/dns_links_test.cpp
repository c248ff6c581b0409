// Whose a query is, with our addresses on their links, elsewhere and nowhere.
#include "server/io/dns_links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/load.hpp"

namespace berth::io {
namespace {

constexpr std::string_view plan = R"(
networks:
  red: {subnet: 192.168.200.0/24}
  blue: {subnet: 10.20.0.0/16}
)";

// `far` comes first, and our address in it is red's.
constexpr std::string_view plan_with_routed_clients = R"(
networks:
  far: {subnet: 10.9.0.0/16, interface: none, address: 192.168.200.1, router: 10.9.0.1,
        relays: [10.9.0.1]}
  red: {subnet: 192.168.200.0/24}
)";

constexpr std::uint32_t none = 0;
constexpr std::uint32_t berth0 = 3;
constexpr std::uint32_t berth1 = 4;
constexpr std::uint32_t eth0 = 2;
constexpr dns::NetworkIndex red = 0;
constexpr dns::NetworkIndex blue = 1;

std::shared_ptr<const dns::Zones> zones(std::string_view text = plan) {
  return std::make_shared<const dns::Zones>(*config::load(text).config);
}

net::Ipv4Address address(const std::string& text) {
  return net::Ipv4Address::parse(text).value_or(net::Ipv4Address());
}

const net::Ipv4Address ours_on_red = address("192.168.200.1");
const net::Ipv4Address ours_on_blue = address("10.20.0.1");

struct Case {
  std::string name;
  std::uint32_t red_on;
  std::uint32_t blue_on;
  std::string source;
  std::uint32_t arrival;
  dns::NetworkIndex by_udp = dns::no_network;
  dns::NetworkIndex by_tcp = dns::no_network;
  bool is_host = false;
};

const Case cases[] = {
    {"guest_on_its_link", berth0, berth1, "192.168.200.7", berth0, red, red},
    {"guest_of_the_other_network", berth0, berth1, "10.20.3.7", berth1, blue, blue},
    {"two_networks_on_a_link", berth0, berth0, "10.20.3.7", berth0, blue, blue},
    {"stranger_on_a_link_of_ours", berth0, berth1, "172.16.0.9", berth0},
    {"N13_forged_on_the_other_link", berth0, berth1, "192.168.200.7", berth1, dns::no_network, red},
    {"N13_forged_on_a_link_that_is_not_ours", berth0, berth1, "192.168.200.7", eth0,
     dns::no_network, red},
    {"N13_guest_of_a_network_that_is_nowhere", none, berth1, "192.168.200.7", eth0},
    {"N13_arrival_that_is_not_known", none, berth1, "192.168.200.7", none},
    {"N13_arrival_that_is_not_known_while_the_network_is_there", berth0, berth1, "192.168.200.7",
     none, dns::no_network, red},
    {"this_host", berth0, berth1, "192.168.200.1", berth0, red, red, true},
    {"this_host_by_its_other_address", berth0, berth1, "10.20.0.1", berth0, dns::no_network, blue,
     true},
    {"this_host_by_its_loopback", none, none, "127.0.0.1", none, dns::no_network, dns::no_network,
     true},
    {"N12_our_address_while_the_machine_has_it_not", none, berth1, "192.168.200.1", berth1},
};

class Whose : public testing::TestWithParam<Case> {};

TEST_P(Whose, IsByLinkAndSource) {
  const Case& c = GetParam();
  DnsLinks links(zones());
  links.add(ours_on_red, none);
  links.add(ours_on_blue, c.blue_on);
  links.set_interface(ours_on_red, c.red_on);
  EXPECT_EQ(links.network_on(c.arrival, address(c.source)), c.by_udp);
  EXPECT_EQ(links.network_of(address(c.source)), c.by_tcp);
  EXPECT_EQ(links.is_host(address(c.source)), c.is_host);
}

INSTANTIATE_TEST_SUITE_P(DnsLinks, Whose, testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(DnsLinks, ForgetsAnAddressThatIsNoLongerListenedOn) {
  DnsLinks links(zones());
  links.add(ours_on_red, berth0);
  links.remove(ours_on_red);
  links.set_interface(ours_on_red, berth0);
  EXPECT_EQ(links.network_of(address("192.168.200.7")), dns::no_network);
  EXPECT_FALSE(links.is_host(ours_on_red));
}

TEST(DnsLinks, KnowTheNetworkOfALinkByOurAddressThere) {
  constexpr dns::NetworkIndex near = 1;
  const DnsLinks links(zones(plan_with_routed_clients));
  EXPECT_EQ(links.network_at(ours_on_red), near) << "the other has no link";
  EXPECT_EQ(links.network_at(ours_on_blue), dns::no_network);
}

TEST(DnsLinks, KnowClientsBehindARouter) {
  constexpr dns::NetworkIndex far = 0;
  constexpr dns::NetworkIndex near = 1;
  DnsLinks links(zones(plan_with_routed_clients));
  links.add(ours_on_red, none);
  EXPECT_EQ(links.network_on(eth0, address("10.9.0.20")), dns::no_network)
      << "our address is not there";
  EXPECT_EQ(links.network_of(address("10.9.0.20")), dns::no_network);

  links.set_interface(ours_on_red, berth0);
  EXPECT_EQ(links.network_on(berth0, address("10.9.0.20")), far);
  EXPECT_EQ(links.network_on(eth0, address("10.9.0.20")), far);
  EXPECT_EQ(links.network_of(address("10.9.0.20")), far);
  EXPECT_EQ(links.network_on(berth0, address("192.168.200.7")), near);
  EXPECT_EQ(links.network_on(eth0, address("192.168.200.7")), dns::no_network);
  EXPECT_EQ(links.network_on(berth0, address("10.10.0.20")), dns::no_network);
}

TEST(DnsLinks, KeepsTheLinksWhenThePlanChanges) {
  DnsLinks links(zones());
  links.add(ours_on_blue, berth1);
  links.replace_zones(zones("networks: {blue: {subnet: 10.20.0.0/24}}"));
  EXPECT_EQ(links.network_on(berth1, address("10.20.0.7")), 0U);
  EXPECT_EQ(links.network_on(berth1, address("10.20.3.7")), dns::no_network);
}

}  // namespace
}  // namespace berth::io
