// print() and load() are each other's inverse.
#include "config/print.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/default_plan.hpp"
#include "config/load.hpp"
#include "tests/config/plans.hpp"

namespace berth::config {
namespace {

struct Plan {
  std::string name;
  std::string text;
};
std::ostream& operator<<(std::ostream& out, const Plan& plan) { return out << plan.name; }

class Print : public testing::TestWithParam<Plan> {};

TEST_P(Print, LoadsBackEqual) {
  const Loaded first = load(GetParam().text);
  ASSERT_TRUE(first.config) << format(first.errors, "file", GetParam().text);
  const std::string printed = print(*first.config);
  const Loaded again = load(printed);
  ASSERT_TRUE(again.config) << format(again.errors, "printed", printed) << printed;
  EXPECT_EQ(*again.config, *first.config) << printed;
  EXPECT_TRUE(again.not_yet.empty());
  EXPECT_EQ(print(*again.config), printed);
}

std::string host(const std::string& more) {
  return lab_with_hosts("      a: {mac: 52:52:52:00:00:01, address: 3, " + more + "}\n");
}

const Plan plans[] = {
    {"Default", std::string(default_plan())},
    {"Scalars",
     lab("    address: 2\n    interface: bridge100\n    domain: a.example\n    lease: infinite\n"
         "    router: [3, 4]\n    dns-servers: none\n    server-id: 9\n    authoritative: off\n"
         "    dhcp: off\n    dns: off\n    ttl: 0s\n    relays: [10.1.0.1, 10.2.0.0/16]\n")},
    {"OnlyRelayed", near_and_far("    address: 192.168.200.1\n    lease: 61s\n")},
    {"OnlyRelayedWithRouter", near_and_far("    address: 192.168.200.1\n    router: [2, 3]\n")},
    {"Sections",
     "dns: {refuse: drop}\nlisten: {dhcp-port: 1067, dns-port: 1053}\n"
     "coexist: {dns: takeover, guard: always}\nlog: {level: trace, format: json}\nstate: "
     "'/var/lib/my \"berth\" #1\\'\n" +
         lab("")},
    {"Servers",
     "dns: {upstream: [1.1.1.1, '9.9.9.9:54', '[2620:fe::fe]:53', 'fe80::1%eth0'], cache: 1,"
     " forward: {a.example: 10.0.0.1, b.a.example: none, 10.in-addr.arpa: ['[::1]:54', 10.0.0.2]},"
     " rebind-protection: {allow: [a.example, b.example]}, filter: aaaa}\n" +
         lab("")},
    {"NoServers",
     "dns: {upstream: none, cache: off, identity: on, rebind-protection: on, listen: [127.0.0.1, "
     "'[::1]:54']}\n" +
         lab("")},
    {"HostWithEverything",
     host("aliases: [b, 'null', none], lease: 7d, ignore: on,"
          " boot: {server: 2, file: \"a b\\t\\x7f\\u00e4\"}, options: {ntp-servers: [1, 2]}")},
    {"HostNamedNull", lab_with_hosts("      'null': {mac: 52:52:52:00:00:01, address: 3}\n")},
    {"HostNamedOn", lab_with_hosts("      on: {mac: 52:52:52:00:00:01, address: 3}\n")},
    {"HostNamedByANumber", lab_with_hosts("      012: {mac: 52:52:52:00:00:01, address: 3}\n")},
    {"SeveralMacs",
     lab_with_hosts("      a: {mac: [52:52:52:00:00:01, 52:52:52:00:00:02], address: 3}\n")},
    {"IgnoredWithoutAddress", lab_with_hosts("      a: {mac: 52:52:52:00:00:01, ignore: on}\n")},
    {"Options", lab("    options: {mtu: 1500, domain-search: [a.example, b.example], routers: none,"
                    " domain-name: 'none', ntp-servers: [1, 2], code-224: 0a0b, rapid-commit: '',"
                    " classless-static-routes: {10.0.0.0/16: 4}, static-routes: {10.9.9.9: 4},"
                    " tftp-server-name: \"a, b: 'c' \\\"d\\\"\", time-offset: -3600}\n")},
    {"OptionsOfVendorsAndOfSip",
     lab("    options: {vivco-suboptions: '4491=0a:0b', sip-servers: [sip.a, b],"
         " vivso-suboptions: ['4491 1=0a:0b 2=', '9 3=01'], subnet-allocation: '0a'}\n")},
    {"OptionsThatDoNotFitTheirFormat",
     lab("    options: {code-26: 01, code-119: ff, code-121: 2105, code-3: '010203',"
         " code-15: ff00, code-120: '02', code-124: '0000118b02', code-125: '0000118b00'}\n")},
    {"Names", lab("    names: {a: 3, b.c: [4, 5], x.example.com.: 10.0.0.1, '@': 6, 'null': 7}\n")},
    {"Records",
     lab("    records: ['_etcd._tcp SRV 0 0 2379 a', '*.apps A 11', 'reg CNAME a.',"
         " 'note TXT \"a b\" \"c\\\"d\" \"\\255\"', '@ MX 10 mail', 'six AAAA 2001:db8::1',"
         " 'odd\\.dot TXT x', 'old TYPE4711 \\# 2 0a0b', 'x.example. TXT y']\n")},
    {"TwoNetworks",
     "networks:\n  b: {subnet: 10.0.1.0/24, domain: lab}\n  a: {subnet: 10.0.0.0/24, domain: "
     "lab}\n"},
    {"DefaultRouteThroughTheHostsRouter",
     lab("    options: {classless-static-routes: {10.0.0.0/16: 4}}\n    hosts:\n"
         "      a: {mac: 52:52:52:00:00:01, address: 3, options: {routers: 8}}\n"
         "      b: {mac: 52:52:52:00:00:02, address: 4, options: {routers: none}}\n")},
};
INSTANTIATE_TEST_SUITE_P(All, Print, testing::ValuesIn(plans),
                         [](const auto& row) { return row.param.name; });

TEST(Print, SaysThatARelayedNetworkHasNoRouter) {
  const auto config = load(near_and_far("    address: 192.168.200.1\n")).config;
  const std::string printed = print(config.value());
  const std::string far = printed.substr(printed.find("  far:"));
  EXPECT_NE(far.find("    address: 192.168.200.1\n    interface: none\n"), std::string::npos)
      << far;
  EXPECT_NE(far.find("    router: none\n    dns-servers: 192.168.200.1\n"), std::string::npos)
      << far;
}

TEST(Print, WritesOptionsByTheirNames) {
  const auto config = load(lab("    options: {code-26: 05dc, code-15: '61'}\n")).config;
  const std::string printed = print(config.value());
  EXPECT_NE(printed.find("interface-mtu: 1500\n"), std::string::npos) << printed;
  EXPECT_NE(printed.find("domain-name: a\n"), std::string::npos) << printed;
}

}  // namespace
}  // namespace berth::config
