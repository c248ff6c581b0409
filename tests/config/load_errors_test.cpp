// One row for every mistake: the file, and the place, the key and the words of the one error.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/load.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

struct Mistake {
  std::string name;
  std::string text;
  Location where;
  std::string path;
  std::string message;  // a part of it
  std::string suggestion;
};

std::ostream& operator<<(std::ostream& out, const Mistake& mistake) { return out << mistake.name; }

std::string all_messages(const std::vector<Diagnostic>& errors, const std::string& text) {
  return format(errors, "file", text);
}

class LoadMistake : public testing::TestWithParam<Mistake> {};

TEST_P(LoadMistake, IsTheOneThatIsReported) {
  const Mistake& mistake = GetParam();
  const Loaded loaded = load(mistake.text);
  EXPECT_FALSE(loaded.config);
  ASSERT_EQ(loaded.errors.size(), 1u) << all_messages(loaded.errors, mistake.text);
  const Diagnostic& error = loaded.errors.front();
  EXPECT_EQ(error.where.line, mistake.where.line) << error.message;
  EXPECT_EQ(error.where.column, mistake.where.column) << error.message;
  EXPECT_EQ(error.path, mistake.path);
  EXPECT_NE(error.message.find(mistake.message), std::string::npos) << error.message;
  EXPECT_EQ(error.suggestion, mistake.suggestion);
  EXPECT_EQ(loaded.error_count, 1u);
}

std::string name_of_row(const testing::TestParamInfo<Mistake>& row) { return row.param.name; }

const std::string overlong(64, 'a');

std::string list_of(int count) {
  std::string list;
  for (int i = 1; i <= count; ++i)
    list += "10.1." + std::to_string(i / 256) + '.' + std::to_string(i % 256) + ", ";
  return list;
}

const Mistake file_mistakes[] = {
    {"EmptyFile", "", {1, 1}, "", "no network"},
    {"CommentsOnly", "# nothing\n", {1, 1}, "", "no network"},
    {"NetworksWithoutAny", "networks:\n", {1, 1}, "networks", "no network"},
    {"NetworksAreAList", "networks: [a]\n", {1, 11}, "networks", "expected a map, found a list"},
    {"FileIsAList", "- a\n", {1, 1}, "", "expected a map, found a list"},
    {"NulOctet", std::string("networks:\0", 10), {1, 10}, "", "control character"},
    {"ControlCharacter", "networks:\n  a\x01: b", {2, 4}, "", "control character"},
    {"LoneCarriageReturn", "networks:\r  a: b", {1, 10}, "", "carriage return"},
    {"NotUtf8", "networks:\n  \xff: b\n", {2, 3}, "", "not UTF-8"},
    {"Utf16", std::string("\xff\xfen\0e\0", 6), {1, 1}, "", "not UTF-8"},
    {"OverlongUtf8", "a: \xc0\xaf\n", {1, 4}, "", "not UTF-8"},
    {"Surrogate", "a: \xed\xa0\x80\n", {1, 4}, "", "not UTF-8"},
    {"Tab", "networks:\n\tlab: {}\n", {2, 1}, "", "a tab"},
    {"OpenBrace", "networks: {lab: {subnet: 10.0.0.0/8}\n", {2, 1}, "", "no `}`"},
    {"ClosedTwice", "networks: {}}\n", {1, 13}, "", "closing bracket"},
    {"WrongIndentation", "networks:\n  a: {}\n b: {}\n", {3, 2}, "", "indented"},
    {"ColonInText", "networks:\n  a: b: c\n", {2, 7}, "", "quotes"},
    {"ReservedCharacter", "networks: @lab\n", {1, 11}, "", "quotes"},
    {"OpenQuote", "networks:\n  lab: \"x\n", {2, 8}, "", "never closed"},
    {"OpenSingleQuote", "networks:\n  lab: 'it''s\n", {2, 8}, "", "never closed"},
    {"Anchor", lab("    lease: &time 12h\n"), {4, 12}, "", "anchors"},
    {"Tag", lab("    lease: !!str 12h\n"), {4, 12}, "", "tags"},
    {"SecondDocument", lab("---\na: 1\n"), {4, 1}, "", "second document"},
    {"UnknownKey", "networx: {}\n" + lab(""), {1, 1}, "networx", "no such key", "networks"},
    {"KeyFromElsewhere",
     "subnet: 10.0.0.0/8\n" + lab(""),
     {1, 1},
     "subnet",
     "belongs in networks.*"},
    {"KeyTwice",
     lab("    lease: 1h\n    lease: 2h\n"),
     {5, 5},
     "lease",
     "already written in line 4"},
    {"KeyIsAMap", lab("    {a: b}: 2h\n"), {4, 5}, "null", "single word"},
    {"NoSpaceBehindTheColon",
     lab_with_hosts("      a: {mac:52:52:52:00:00:01, mac: 52:52:52:00:00:01, address: 3}\n"),
     {5, 11},
     "hosts.a.mac:52:52:52:00:00:01",
     "space",
     "mac: 52:52:52:00:00:01"},
    {"PathHasTheNetworkWhenThereAreTwo",
     "networks:\n  a: {subnet: 10.0.0.0/24, lease: 5}\n  b: {subnet: 10.0.1.0/24}\n",
     {2, 35},
     "networks.a.lease",
     "unit"},
    {"RelativeState", "state: here\n" + lab(""), {1, 8}, "state", "absolute path"},
    {"PortZero", "listen: {dhcp-port: 0}\n" + lab(""), {1, 21}, "listen.dhcp-port", "1 to 65535"},
    {"PortTooHigh", "listen: {dns-port: 65536}\n" + lab(""), {1, 20}, "listen.dns-port", "65535"},
    {"PortWithLeadingZero",
     "listen: {dns-port: 053}\n" + lab(""),
     {1, 20},
     "listen.dns-port",
     "octal"},
    {"LogLevel", "log: {level: warn}\n" + lab(""), {1, 14}, "log.level", "one of", ""},
    {"LogLevelMisspelt",
     "log: {level: waring}\n" + lab(""),
     {1, 14},
     "log.level",
     "one of",
     "warning"},
    {"LogFormat", "log: {format: xml}\n" + lab(""), {1, 15}, "log.format", "text json"},
    {"LogIsText", "log: debug\n" + lab(""), {1, 6}, "log", "expected a map"},
    {"DnsIsNoMap", "dns: always on\n" + lab(""), {1, 6}, "dns", "expected a map"},
    {"Refuse", "dns: {refuse: maybe}\n" + lab(""), {1, 15}, "dns.refuse", "answer drop"},
    {"Workers", "dns: {workers: 0}\n" + lab(""), {1, 16}, "dns.workers", "1 to 64"},
    {"Upstream",
     "dns: {upstream: [1.1.1]}\n" + lab(""),
     {1, 18},
     "dns.upstream[0]",
     "not an address"},
    {"UpstreamPort", "dns: {upstream: '1.1.1.1:0'}\n" + lab(""), {1, 17}, "dns.upstream", "port"},
    {"Forward",
     "dns: {forward: {a_b: 1.1.1.1}}\n" + lab(""),
     {1, 17},
     "dns.forward.a_b",
     "letters"},
    {"Cache", "dns: {cache: many}\n" + lab(""), {1, 14}, "dns.cache", "number"},
    {"Rebind",
     "dns: {rebind-protection: 1}\n" + lab(""),
     {1, 26},
     "dns.rebind-protection",
     "off on"},
    {"UpstreamMisspelt",
     "dns: {upstream: sytem}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "nor one of: system none",
     "system"},
    {"UpstreamIsNobodys",
     "dns: {upstream: 0.0.0.0}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "no machine's"},
    {"UpstreamIsBroadcast",
     "dns: {upstream: 255.255.255.255}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "no machine's"},
    {"UpstreamIsMulticast",
     "dns: {upstream: 'ff02::fb'}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "multicast"},
    {"UpstreamOnWhichLink",
     "dns: {upstream: 'fe80::1'}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "fe80::1%eth0"},
    {"UpstreamTwice",
     "dns: {upstream: [1.1.1.1, '1.1.1.1:53']}\n" + lab(""),
     {1, 27},
     "dns.upstream[1]",
     "1.1.1.1 is listed twice"},
    {"UpstreamListEmpty", "dns: {upstream: []}\n" + lab(""), {1, 17}, "dns.upstream", "empty"},
    {"UpstreamIsUs",
     "dns: {upstream: [1.1.1.1, 192.168.200.1]}\n" + lab(""),
     {1, 27},
     "dns.upstream[1]",
     "192.168.200.1 is our own address, of network lab"},
    {"UpstreamIsUsOnOurPort",
     "dns: {upstream: '192.168.200.1:1053'}\nlisten: {dns-port: 1053}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "our own address"},
    {"UpstreamIsOneThatWeListenOn",
     "dns: {upstream: '127.0.0.1:5354', listen: on}\n" + lab(""),
     {1, 17},
     "dns.upstream",
     "one of `listen`"},
    {"ForwardToUs",
     "dns: {forward: {a.example: [192.168.200.1]}}\n" + lab(""),
     {1, 29},
     "dns.forward.a.example[0]",
     "our own address"},
    {"ForwardTwice",
     "dns: {forward: {a.example: 1.1.1.1, A.example.: 9.9.9.9}}\n" + lab(""),
     {1, 37},
     "dns.forward.A.example.",
     "already written"},
    {"ForwardEverything",
     "dns: {forward: {'@': 1.1.1.1}}\n" + lab(""),
     {1, 17},
     "dns.forward.@",
     "upstream",
     "upstream"},
    {"ForwardOurDomain",
     "dns: {forward: {LAB: 1.1.1.1}}\n" + lab(""),
     {1, 17},
     "dns.forward.LAB",
     "the domain of network lab"},
    {"TooManyServers",
     "dns: {upstream: [" + list_of(24) + "1.1.1.1]}\n" + lab(""),
     {1, 6},
     "dns",
     "name 25 servers"},
    {"ListenMisspelt",
     "dns: {listen: onn}\n" + lab(""),
     {1, 15},
     "dns.listen",
     "not an address",
     "on"},
    {"ListenOnEveryAddress",
     "dns: {listen: 0.0.0.0}\n" + lab(""),
     {1, 15},
     "dns.listen",
     "no machine's"},
    {"ListenBesideTheSystemsResolver",
     "dns: {listen: '127.0.0.1:53'}\n" + lab(""),
     {1, 15},
     "dns.listen",
     "the system's own resolver",
     "127.0.0.1:5354"},
    {"ListenWhereANetworkIsServed",
     "dns: {listen: '192.168.200.1:53'}\n" + lab(""),
     {1, 15},
     "dns.listen",
     "served already"},
    {"RebindProtectionMisspelt",
     "dns: {rebind-protection: onn}\n" + lab(""),
     {1, 26},
     "dns.rebind-protection",
     "one of",
     "on"},
    {"RebindProtectionsKeys",
     "dns: {rebind-protection: {alow: [a.example]}}\n" + lab(""),
     {1, 27},
     "dns.rebind-protection.alow",
     "no such key",
     "allow"},
    {"RebindDomainTwice",
     "dns: {rebind-protection: {allow: [a.example, a.example.]}}\n" + lab(""),
     {1, 46},
     "dns.rebind-protection.allow[1]",
     "listed twice"},
    {"Filter", "dns: {filter: AAAA}\n" + lab(""), {1, 15}, "dns.filter", "none aaaa", "aaaa"},
    {"Identity", "dns: {identity: 1}\n" + lab(""), {1, 17}, "dns.identity", "one of"},
    {"CoexistDns", "coexist: {dns: both}\n" + lab(""), {1, 16}, "coexist.dns", "takeover"},
    {"CoexistGuard", "coexist: {guard: on}\n" + lab(""), {1, 18}, "coexist.guard", "never"},
    {"Http", "http: everywhere\n" + lab(""), {1, 7}, "http", "not an address"},
};
INSTANTIATE_TEST_SUITE_P(File, LoadMistake, testing::ValuesIn(file_mistakes), name_of_row);

const Mistake network_mistakes[] = {
    {"NoSubnet", "networks:\n  lab: {domain: lab}\n", {2, 8}, "", "no `subnet`"},
    {"NetworkIsEmpty", "networks:\n  lab:\n", {2, 3}, "", "no `subnet`"},
    {"NetworkIsText", "networks:\n  lab: 192.168.200.0/24\n", {2, 8}, "", "expected a map"},
    {"SubnetWithoutLength", "networks:\n  lab: {subnet: 10.0.0.0}\n", {2, 17}, "subnet", "length"},
    {"SubnetIsNoPrefix", "networks:\n  lab: {subnet: ten}\n", {2, 17}, "subnet", "not a prefix"},
    {"SubnetWithHostBits",
     "networks:\n  lab: {subnet: 10.0.0.1/8}\n",
     {2, 17},
     "subnet",
     "host bits",
     "10.0.0.0/8"},
    {"SubnetTooLarge", "networks:\n  lab: {subnet: 0.0.0.0/7}\n", {2, 17}, "subnet", "/8 and /30"},
    {"SubnetTooSmall",
     "networks:\n  lab: {subnet: 10.0.0.0/31}\n",
     {2, 17},
     "subnet",
     "/8 and /30"},
    {"SubnetOfThisNetwork",
     "networks:\n  lab: {subnet: 0.0.0.0/8}\n",
     {2, 17},
     "subnet",
     "0.0.0.0/8 lies in 0.0.0.0/8"},
    {"SubnetIsLoopback",
     "networks:\n  lab: {subnet: 127.0.0.0/8}\n",
     {2, 17},
     "subnet",
     "the machine's own loopback"},
    {"SubnetWithinLoopback",
     "networks:\n  lab: {subnet: 127.200.0.0/24, hosts: {a: {mac: 2:0:0:0:0:1, address: 3}}}\n",
     {2, 17},
     "subnet",
     "127.200.0.0/24 lies in 127.0.0.0/8"},
    {"SubnetIsMulticast",
     "networks:\n  lab: {subnet: 224.0.0.0/8}\n",
     {2, 17},
     "subnet",
     "multicast"},
    {"SubnetIsReserved",
     "networks:\n  lab: {subnet: 240.0.0.0/8}\n",
     {2, 17},
     "subnet",
     "reserved"},
    {"NetworkName",
     "networks:\n  my_lab: {subnet: 10.0.0.0/8, domain: lab}\n",
     {2, 3},
     "networks.my_lab",
     "letters"},
    {"NullNetworkName",
     "networks:\n  null: {subnet: 10.0.0.0/8}\n  lab: {subnet: 11.0.0.0/8}\n",
     {2, 3},
     "networks.null",
     "quotes"},
    {"GatewayMeansAddress", lab("    gateway: 1\n"), {4, 5}, "gateway", "no such key", "address"},
    {"MisspeltKey", lab("    adress: 1\n"), {4, 5}, "adress", "no such key", "address"},
    {"RoutersMeansRouter", lab("    routers: 1\n"), {4, 5}, "routers", "no such key", "router"},
    {"UnlikeAnyKey", lab("    xyzzy: 1\n"), {4, 5}, "xyzzy", "no such key"},
    {"AddressOutside",
     lab("    address: 192.168.201.1\n"),
     {4, 14},
     "address",
     "lies outside 192.168.200.0/24"},
    {"AddressIsTheSubnet", lab("    address: 0\n"), {4, 14}, "address", "broadcast"},
    {"AddressIsTheBroadcast", lab("    address: 255\n"), {4, 14}, "address", "broadcast"},
    {"AddressIsEveryones", lab("    address: 0.0.0.0\n"), {4, 14}, "address", "this network"},
    {"AddressIsLoopback", lab("    address: 127.0.0.1\n"), {4, 14}, "address", "loopback"},
    {"AddressIsMulticast", lab("    address: 224.0.0.1\n"), {4, 14}, "address", "multicast"},
    {"AddressIsTheLimitedBroadcast",
     lab("    address: 255.255.255.255\n"),
     {4, 14},
     "address",
     "reserved"},
    {"AddressOfARelayedNetworkIsEveryones",
     near_and_far("    address: 0.0.0.0\n    router: 1\n"),
     {7, 14},
     "networks.far.address",
     "this network"},
    {"AddressIsAList", lab("    address: [1]\n"), {4, 14}, "address", "found a list"},
    {"AddressIsNothing", lab("    address:\n    lease: 1h\n"), {4, 5}, "address", "found nothing"},
    {"HostNumberOutOfRange",
     lab("    address: 256\n"),
     {4, 14},
     "address",
     "host number `256` lies outside"},
    {"HostNumberWithLeadingZero", lab("    address: 010\n"), {4, 14}, "address", "octal"},
    {"QuadWithLeadingZero",
     lab("    address: 192.168.200.01\n"),
     {4, 14},
     "address",
     "not an address"},
    {"InterfaceTooLong",
     lab("    interface: abcdefghijklmnop\n"),
     {4, 16},
     "interface",
     "interface's name"},
    {"InterfaceWithSlash", lab("    interface: a/b\n"), {4, 16}, "interface", "interface's name"},
    {"Relay",
     lab("    relays: [10.0.0.1, 10.0.0.1/24]\n"),
     {4, 24},
     "relays[1]",
     "host bits",
     "10.0.0.0/24"},
    {"DomainSyntax", lab("    domain: lab_1\n"), {4, 13}, "domain", "letters, digits and hyphens"},
    {"DomainHyphen", lab("    domain: a.-b\n"), {4, 13}, "domain", "hyphen"},
    {"DomainEmptyLabel", lab("    domain: a..b\n"), {4, 13}, "domain", "is empty"},
    {"DomainIsTheRoot", lab("    domain: .\n"), {4, 13}, "domain", "is empty"},
    {"DomainLabelTooLong", lab("    domain: " + overlong + "\n"), {4, 13}, "domain", "63"},
    {"DomainTooLong",
     lab("    domain: " + std::string(62, 'a') + '.' + std::string(62, 'b') + '.' +
         std::string(62, 'c') + ".d\n"),
     {4, 13},
     "domain",
     "no room"},
    {"LeaseWithoutUnit", lab("    lease: 3600\n"), {4, 12}, "lease", "needs a unit"},
    {"LeaseUnit", lab("    lease: 12w\n"), {4, 12}, "lease", "not a duration"},
    {"LeaseTooShort", lab("    lease: 9s\n"), {4, 12}, "lease", "between 10s"},
    {"LeaseTooLong", lab("    lease: 99999d\n"), {4, 12}, "lease", "between 10s"},
    {"LeaseWithLeadingZero", lab("    lease: 010h\n"), {4, 12}, "lease", "octal"},
    {"LeaseNegative", lab("    lease: -1h\n"), {4, 12}, "lease", "not a duration"},
    {"LeaseOverflow", lab("    lease: 99999999999999999999s\n"), {4, 12}, "lease", "between"},
    {"TtlInfinite", lab("    ttl: infinite\n"), {4, 10}, "ttl", "not a duration"},
    {"TtlOver31Bits", lab("    ttl: 2147483648s\n"), {4, 10}, "ttl", "between"},
    {"RouterIsEmpty", lab("    router: []\n"), {4, 13}, "router", "`none`"},
    {"ListTooLong",
     lab("    router: [" + list_of(257) + "]\n"),
     {4, 13},
     "router",
     "longer than 256"},
    {"RouterTwice", lab("    router: [1, 192.168.200.1]\n"), {4, 17}, "router[1]", "twice"},
    {"DnsServers", lab("    dns-servers: [1, x]\n"), {4, 22}, "dns-servers[1]", "not an address"},
    {"ServerId", lab("    server-id: automatic\n"), {4, 16}, "server-id", "not an address"},
    {"Authoritative", lab("    authoritative: al\n"), {4, 20}, "authoritative", "one of", "all"},
    {"DhcpIsYes", lab("    dhcp: yes\n"), {4, 11}, "dhcp", "off on"},
    {"NoNetworkHasALink", lab("    interface: none\n"), {4, 16}, "interface", "listen nowhere"},
    {"NoneOfTwoNetworksHasALink",
     "networks:\n  a: {subnet: 10.0.0.0/24, interface: none}\n"
     "  b: {subnet: 10.0.1.0/24, interface: none, address: 10.0.0.1}\n",
     {2, 39},
     "networks.a.interface",
     "no network has a link"},
    {"RelayedNetworkWithoutAddress",
     near_and_far("    router: 2\n"),
     {5, 5},
     "networks.far",
     "needs `address:`",
     "address: 192.168.200.1"},
    {"RelayedNetworkWithAnAddressOfItsOwn",
     near_and_far("    address: 1\n    router: 2\n"),
     {7, 14},
     "networks.far.address",
     "10.77.0.1 is not ours",
     "192.168.200.1"},
    {"RelayedNetworkWithAnotherHostsAddress",
     near_and_far("    address: 192.168.200.2\n    router: 2\n"),
     {7, 14},
     "networks.far.address",
     "192.168.200.2 is not ours",
     "192.168.200.1"},
    {"RelayedNetworkThroughOneThatIsRelayed",
     near_and_far("    address: 192.168.200.1\n    router: 2\n") +
         "  further: {subnet: 10.78.0.0/24, interface: none, address: 10.77.0.1, router: 2}\n",
     {9, 61},
     "networks.further.address",
     "10.77.0.1 is not ours",
     "192.168.200.1"},
    {"RelayedNetworkThroughOneWithoutDhcp",
     "networks:\n  a: {subnet: 10.0.0.0/24, dhcp: off}\n"
     "  b: {subnet: 10.0.1.0/24, interface: none, address: 10.0.0.1, router: 2}\n",
     {3, 54},
     "networks.b.address",
     "network a has `dhcp: off`"},
    {"OverlappingSubnets",
     "networks:\n  a: {subnet: 10.0.0.0/8}\n  b: {subnet: 10.1.0.0/16}\n",
     {3, 15},
     "networks.b.subnet",
     "10.1.0.0/16 overlaps 10.0.0.0/8 of network a, line 2"},
    {"OverlapIsReportedAtTheLater",
     "networks:\n  a: {subnet: 10.1.0.0/16}\n  b: {subnet: 10.0.0.0/8}\n",
     {3, 15},
     "networks.b.subnet",
     "10.0.0.0/8 overlaps 10.1.0.0/16 of network a, line 2"},
    {"SharedDomainSharedName",
     "networks:\n  a: {subnet: 10.0.0.0/24, domain: lab, names: {web: 5}}\n"
     "  b: {subnet: 10.0.1.0/24, domain: LAB, names: {Web: 5}}\n",
     {3, 49},
     "networks.b.names.Web",
     "already taken by the name in line 2"},
    {"NetworkTwice",
     "networks:\n  a: {subnet: 10.0.0.0/24}\n  a: {subnet: 10.0.1.0/24}\n",
     {3, 3},
     "networks.a",
     "line 2"},
    {"PoolRange", lab("    pool: 100\n"), {4, 11}, "pool", "not a range"},
    {"PoolBackwards", lab("    pool: 199-100\n"), {4, 11}, "pool", "ends before"},
    {"PoolOutside", lab("    pool: 10.0.0.1-10.0.0.9\n"), {4, 11}, "pool", "within"},
    {"PoolWithoutRange", lab("    pool: {lease: 1h}\n"), {4, 11}, "pool", "no `range`"},
    {"PoolIdentity",
     lab("    pool: {range: 100-199, identity: duid}\n"),
     {4, 38},
     "pool.identity",
     "client-id"},
};
INSTANTIATE_TEST_SUITE_P(Network, LoadMistake, testing::ValuesIn(network_mistakes), name_of_row);

const std::string a = "      a: {mac: 52:52:52:00:00:01, address: 3}\n";

const Mistake host_mistakes[] = {
    {"HostsAreAList", lab("    hosts: [a]\n"), {4, 12}, "hosts", "expected a map"},
    {"HostIsText", lab_with_hosts("      a: 3\n"), {5, 10}, "hosts.a", "expected a map"},
    {"HostName",
     lab_with_hosts("      a_b: {mac: 52:52:52:00:00:01, address: 3}\n"),
     {5, 7},
     "hosts.a_b",
     "letters"},
    {"HostNameWithDot",
     lab_with_hosts("      a.b: {mac: 52:52:52:00:00:01, address: 3}\n"),
     {5, 7},
     "hosts.a.b",
     "letters"},
    {"HostNameTooLong",
     lab_with_hosts("      " + overlong + ": {mac: 52:52:52:00:00:01, address: 3}\n"),
     {5, 7},
     "hosts." + overlong,
     "63"},
    {"NullHost",
     lab_with_hosts("      null: {mac: 52:52:52:00:00:01, address: 3}\n"),
     {5, 7},
     "hosts.null",
     "quotes"},
    {"HostTwice", lab_with_hosts(a + a), {6, 7}, "hosts.a", "already written in line 5"},
    {"HostTwiceInAnotherCase",
     lab_with_hosts(a + "      A: {mac: 52:52:52:00:00:02, address: 4}\n"),
     {6, 7},
     "hosts.A",
     "already taken by the host in line 5"},
    {"NoMac", lab_with_hosts("      a: {address: 3}\n"), {5, 10}, "hosts.a", "no `mac`"},
    {"IpMeansAddress",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, ip: 3}\n"),
     {5, 47},
     "hosts.a.ip",
     "no such key",
     "address"},
    {"NoAddressNoPool",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01}\n"),
     {5, 10},
     "hosts.a",
     "no pool"},
    {"MacTooShort",
     lab_with_hosts("      a: {mac: 52:52:52:00:00, address: 3}\n"),
     {5, 16},
     "hosts.a.mac",
     "not a hardware address"},
    {"MacListIsEmpty",
     lab_with_hosts("      a: {mac: [], address: 3}\n"),
     {5, 16},
     "hosts.a.mac",
     "empty"},
    {"MacInList",
     lab_with_hosts("      a: {mac: [52:52:52:00:00:01, x], address: 3}\n"),
     {5, 36},
     "hosts.a.mac[1]",
     "not a hardware address"},
    {"MacIsZero",
     lab_with_hosts("      a: {mac: 00:00:00:00:00:00, address: 3}\n"),
     {5, 16},
     "hosts.a.mac",
     "all-zero"},
    {"MacIsGroup",
     lab_with_hosts("      a: {mac: 53:52:52:00:00:01, address: 3}\n"),
     {5, 16},
     "hosts.a.mac",
     "group"},
    {"MacIsBroadcast",
     lab_with_hosts("      a: {mac: ff:ff:ff:ff:ff:ff, address: 3}\n"),
     {5, 16},
     "hosts.a.mac",
     "group"},
    {"MacOfTwoHosts",
     lab_with_hosts(a + "      b: {mac: 52-52-52-0-0-1, address: 4}\n"),
     {6, 16},
     "hosts.b.mac",
     "also the MAC of a, line 5"},
    {"MacTwiceInAHost",
     lab_with_hosts("      a: {mac: [52:52:52:00:00:01, 52:52:52:00:00:01], address: 3}\n"),
     {5, 36},
     "hosts.a.mac[1]",
     "twice"},
    {"AddressOfTwoHosts",
     lab_with_hosts(a + "      b: {mac: 52:52:52:00:00:02, address: 192.168.200.3}\n"),
     {6, 44},
     "hosts.b.address",
     "192.168.200.3 is also the address of a, line 5"},
    {"HostOutside",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 192.168.201.7}\n"),
     {5, 44},
     "hosts.a.address",
     "192.168.201.7 lies outside 192.168.200.0/24"},
    {"HostNumberTooHigh",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 300}\n"),
     {5, 44},
     "hosts.a.address",
     "host number `300`"},
    {"HostNumberLeadingZero",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 010}\n"),
     {5, 44},
     "hosts.a.address",
     "leading zero"},
    {"HostIsTheSubnet",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 0}\n"),
     {5, 44},
     "hosts.a.address",
     "the subnet itself"},
    {"HostIsTheBroadcast",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 255}\n"),
     {5, 44},
     "hosts.a.address",
     "broadcast"},
    {"HostIsUs",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 1}\n"),
     {5, 44},
     "hosts.a.address",
     "our own"},
    {"AliasOfTwoHosts",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, aliases: [x]}\n      b: {mac: "
                    "52:52:52:00:00:02, address: 4, aliases: [y, X]}\n"),
     {6, 60},
     "hosts.b.aliases[1]",
     "an alias of a, line 5"},
    {"AliasTwiceInAHost",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, aliases: [x, x]}\n"),
     {5, 60},
     "hosts.a.aliases[1]",
     "an alias of a"},
    {"AliasIsAHost",
     lab_with_hosts(a + "      b: {mac: 52:52:52:00:00:02, address: 4, aliases: [a]}\n"),
     {6, 57},
     "hosts.b.aliases[0]",
     "the host in line 5"},
    {"AliasSyntax",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, aliases: [x.y]}\n"),
     {5, 57},
     "hosts.a.aliases[0]",
     "letters"},
    {"HostLease",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, lease: 1}\n"),
     {5, 54},
     "hosts.a.lease",
     "unit"},
    {"BootWithoutFile",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, boot: {server: 1}}\n"),
     {5, 53},
     "hosts.a.boot",
     "no `file`"},
    {"BootFileTooLong",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, boot: {file: " +
                    std::string(128, 'f') + "}}\n"),
     {5, 60},
     "hosts.a.boot.file",
     "127"},
    {"BootFileWithZero",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, boot: {file: \"a\\0b\"}}\n"),
     {5, 60},
     "hosts.a.boot.file",
     "zero"},
    {"Ignore",
     lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, ignore: 1}\n"),
     {5, 55},
     "hosts.a.ignore",
     "off on"},
};
INSTANTIATE_TEST_SUITE_P(Host, LoadMistake, testing::ValuesIn(host_mistakes), name_of_row);

std::string options(const std::string& entry) { return lab("    options: {" + entry + "}\n"); }

const Mistake option_mistakes[] = {
    {"OptionsAreAList", lab("    options: [mtu]\n"), {4, 14}, "options", "expected a map"},
    {"UnknownOption", options("xyzzy: 1"), {4, 15}, "options.xyzzy", "no such option"},
    {"MisspeltOption",
     options("ntp-server: 1"),
     {4, 15},
     "options.ntp-server",
     "no such option",
     "ntp-servers"},
    {"DnsmasqSpelling",
     options("dns-server: 1"),
     {4, 15},
     "options.dns-server",
     "no such option",
     "domain-name-servers"},
    {"ByItsNumberAlone", options("42: 1"), {4, 15}, "options.42", "no such option", "ntp-servers"},
    {"ByItsNumberInWords",
     options("option-42: 1"),
     {4, 15},
     "options.option-42",
     "no such option",
     "ntp-servers"},
    {"ByANumberWithoutAName",
     options("option 224: 1"),
     {4, 15},
     "options.option 224",
     "no such option",
     "code-224"},
    {"IanaSpelling",
     options("Domain Server: 1"),
     {4, 15},
     "options.Domain Server",
     "no such option",
     "domain-name-servers"},
    {"SetByServer", options("subnet-mask: 255.0.0.0"), {4, 15}, "options.subnet-mask", "`subnet`"},
    {"LeaseTimeAsOption",
     options("dhcp-lease-time: 60"),
     {4, 15},
     "options.dhcp-lease-time",
     "`lease`"},
    {"SetByServerByNumber",
     options("code-53: 05"),
     {4, 15},
     "options.code-53",
     "the server's to set"},
    {"CodeZero", options("code-0: 05"), {4, 15}, "options.code-0", "no such option"},
    {"CodeEnd", options("code-255: 05"), {4, 15}, "options.code-255", "no such option"},
    {"CodeLeadingZero", options("code-026: 05"), {4, 15}, "options.code-026", "no such option"},
    {"CodeNotHexadecimal", options("code-224: hello"), {4, 25}, "options.code-224", "`hello`"},
    {"TwiceByAnotherName",
     options("mtu: 1500, interface-mtu: 1400"),
     {4, 26},
     "options.interface-mtu",
     "already set by another name in line 4"},
    {"TwiceByNumber", options("mtu: 1500, code-26: 05dc"), {4, 26}, "options.code-26", "option 26"},
    {"TwiceByTheSameName",
     options("mtu: 1500, mtu: 1500"),
     {4, 26},
     "options.mtu",
     "already written"},
    {"NotAnAddress", options("ntp-servers: [1, x]"), {4, 32}, "options.ntp-servers", "`x` "},
    {"OptionHostNumberOutside",
     options("ntp-servers: [1, 256]"),
     {4, 32},
     "options.ntp-servers",
     "`256` "},
    {"TooLargeForItsFormat", options("mtu: 65536"), {4, 20}, "options.mtu", "`65536` "},
    {"NotForALists", options("mtu: [1, 2]"), {4, 24}, "options.mtu", "`2` "},
    {"EmptyList", options("ntp-servers: []"), {4, 28}, "options.ntp-servers", "empty"},
    {"MapForAList",
     options("ntp-servers: {a: 1}"),
     {4, 28},
     "options.ntp-servers",
     "expected a value, found a map"},
    {"NothingForAValue", options("mtu: "), {4, 15}, "options.mtu", "found nothing"},
    {"RouteWithoutPrefix",
     options("classless-static-routes: {10.0.0.0: 4}"),
     {4, 41},
     "options.classless-static-routes",
     "10.0.0.0"},
    {"ValueTooLong",
     options("code-224: " + std::string(2050, 'a')),
     {4, 25},
     "options.code-224",
     ""},
};
INSTANTIATE_TEST_SUITE_P(Option, LoadMistake, testing::ValuesIn(option_mistakes), name_of_row);

std::string names(const std::string& entry) { return lab("    names: {" + entry + "}\n"); }
std::string records(const std::string& line) { return lab("    records:\n      - " + line + "\n"); }

const Mistake name_mistakes[] = {
    {"NamesAreAList", lab("    names: [a]\n"), {4, 12}, "names", "expected a map"},
    {"NameSyntax", names("a_b: 3"), {4, 13}, "names.a_b", "letters"},
    {"NameLabelSyntax", names("x.a_b.: 3"), {4, 13}, "names.x.a_b.", "`a_b` in `x.a_b.`"},
    {"NameOfARoot", names(".: 3"), {4, 13}, "names..", "is empty"},
    {"NameIsAWildcard", names("'*.apps': 3"), {4, 13}, "names.*.apps", "records"},
    {"NameWithoutAddress", names("a: []"), {4, 16}, "names.a", "empty"},
    {"NameAddress", names("a: [3, x]"), {4, 20}, "names.a[1]", "not an address"},
    {"NameTwice", names("a: 3, A: 4"), {4, 19}, "names.A", "already taken by the name in line 4"},
    {"NameTwiceByDots", names("a: 3, a.lab.: 4"), {4, 19}, "names.a.lab.", "already taken"},
    {"AbsoluteNameTwice",
     names("x.example.com.: 3, X.example.com.: 4"),
     {4, 32},
     "names.X.example.com.",
     "already taken"},
    {"NameIsAHost",
     lab("    names: {A: 4}\n    hosts:\n      a: {mac: 52:52:52:00:00:01, address: 3}\n"),
     {6, 7},
     "hosts.a",
     "already taken by the name in line 4"},
    {"NameInAnothersDomain",
     "networks:\n  a: {subnet: 10.0.0.0/24, names: {web: 5}}\n  b: {subnet: 10.0.1.0/24, names: "
     "{web.a.: 5}}\n",
     {3, 36},
     "networks.b.names.web.a.",
     "already taken by the name in line 2"},
    {"RecordIsAMap", records("{a: b}"), {5, 9}, "records[0]", "found a map"},
    {"RecordType", records("a XYZ 1"), {5, 11}, "records[0]", "type"},
    {"RecordAddress", records("a A one"), {5, 13}, "records[0]", "address"},
    {"RecordColumnInQuotes", records("'a A one'"), {5, 14}, "records[0]", "address"},
    {"RecordHostNumberOutside", records("a A 256"), {5, 13}, "records[0]", "host number `256`"},
    {"RecordHostNumberLeadingZero", records("a A 010"), {5, 13}, "records[0]", "host number `010`"},
    {"RecordWithoutData", records("a MX"), {5, 13}, "records[0]", ""},
    {"RecordTtl", records("a 60 A 3"), {5, 9}, "records[0]", "`ttl`"},
    {"RecordSoa", records("'@ SOA a b 1 2 3 4 5'"), {5, 10}, "records[0]", "SOA and NS"},
    {"RecordNs", records("sub NS a"), {5, 9}, "records[0]", "SOA and NS"},
    {"RecordDname", records("sub DNAME a"), {5, 9}, "records[0]", "DNAME"},
    {"RecordOfTheRoot", records(". A 1.2.3.4"), {5, 9}, "records[0]", "root"},
    {"RecordTwice",
     records("a TXT x\n      - A TXT x"),
     {6, 9},
     "records[1]",
     "already written in line 5"},
    {"CnameBesideHost",
     lab("    records: [a CNAME b]\n    hosts:\n" + a),
     {4, 15},
     "records[0]",
     "beside other data: the host in line 6"},
    {"CnameBesideRecord",
     records("a TXT x\n      - a CNAME b"),
     {6, 9},
     "records[1]",
     "the record in line 5"},
    {"CnameTwice",
     records("a CNAME b\n      - a CNAME c"),
     {5, 9},
     "records[0]",
     "the record in line 6"},
    {"CnameAtTheTop", records("'@ CNAME a'"), {5, 9}, "records[0]", "top of a zone"},
    {"CnameAtTheTopOfAZoneBelowAnother",
     "networks:\n  lab: {subnet: 10.0.0.0/24, records: [b CNAME c]}\n"
     "  b: {subnet: 10.0.1.0/24, domain: b.lab}\n",
     {2, 40},
     "networks.lab.records[0]",
     "top of a zone"},
    {"CnameAtOurName", records("ns CNAME a"), {5, 9}, "records[0]", "`ns`"},
    {"CnameAtOurNameInAnotherCase", records("NS.LAB. CNAME a"), {5, 9}, "records[0]", "`ns`"},
    {"CnameOfItself", records("a CNAME a"), {5, 9}, "records[0]", "cannot lead to itself"},
    {"CnameOfItselfInAnotherCase", records("a CNAME A.LAB."), {5, 9}, "records[0]", "to itself"},
    {"CnameOfItselfElsewhere",
     records("x.example. CNAME x.example."),
     {5, 9},
     "records[0]",
     "cannot lead to itself"},
    {"CnamesInARing",
     records("a CNAME b\n      - b CNAME a"),
     {6, 9},
     "records[1]",
     "leads back to itself, by the record in line 5"},
    {"CnamesThatLeadIntoARing",
     records("z CNAME c\n      - b CNAME c\n      - c CNAME a\n      - a CNAME b"),
     {8, 9},
     "records[3]",
     "by the record in line 6"},
    {"CnamesOfTwoNetworksInARing",
     "networks:\n  a: {subnet: 10.0.0.0/24, records: [x CNAME y.b.]}\n"
     "  b: {subnet: 10.0.1.0/24, records: [y CNAME x.a.]}\n",
     {3, 38},
     "networks.b.records[0]",
     "by the record in line 2"},
};
INSTANTIATE_TEST_SUITE_P(Name, LoadMistake, testing::ValuesIn(name_mistakes), name_of_row);

TEST(LoadMistakes, AreAllReportedInTheFilesOrder) {
  const std::string text =
      "log: {level: loud}\n" +
      lab("    lease: 1\n    names: {a_b: 3}\n    hosts:\n      a: {mac: x, address: 999}\n") +
      "listen: {dns-port: 0}\n";
  const Loaded loaded = load(text);
  std::vector<std::string> paths;
  for (const Diagnostic& error : loaded.errors) paths.push_back(error.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"log.level", "lease", "names.a_b", "hosts.a.mac",
                                             "hosts.a.address", "listen.dns-port"}));
}

TEST(LoadMistakes, InRecordsAreCountedWithTheLinesThatAreFaultyThemselves) {
  const Loaded loaded = load(records("a XYZ 1\n      - a TXT x\n      - b A one\n      - a TXT x"));
  std::vector<std::string> paths;
  for (const Diagnostic& error : loaded.errors) paths.push_back(error.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"records[0]", "records[2]", "records[3]"}));
}

// Whether an address is ours cannot be told without the subnet that it would be of.
TEST(LoadMistakes, OfALinkAreNotRepeatedForTheNetworksBehindIt) {
  const Loaded loaded = load(
      "networks:\n  near: {subnet: ten}\n"
      "  far: {subnet: 10.77.0.0/24, interface: none, address: 192.168.200.1, router: 2}\n");
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_EQ(loaded.errors[0].path, "networks.near.subnet");
}

TEST(LoadMistakes, InAFileWithoutASubnetAreStillFound) {
  const Loaded loaded = load(
      "networks:\n  lab:\n    options: {xyzzy: 1, ntp-servers: 9}\n    hosts:\n"
      "      a: {mac: x, address: 300}\n");
  ASSERT_EQ(loaded.errors.size(), 3u);
  EXPECT_NE(loaded.errors[0].message.find("subnet"), std::string::npos);
  EXPECT_EQ(loaded.errors[1].path, "options.xyzzy");
  EXPECT_EQ(loaded.errors[2].path, "hosts.a.mac");
}

TEST(LoadMistakes, AreCountedAndKeptByTheThousand) {
  std::string hosts;
  for (int i = 0; i < 1000; ++i)
    hosts += "      h" + std::to_string(i) + ": {mac: 52:52:52:00:00:01, adress: 3}\n";
  const Loaded loaded = load(lab_with_hosts(hosts));
  // Each has a key that does not exist and no address, and all but the first a MAC that is taken.
  EXPECT_EQ(loaded.error_count, 2999u);
  ASSERT_EQ(loaded.errors.size(), 2999u);
  EXPECT_TRUE(
      std::is_sorted(loaded.errors.begin(), loaded.errors.end(),
                     [](const Diagnostic& l, const Diagnostic& r) { return l.where < r.where; }));
}

TEST(LoadMistakes, BeyondABoundAreCountedOnly) {
  std::string list;
  for (int i = 0; i < 20'000; ++i) list += "x,";
  const Loaded loaded = load(lab("    relays: [" + list + "1]\n"));
  EXPECT_EQ(loaded.error_count, 20'000u);
  EXPECT_EQ(loaded.errors.size(), Diagnostics::max_kept);
}

struct Warning {
  std::string name;
  std::string text;
  std::string path;
  std::string message;
};
std::ostream& operator<<(std::ostream& out, const Warning& warning) { return out << warning.name; }

class LoadWarning : public testing::TestWithParam<Warning> {};

TEST_P(LoadWarning, LeavesTheFileValid) {
  const Loaded loaded = load(GetParam().text);
  EXPECT_TRUE(loaded.config) << all_messages(loaded.errors, GetParam().text);
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_EQ(loaded.warnings[0].path, GetParam().path);
  EXPECT_NE(loaded.warnings[0].message.find(GetParam().message), std::string::npos);
}

const Warning warnings[] = {
    {"RouterOutside", lab("    router: 10.0.0.1\n"), "router", "outside 192.168.200.0/24"},
    {"RelayedNetworkWithoutRouter", near_and_far("    address: 192.168.200.1\n"), "networks.far",
     "told no router"},
    {"MulticastDnsDomain", lab("    domain: lab.local\n"), "domain", "multicast DNS"},
    {"AliasOfAHostThatIsNotThere", lab("    records: ['a CNAME nobody']\n"), "records[0]",
     "the plan has no `nobody.lab`"},
    {"AliasWithoutItsFinalDot", lab("    records: ['a CNAME registry.example']\n"), "records[0]",
     "ends in a dot: `registry.example.`"},
    {"MailServerThatIsNotThere", lab("    records: ['@ MX 10 MAIL']\n"), "records[0]",
     "no `mail.lab`"},
    {"ServiceOfAHostThatIsNotThere", lab("    records: ['_x._tcp SRV 0 0 1 b.c']\n"), "records[0]",
     "no `b.c.lab`"},
};
INSTANTIATE_TEST_SUITE_P(All, LoadWarning, testing::ValuesIn(warnings),
                         [](const auto& row) { return row.param.name; });

struct NotYet {
  std::string name;
  std::string text;
  std::vector<std::string> paths;
};
std::ostream& operator<<(std::ostream& out, const NotYet& row) { return out << row.name; }

class LoadNotYet : public testing::TestWithParam<NotYet> {};

TEST_P(LoadNotYet, NamesWhatIsNotActedOn) {
  const Loaded loaded = load(GetParam().text);
  EXPECT_TRUE(loaded.config) << all_messages(loaded.errors, GetParam().text);
  std::vector<std::string> paths;
  for (const Diagnostic& row : loaded.not_yet) paths.push_back(row.path);
  EXPECT_EQ(paths, GetParam().paths);
}

const NotYet not_yets[] = {
    {"Pool", lab("    pool: 100-199\n"), {"pool"}},
    {"PoolMap",
     lab("    pool: {range: 100-199, lease: 1h}\n"),
     {"pool", "pool.range", "pool.lease"}},
    {"HostFromThePool",
     lab("    pool: 100-199\n    hosts: {a: {mac: 52:52:52:00:00:01}}\n"),
     {"pool"}},
    {"NoPool", lab("    pool: none\n"), {}},
    {"TwoWorkers", "dns: {workers: 2}\n" + lab(""), {}},
    {"Http", "http: 127.0.0.1:9167\n" + lab(""), {"http"}},
    {"HttpOff", "http: off\n" + lab(""), {}},
};
INSTANTIATE_TEST_SUITE_P(All, LoadNotYet, testing::ValuesIn(not_yets),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace berth::config
