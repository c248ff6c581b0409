// Which servers a configuration and a resolv.conf make, and that an index means one server at a
// time.
#include "server/io/upstreams.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"
#include "server/io/resolv_conf.hpp"

namespace berth::io {
namespace {

ForwardPlan plan(const std::string& dns) {
  const auto loaded =
      config::load("networks: {lab: {subnet: 192.168.200.0/24}}\ndns: {" + dns + "}\n");
  return forward_plan(loaded.config.value());
}

std::vector<net::SocketAddress> servers(const std::vector<std::string>& texts) {
  std::vector<net::SocketAddress> all;
  for (const std::string& text : texts) all.push_back(*net::SocketAddress::parse(text, 53));
  return all;
}

// The servers for a name, as text.
std::vector<std::string> asked(const Upstreams& upstreams, std::string_view name) {
  std::vector<std::string> texts;
  const auto owner = *dns::Name::parse(name);
  for (const dns::UpstreamIndex server :
       upstreams.forwarding->servers_for(dns::FoldedName(owner.wire())))
    texts.push_back(net::to_string(upstreams.servers.at(server).value(), 53));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Upstreams, AreTheHostsOrThoseOfThePlan) {
  const auto host = servers({"192.0.2.1", "192.0.2.2"});
  UpstreamTable table;
  EXPECT_EQ(asked(*table.make(plan(""), host), "a.example"), (Texts{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(asked(*table.make(plan("upstream: 9.9.9.9"), host), "a.example"), Texts{"9.9.9.9"});
  EXPECT_EQ(asked(*table.make(plan("upstream: none"), host), "a.example"), Texts{});
  EXPECT_FALSE(table.make(plan("upstream: none"), host)->forwarding->has_servers());
  const auto some =
      table.make(plan("forward: {b.example: ['9.9.9.9:54'], c.b.example: none}"), host);
  EXPECT_EQ(asked(*some, "b.example"), Texts{"9.9.9.9:54"});
  EXPECT_EQ(asked(*some, "x.b.example"), Texts{"9.9.9.9:54"});
  EXPECT_EQ(asked(*some, "x.c.b.example"), Texts{});
  EXPECT_TRUE(some->are_at(*net::Ipv4Address::parse("9.9.9.9")));
  EXPECT_FALSE(some->are_at(*net::Ipv4Address::parse("9.9.9.8")));
  EXPECT_FALSE(some->are_at(*net::Ipv4Address::parse("127.0.0.1")));
  const auto stub = table.make(plan(""), servers({"127.0.0.53"}));
  EXPECT_TRUE(stub->are_at(*net::Ipv4Address::parse("127.0.0.1")));
}

TEST(Upstreams, AreNeverOurselves) {
  UpstreamTable table;
  const auto host = servers({"192.168.200.1", "127.0.0.53", "192.0.2.1"});
  EXPECT_EQ(asked(*table.make(plan(""), host), "a.example"), (Texts{"127.0.0.53", "192.0.2.1"}));
  const auto loopback = servers({"127.0.0.1:5354"});
  EXPECT_EQ(asked(*table.make(plan("listen: on"), loopback), "a.example"), Texts{});
}

TEST(Upstreams, KeepTheirIndicesAndLeaveThoseThatAreGoneEmptyOnce) {
  UpstreamTable table;
  const auto first = table.make(plan(""), servers({"192.0.2.1", "192.0.2.2"}));
  const auto second = table.make(plan(""), servers({"192.0.2.3", "192.0.2.2"}));
  ASSERT_EQ(second->servers.size(), 3u);
  EXPECT_FALSE(second->servers[0]);
  EXPECT_EQ(second->servers[1], first->servers[1]);
  const auto third = table.make(plan(""), servers({"192.0.2.4", "192.0.2.3"}));
  EXPECT_EQ(third->servers[0], servers({"192.0.2.4"})[0]);
  EXPECT_EQ(third->servers[2], second->servers[2]);
}

TEST(Upstreams, FindAPlaceForTheMost) {
  UpstreamTable table;
  for (int round = 0; round < 10; ++round) {
    std::string list;
    std::vector<std::string> host;
    for (std::size_t i = 0; i < config::max_servers; ++i)
      list += "10." + std::to_string(round) + ".0." + std::to_string(i + 1) + ", ";
    for (std::size_t i = 0; i < max_host_resolvers; ++i)
      host.push_back("10." + std::to_string(round) + ".1." + std::to_string(i + 1));
    const auto upstreams = table.make(plan("forward: {a.example: [" + list + "]}"), servers(host));
    EXPECT_LE(upstreams->servers.size(), dns::max_upstreams);
    EXPECT_EQ(asked(*upstreams, "a.example").size(), config::max_servers);
    EXPECT_EQ(asked(*upstreams, "b.example"), host);
  }
}

TEST(Upstreams, AreAskedAsThePlanSays) {
  UpstreamTable table;
  const auto usual = table.make(plan(""), {})->forwarding->options();
  EXPECT_EQ(usual.cache_entries, 10'000u);
  EXPECT_FALSE(usual.rebind_protection || usual.filter_aaaa);
  const auto other =
      table.make(plan("cache: off, rebind-protection: {allow: [a.example]}, filter: aaaa"), {})
          ->forwarding->options();
  EXPECT_EQ(other.cache_entries, 0u);
  EXPECT_TRUE(other.rebind_protection && other.filter_aaaa);
  EXPECT_EQ(other.rebind_exceptions, std::vector{*dns::Name::parse("a.example")});
}

}  // namespace
}  // namespace berth::io
