// What a right file becomes.
#include "config/load.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "config/default_plan.hpp"
#include "config/keys.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

using net::Ipv4Address;

Config loaded(const std::string& text) {
  Loaded result = load(text);
  EXPECT_TRUE(result.config) << format(result.errors, "file", text);
  return result.config.value_or(Config{});
}

Network network(const std::string& body) {
  const Config config = loaded(lab(body));
  return config.networks.empty() ? Network{} : config.networks.front();
}

Ipv4Address at(std::uint8_t host) { return Ipv4Address::from_octets(192, 168, 200, host); }

std::vector<std::byte> octets(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  bytes.reserve(values.size());
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

dns::Name name(std::string_view text) { return *dns::Name::parse(text); }

TEST(Load, FillsInTheDefaults) {
  const Config config = loaded(lab(""));
  ASSERT_EQ(config.networks.size(), 1u);
  const Network& lab = config.networks.front();
  EXPECT_EQ(lab.key, "lab");
  EXPECT_EQ(net::to_string(lab.subnet), "192.168.200.0/24");
  EXPECT_EQ(lab.address, at(1));
  EXPECT_EQ(lab.attachment, Network::Attachment::automatic);
  EXPECT_EQ(lab.domain.to_string(), "lab.");
  EXPECT_EQ(lab.lease, std::chrono::hours(12));
  EXPECT_EQ(lab.ttl, std::chrono::seconds(60));
  EXPECT_EQ(lab.routers, std::vector{at(1)});
  EXPECT_EQ(lab.dns_servers, std::vector{at(1)});
  EXPECT_FALSE(lab.server_id);
  EXPECT_EQ(lab.authoritative, Authoritative::reserved);
  EXPECT_TRUE(lab.dhcp);
  EXPECT_TRUE(lab.dns);
  EXPECT_EQ(config.dhcp_port, 67);
  EXPECT_EQ(config.dns_port, 53);
  EXPECT_EQ(config.log, Log{});
  EXPECT_EQ(config.dns, Dns{});
  EXPECT_EQ(config.state_dir, "");
}

TEST(Load, FollowsTheAddressWithRouterAndDnsServer) {
  const Network lab = network("    address: 254\n");
  EXPECT_EQ(lab.address, at(254));
  EXPECT_EQ(lab.routers, std::vector{at(254)});
  EXPECT_EQ(lab.dns_servers, std::vector{at(254)});
}

TEST(Load, ReadsEveryScalarOfANetwork) {
  const Network lab = network(
      "    address: 192.168.200.2\n    interface: bridge100\n    domain: Lab.Example.com.\n"
      "    lease: infinite\n    router: [3, 192.168.200.4]\n    dns-servers: none\n"
      "    server-id: 9\n    authoritative: all\n    dhcp: off\n    dns: false\n    ttl: 0s\n"
      "    relays: [10.1.0.1, 10.2.0.0/16, 7]\n");
  EXPECT_EQ(lab.address, at(2));
  EXPECT_EQ(lab.attachment, Network::Attachment::named);
  EXPECT_EQ(lab.interface, "bridge100");
  EXPECT_EQ(lab.domain.to_string(), "lab.example.com.");
  EXPECT_EQ(lab.lease, infinite);
  EXPECT_EQ(lab.routers, (std::vector{at(3), at(4)}));
  EXPECT_TRUE(lab.dns_servers.empty());
  EXPECT_EQ(lab.server_id, at(9));
  EXPECT_EQ(lab.authoritative, Authoritative::all);
  EXPECT_FALSE(lab.dhcp);
  EXPECT_FALSE(lab.dns);
  EXPECT_EQ(lab.ttl.count(), 0u);
  ASSERT_EQ(lab.relays.size(), 3u);
  EXPECT_EQ(net::to_string(lab.relays[0]), "10.1.0.1/32");
  EXPECT_EQ(net::to_string(lab.relays[1]), "10.2.0.0/16");
  EXPECT_EQ(net::to_string(lab.relays[2]), "192.168.200.7/32");
}

TEST(Load, ReadsEveryOtherSection) {
  const Config config = loaded(
      "dns: {refuse: drop, workers: 2}\nlisten: {dhcp-port: 1067, dns-port: 1053}\n"
      "log: {level: debug, format: json}\nstate: /var/lib/berth\n"
      "coexist: {dns: takeover, guard: always}\n" +
      lab(""));
  EXPECT_EQ(config.coexist.dns, Coexist::Dns::takeover);
  EXPECT_EQ(config.coexist.guard, Coexist::Guard::always);
  EXPECT_EQ(config.dns.refuse, Dns::Refuse::drop);
  EXPECT_EQ(config.dns.workers, 2);
  EXPECT_EQ(config.dhcp_port, 1067);
  EXPECT_EQ(config.dns_port, 1053);
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_EQ(config.state_dir, "/var/lib/berth");
}

net::SocketAddress server(std::string_view text) {
  return net::SocketAddress::parse(text, 53).value();
}

TEST(Load, KnowsWhomToAsk) {
  const Dns usual = loaded(lab("")).dns;
  EXPECT_FALSE(usual.upstream);
  EXPECT_TRUE(usual.forward.empty() && usual.listen.empty());
  EXPECT_EQ(usual.cache, 10'000u);
  EXPECT_FALSE(usual.identity);
  EXPECT_FALSE(loaded("dns: {upstream: system}\n" + lab("")).dns.upstream);
  EXPECT_EQ(loaded("dns: {upstream: none}\n" + lab("")).dns.upstream.value().size(), 0u);
  EXPECT_EQ(loaded("dns: {upstream: 127.0.0.53}\n" + lab("")).dns.upstream.value(),
            std::vector{server("127.0.0.53")});

  const Dns dns = loaded(
                      "dns:\n  upstream: [1.1.1.1, '9.9.9.9:54', '[2620:fe::fe]:53', 2620:fe::9]\n"
                      "  forward: {Cluster.local: 10.32.0.10, 10.in-addr.arpa.: [10.32.0.10, "
                      "192.168.200.1:54], sub.lab: none}\n"
                      "  cache: off\n  filter: aaaa\n  identity: on\n"
                      "  listen: [127.0.0.1, '[::1]:54']\n" +
                      lab(""))
                      .dns;
  EXPECT_EQ(dns.upstream.value(), (std::vector{server("1.1.1.1"), server("9.9.9.9:54"),
                                               server("2620:fe::fe"), server("2620:fe::9")}));
  ASSERT_EQ(dns.forward.size(), 3u);
  EXPECT_EQ(dns.forward[0], (Forward{name("cluster.local"), {server("10.32.0.10")}}));
  EXPECT_EQ(dns.forward[1],
            (Forward{name("10.in-addr.arpa"), {server("10.32.0.10"), server("192.168.200.1:54")}}));
  EXPECT_EQ(dns.forward[2], (Forward{name("sub.lab"), {}}));
  EXPECT_EQ(dns.cache, 0u);
  EXPECT_EQ(dns.filter, Dns::Filter::aaaa);
  EXPECT_TRUE(dns.identity);
  EXPECT_EQ(dns.listen, (std::vector{server("127.0.0.1:5354"), server("[::1]:54")}));
  EXPECT_EQ(loaded("dns: {listen: on}\n" + lab("")).dns.listen,
            std::vector{server("127.0.0.1:5354")});
}

TEST(Load, KnowsWhatNoServerMayAnswer) {
  EXPECT_EQ(loaded(lab("")).dns.rebind_protection, RebindProtection());
  EXPECT_EQ(loaded("dns: {rebind-protection: off}\n" + lab("")).dns.rebind_protection,
            RebindProtection());
  const auto on = loaded("dns: {rebind-protection: on}\n" + lab("")).dns.rebind_protection;
  EXPECT_EQ(on, (RebindProtection{.enabled = true, .allow = {}}));
  const auto more = loaded("dns: {rebind-protection: {allow: [Corp.example]}}\n" + lab(""));
  EXPECT_EQ(more.dns.rebind_protection,
            (RebindProtection{.enabled = true, .allow = {name("corp.example")}}));
}

struct DurationRow {
  const char* text;
  std::uint32_t seconds;
};

TEST(Load, ReadsDurations) {
  for (const auto& [text, seconds] : {DurationRow{"300s", 300},
                                      {"45m", 2700},
                                      {"12h", 43200},
                                      {"7d", 604800},
                                      {"10s", 10},
                                      {"49710d", 4294944000}})
    EXPECT_EQ(network("    lease: " + std::string(text) + "\n").lease.count(), seconds) << text;
}

TEST(Load, TakesAnothersAddressForANetworkThatIsOnlyRelayed) {
  const Config config = loaded(near_and_far("    address: 192.168.200.1\n    router: 2\n"));
  ASSERT_EQ(config.networks.size(), 2u);
  const Network& far = config.networks[1];
  EXPECT_EQ(far.attachment, Network::Attachment::none);
  EXPECT_EQ(far.address, at(1));
  EXPECT_EQ(far.routers, std::vector{Ipv4Address::from_octets(10, 77, 0, 2)});
  EXPECT_EQ(far.dns_servers, std::vector{at(1)});
  EXPECT_FALSE(far.server_id) << "auto, which is the address";
}

// Ours is on another link, where a default route through it would lead nowhere.
TEST(Load, GivesANetworkThatIsOnlyRelayedNoRouterOfItsOwnAccord) {
  for (const std::string body : {"", "    router: none\n", "    options: {routers: 2}\n"}) {
    const Loaded result = load(near_and_far("    address: 192.168.200.1\n" + body));
    ASSERT_TRUE(result.config);
    EXPECT_TRUE(result.config->networks.at(1).routers.empty());
    EXPECT_EQ(result.warnings.empty(), !body.empty()) << body;
  }
}

TEST(Load, FindsTheAddressOfARelayedNetworkWhereverItsNetworkStands) {
  const Config config = loaded(
      "networks:\n  far: {subnet: 10.77.0.0/24, interface: none, address: 192.168.200.9, router: "
      "2}\n"
      "  one: {subnet: 192.168.100.0/24}\n  near: {subnet: 192.168.200.0/24, address: 9}\n");
  EXPECT_EQ(config.networks.at(0).address, at(9));
}

TEST(Load, ReadsEverythingOfAHost) {
  const Network lab = network(
      "    hosts:\n      Worker0:\n        mac: [52:52:52:00:00:04, 52-52-52-0-1-4]\n"
      "        address: 7\n        aliases: [Node0, n0]\n        lease: 1h\n"
      "        options: {ntp-servers: [1]}\n        boot: {server: 2, file: undionly.kpxe}\n");
  ASSERT_EQ(lab.hosts.size(), 1u);
  const Host& host = lab.hosts.front();
  EXPECT_EQ(host.name, "worker0");
  EXPECT_EQ(host.macs, (std::vector{net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 4),
                                    net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 1, 4)}));
  EXPECT_EQ(host.address, at(7));
  EXPECT_EQ(host.aliases, (std::vector<std::string>{"node0", "n0"}));
  EXPECT_EQ(host.lease, std::chrono::hours(1));
  ASSERT_EQ(host.options.size(), 1u);
  EXPECT_EQ(host.options[0].value, octets({192, 168, 200, 1}));
  ASSERT_TRUE(host.boot);
  EXPECT_EQ(host.boot->server, at(2));
  EXPECT_EQ(host.boot->file, "undionly.kpxe");
  EXPECT_FALSE(host.ignore);
}

TEST(Load, TakesAnUnquotedMacOfDigitsForText) {
  const Network lab = network("    hosts: {a: {mac: 52:52:52:00:00:00, address: 3}}\n");
  EXPECT_EQ(lab.hosts.at(0).macs,
            std::vector{net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, 0)});
}

TEST(Load, NeedsNoAddressForAnIgnoredHost) {
  const Network lab = network("    hosts: {printer: {mac: 52:52:52:00:00:99, ignore: true}}\n");
  EXPECT_TRUE(lab.hosts.at(0).ignore);
  EXPECT_FALSE(lab.hosts.at(0).address);
}

TEST(Load, TakesEmptySectionsForEmpty) {
  const Network lab = network("    hosts:\n    names:\n    options:\n    records:\n");
  EXPECT_TRUE(lab.hosts.empty() && lab.names.empty() && lab.options.empty() && lab.records.empty());
}

TEST(Load, CompletesNamesWithTheDomain) {
  const Network lab = network(
      "    hosts: {a: {mac: 52:52:52:00:00:01, address: 3}}\n"
      "    names:\n      Kubernetes: 11\n      api.Deep: [11, 12]\n      api.lab.example.com.: 11\n"
      "      '@': 3\n");
  ASSERT_EQ(lab.names.size(), 4u);
  EXPECT_EQ(lab.names[0].owner.to_string(), "kubernetes.lab.");
  EXPECT_EQ(lab.names[0].addresses, std::vector{at(11)});
  EXPECT_EQ(lab.names[1].owner.to_string(), "api.deep.lab.");
  EXPECT_EQ(lab.names[1].addresses, (std::vector{at(11), at(12)}));
  EXPECT_EQ(lab.names[2].owner.to_string(), "api.lab.example.com.");
  EXPECT_EQ(lab.names[3].owner.to_string(), "lab.");
}

TEST(Load, AllowsTheSameNameInTwoDomains) {
  const Config config = loaded(
      "networks:\n  a: {subnet: 10.0.0.0/24, names: {web: 5}}\n"
      "  b: {subnet: 10.0.1.0/24, names: {web: 5}}\n");
  EXPECT_EQ(config.networks.size(), 2u);
}

TEST(Load, AllowsTwoNetworksInOneDomain) {
  const Config config = loaded(
      "networks:\n  a: {subnet: 10.0.0.0/24, domain: lab, names: {web: 5}}\n"
      "  b: {subnet: 10.0.1.0/24, domain: lab, names: {db: 5}}\n");
  EXPECT_EQ(config.networks.at(0).domain, config.networks.at(1).domain);
}

TEST(Load, AllowsTheSameMacInTwoNetworks) {
  loaded(
      "networks:\n  a: {subnet: 10.0.0.0/24, hosts: {x: {mac: 52:52:52:00:00:01, address: 5}}}\n"
      "  b: {subnet: 10.0.1.0/24, hosts: {x: {mac: 52:52:52:00:00:01, address: 5}}}\n");
}

TEST(Load, ReadsRecords) {
  const Network lab = network(
      "    records: ['_etcd._tcp SRV 0 0 2379 a', '*.Apps A 11', 'reg IN CNAME a.',"
      " 'note TXT \"Hello A 12\"', 'two A 10.0.0.1']\n");
  ASSERT_EQ(lab.records.size(), 5u);
  EXPECT_EQ(lab.records[0].type, dns::RrType::srv);
  EXPECT_EQ(lab.records[0].owner, name("_etcd._tcp.lab"));
  EXPECT_EQ(lab.records[0].rdata, octets({0, 0, 0, 0, 9, 75, 1, 'a', 3, 'l', 'a', 'b', 0}));
  EXPECT_EQ(lab.records[1].owner.to_string(), "*.apps.lab.");
  EXPECT_EQ(lab.records[1].rdata, octets({192, 168, 200, 11}));
  EXPECT_EQ(lab.records[2].rdata, octets({1, 'a', 0}));
  EXPECT_EQ(lab.records[3].rdata.size(), 11u);
  EXPECT_EQ(lab.records[4].rdata, octets({10, 0, 0, 1}));
}

TEST(Load, TakesCnamesThatEndSomewhere) {
  const Network lab = network(
      "    records: [a CNAME c, b CNAME c, c CNAME d, d CNAME www.example.com., ns.x CNAME ns]\n");
  EXPECT_EQ(lab.records.size(), 5u);
}

TEST(Load, KeepsDigitsOfATextThatLooksLikeAnAddressRecord) {
  const Network lab = network("    records: ['note TXT A 11']\n");
  EXPECT_EQ(lab.records.at(0).rdata, octets({1, 'A', 2, '1', '1'}));
}

struct OptionRow {
  std::string name;
  std::string text;
  int code;
  std::vector<int> value;
};
std::ostream& operator<<(std::ostream& out, const OptionRow& row) { return out << row.name; }

class LoadOption : public testing::TestWithParam<OptionRow> {};

TEST_P(LoadOption, Encodes) {
  const Network lab = network("    router: none\n    options: {" + GetParam().text + "}\n");
  ASSERT_EQ(lab.options.size(), 1u);
  EXPECT_EQ(static_cast<int>(lab.options[0].code), GetParam().code);
  EXPECT_FALSE(lab.options[0].suppressed);
  EXPECT_EQ(lab.options[0].value, octets(GetParam().value));
}

const OptionRow option_rows[] = {
    {"Number", "interface-mtu: 1500", 26, {5, 220}},
    {"ShortNameOfTheMtu", "mtu: 1500", 26, {5, 220}},
    {"HostNumber", "ntp-servers: 1", 42, {192, 168, 200, 1}},
    {"Addresses", "ntp-servers: [1, 10.0.0.1]", 42, {192, 168, 200, 1, 10, 0, 0, 1}},
    {"Domains", "domain-search: [kubenet]", 119, {7, 'k', 'u', 'b', 'e', 'n', 'e', 't', 0}},
    {"Routes", "classless-static-routes: {10.0.0.0/16: 4}", 121, {16, 10, 0, 192, 168, 200, 4}},
    {"RoutesAsAList",
     "classless-static-routes: ['10.0.0.0/16 4']",
     121,
     {16, 10, 0, 192, 168, 200, 4}},
    {"VendorOptions", "vivso-suboptions: ['4491 1=0a']", 125, {0, 0, 0x11, 0x8b, 3, 1, 1, 10}},
    {"SipServers", "sip-servers: [1, 2]", 120, {1, 192, 168, 200, 1, 192, 168, 200, 2}},
    {"Hexadecimal", "code-224: 0a0b", 224, {10, 11}},
    {"KnownByNumber", "code-26: 05dc", 26, {5, 220}},
    {"QuotedNoneIsText", "domain-name: 'none'", 15, {'n', 'o', 'n', 'e'}},
};
INSTANTIATE_TEST_SUITE_P(All, LoadOption, testing::ValuesIn(option_rows),
                         [](const auto& row) { return row.param.name; });

TEST(LoadOptions, AreSortedAndMaySuppress) {
  const Network lab = network("    options: {code-224: 01, mtu: 1500, ntp-servers: none}\n");
  ASSERT_EQ(lab.options.size(), 3u);
  EXPECT_EQ(static_cast<int>(lab.options[0].code), 26);
  EXPECT_EQ(static_cast<int>(lab.options[1].code), 42);
  EXPECT_TRUE(lab.options[1].suppressed);
  EXPECT_TRUE(lab.options[1].value.empty());
  EXPECT_EQ(static_cast<int>(lab.options[2].code), 224);
}

// RFC 3442: whoever takes option 121 ignores option 3.
struct RouteRow {
  std::string name;
  std::string network;  // lines below the network
  std::string host;     // of the host's map
  std::vector<int> network_routes;
  std::vector<int> host_routes;
};
std::ostream& operator<<(std::ostream& out, const RouteRow& row) { return out << row.name; }

class LoadRoutes : public testing::TestWithParam<RouteRow> {};

std::vector<std::byte> routes_of(const std::vector<Option>& options) {
  for (const Option& option : options)
    if (option.code == dhcp::OptionCode::classless_static_routes) return option.value;
  return {};
}

TEST_P(LoadRoutes, AddsTheDefaultRoute) {
  const Network lab =
      network(GetParam().network + "    hosts: {a: {mac: 52:52:52:00:00:01, address: 9" +
              GetParam().host + "}}\n");
  EXPECT_EQ(routes_of(lab.options), octets(GetParam().network_routes));
  EXPECT_EQ(routes_of(lab.hosts.at(0).options), octets(GetParam().host_routes));
}

const std::string routes = "    options: {classless-static-routes: {10.0.0.0/8: 4}}\n";
const std::string own_routes = ", options: {classless-static-routes: {11.0.0.0/8: 5}}";

const RouteRow route_rows[] = {
    {"Without121", "", "", {}, {}},
    {"ThroughTheRouter", routes, "", {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 1}, {}},
    {"ThroughAnotherRouter",
     "    router: 3\n" + routes,
     "",
     {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 3},
     {}},
    {"NotWithoutARouter", "    router: none\n" + routes, "", {8, 10, 192, 168, 200, 4}, {}},
    {"NotWhenListed",
     "    options: {classless-static-routes: {0.0.0.0/0: 4}}\n",
     "",
     {0, 192, 168, 200, 4},
     {}},
    {"ThroughTheOptionsRouter",
     "    options: {routers: 7, classless-static-routes: {10.0.0.0/8: 4}}\n",
     "",
     {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 7},
     {}},
    {"NotWhenTheRouterIsSuppressed",
     "    options: {routers: none, classless-static-routes: {10.0.0.0/8: 4}}\n",
     "",
     {8, 10, 192, 168, 200, 4},
     {}},
    {"OfAHost", "", own_routes, {}, {8, 11, 192, 168, 200, 5, 0, 192, 168, 200, 1}},
    {"OfAHostWithItsOwnRouter",
     routes,
     ", options: {routers: 8}",
     {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 1},
     {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 8}},
    {"OfAHostWithoutARouter",
     routes,
     ", options: {routers: none}",
     {8, 10, 192, 168, 200, 4, 0, 192, 168, 200, 1},
     {8, 10, 192, 168, 200, 4}},
    {"MalformedIsLeftAlone", "    options: {code-121: 2105}\n", "", {0x21, 5}, {}},
};
INSTANTIATE_TEST_SUITE_P(Rfc3442, LoadRoutes, testing::ValuesIn(route_rows),
                         [](const auto& row) { return row.param.name; });

TEST(Load, ReadsTheEmbeddedPlan) {
  const Config config = loaded(std::string(default_plan()));
  ASSERT_EQ(config.networks.size(), 1u);
  const Network& kubenet = config.networks.front();
  EXPECT_EQ(kubenet.domain.to_string(), "kubenet.");
  EXPECT_EQ(kubenet.address, at(1));
  ASSERT_EQ(kubenet.hosts.size(), 7u);
  const char* const hosts[] = {"gateway", "control0", "control1", "control2",
                               "worker0", "worker1",  "worker2"};
  for (std::uint8_t i = 0; i < 7; ++i) {
    EXPECT_EQ(kubenet.hosts[i].name, hosts[i]);
    EXPECT_EQ(kubenet.hosts[i].address, at(static_cast<std::uint8_t>(3 + i)));
    EXPECT_EQ(kubenet.hosts[i].macs,
              std::vector{net::MacAddress::from_octets(0x52, 0x52, 0x52, 0, 0, i)});
  }
  ASSERT_EQ(kubenet.names.size(), 2u);
  EXPECT_EQ(kubenet.names[0].owner, name("kubernetes.kubenet"));
  EXPECT_EQ(kubenet.names[0].addresses, std::vector{at(11)});
  EXPECT_EQ(kubenet.names[1].owner, name("vmhost.kubenet"));
  EXPECT_EQ(kubenet.names[1].addresses, std::vector{at(1)});
}

std::string example() {
  std::ifstream file(BERTH_EXAMPLE_FILE);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(Load, ReadsTheExampleAsTheEmbeddedPlan) {
  const Loaded result = load(example());
  ASSERT_TRUE(result.config) << format(result.errors, "berth.yaml", example());
  EXPECT_TRUE(result.warnings.empty());
  EXPECT_TRUE(result.not_yet.empty());
  EXPECT_EQ(result.config, load(default_plan()).config);
}

// A comment of the example that is a key or a list item, rather than a sentence, is put in force.
TEST(Load, ReadsTheExampleWithEverythingInIt) {
  const std::regex entry("(\n *)# ( *(?:[a-z0-9.-]+:(?=[ \n])|- '))");
  const std::string text = std::regex_replace(example(), entry, "$1$2");
  const Loaded result = load(text);
  ASSERT_TRUE(result.config) << format(result.errors, "berth.yaml", text);
  EXPECT_EQ(result.config->networks.at(0).hosts.size(), 9u);
  EXPECT_EQ(result.config->networks.at(0).records.size(), 4u);
  EXPECT_EQ(result.config->networks.at(0).options.size(), 3u);
}

TEST(Load, FindsEveryKeyInTheExample) {
  const std::string text = example();
  for (const Key& key : keys()) {
    const std::regex written("[\n {]" + std::string(key.name) + ":[ \n]");
    EXPECT_TRUE(std::regex_search(text, written)) << key.section << ' ' << key.name;
  }
}

TEST(Load, ReadsWindowsLineEndsAndAByteOrderMark) {
  std::string text = "\xef\xbb\xbf";
  for (const char letter : default_plan()) {
    if (letter == '\n') text += '\r';
    text += letter;
  }
  EXPECT_EQ(load(text).config, load(default_plan()).config);
}

TEST(Load, ReadsAPlanWrittenAsJson) {
  const Network lab = loaded(R"({"networks": {"lab": {"subnet": "192.168.200.0/24", "hosts":)"
                             R"( {"a": {"mac": "52:52:52:00:00:01", "address": 3}}}}})")
                          .networks.at(0);
  EXPECT_EQ(lab.hosts.at(0).address, at(3));
}

TEST(Load, ReadsSixtyFiveThousandHosts) {
  std::string text = "networks:\n  lab:\n    subnet: 10.0.0.0/8\n    hosts:\n";
  constexpr std::uint32_t count = 65'000;
  for (std::uint32_t i = 0; i < count; ++i) {
    net::MacAddress mac = net::MacAddress::from_octets(
        0x52, 0x52, 0x52, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
        static_cast<std::uint8_t>(i));
    text += "      host" + std::to_string(i) + ": {mac: " + net::to_string(mac) +
            ", address: " + std::to_string(i + 2) + "}\n";
  }
  const Config config = loaded(text);
  ASSERT_EQ(config.networks.size(), 1u);
  ASSERT_EQ(config.networks[0].hosts.size(), count);
  EXPECT_EQ(config.networks[0].hosts.back().name, "host64999");
  EXPECT_EQ(config.networks[0].hosts.back().address, (Ipv4Address{(10u << 24) + count + 1}));
}

}  // namespace
}  // namespace berth::config
