// What `--explain-bind` says of an endpoint, word for word, on either system.
#include "server/binder/explanation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "server/binder/forecast.hpp"
#include "tests/server/binder/lab.hpp"

namespace berth::binder {
namespace {

constexpr HolderOptions shares{.reuse_address = true};
constexpr HolderOptions keeps{};

struct Machine {
  LinkTable links;
  std::vector<HolderReport> reports;
  Wanted wanted = Lab::kubenet();
};

void bridge(Machine& machine, const char* name, const char* address = "192.168.200.1/24",
            bool running = true) {
  machine.links.set_link({5, name, net::MacAddress::from_octets(2, 0, 0, 0, 0, 1), running});
  machine.links.add_address(5, net::Ipv4Prefix::parse(address).value());
}

void hold(Machine& machine, Protocol protocol, std::uint16_t port, Holder holder,
          std::optional<HolderOptions> options) {
  holder.options = options;
  auto report = std::ranges::find_if(machine.reports, [&](const HolderReport& one) {
    return one.protocol == protocol && one.port == port;
  });
  if (report == machine.reports.end())
    report = machine.reports.insert(report, {protocol, port, {}});
  report->holders.push_back(std::move(holder));
}

Holder launchd() { return {1, "launchd", {}, net::Ipv4Address::any(), false, {}}; }

struct Row {
  std::string name;  // of the file, too
  const System& system;
  std::function<void(Machine&)> given;
};

const Row rows[] = {
    {"linux_waiting", linux_system, [](Machine&) {}},
    {"linux_bound", linux_system, [](Machine& m) { bridge(m, "br0"); }},
    {"linux_down_and_unlike_the_plan", linux_system,
     [](Machine& m) { bridge(m, "br0", "192.168.200.1/23", false); }},
    {"linux_two_links", linux_system,
     [](Machine& m) {
       bridge(m, "br0");
       m.links.set_link({6, "br1", {}, true});
       m.links.add_address(6, m.wanted.link);
     }},
    {"linux_default_route", linux_system,
     [](Machine& m) {
       bridge(m, "eth0");
       m.links.set_default_routes({5});
     }},
    {"linux_holders", linux_system,
     [](Machine& m) {
       bridge(m, "br0");
       hold(m, Protocol::udp, 53, Lab::dnsmasq("0.0.0.0"), shares);
       hold(m, Protocol::tcp, 53, {0, {}, {}, m.wanted.link.address, false, {}}, std::nullopt);
       hold(m, Protocol::udp, 67, {940, "dhcpd", {}, net::Ipv4Address::any(), false, {}}, keeps);
     }},
    {"linux_dns_only_on_a_port_of_its_own", linux_system,
     [](Machine& m) {
       bridge(m, "br0");
       m.wanted.dhcp = false;
       m.wanted.dns_port = 5353;
     }},
    {"linux_workers", linux_system,
     [](Machine& m) {
       bridge(m, "br0");
       m.wanted.dhcp = false;
       m.wanted.dns_sockets = 4;
     }},
    {"darwin_waiting", darwin_system, [](Machine&) {}},
    {"darwin_grace", darwin_system, [](Machine& m) { bridge(m, "bridge100"); }},
    {"darwin_beside_apple", darwin_system,
     [](Machine& m) {
       bridge(m, "bridge100");
       hold(m, Protocol::udp, 53, Lab::proxy(), keeps);
       hold(m, Protocol::tcp, 53, Lab::proxy(), shares);
       hold(m, Protocol::udp, 67, launchd(), shares);
     }},
    {"darwin_guard_and_takeover", darwin_system,
     [](Machine& m) {
       bridge(m, "bridge100");
       hold(m, Protocol::udp, 67, launchd(), shares);
       m.wanted.guard = true;
       m.wanted.grace = {};
     }},
    {"darwin_by_ipv6", darwin_system,
     [](Machine& m) {
       bridge(m, "bridge100");
       m.links.set_link_local(5, net::Ipv6Address::parse("fe80::64").value());
       m.wanted.dhcp = false;
       hold(m, Protocol::udp, 53, Lab::proxy(), keeps);
       hold(m, Protocol::tcp, 53, Lab::proxy(), shares);
       hold(m, Protocol::udp, 53, Lab::proxy_of_ipv6(), keeps);
       hold(m, Protocol::tcp, 53, Lab::on_ipv6(Lab::dnsmasq("0.0.0.0"), "fe80::64"), shares);
       m.wanted.grace = {};
     }},
    {"darwin_old_dnsmasq", darwin_system,
     [](Machine& m) {
       bridge(m, "bridge100");
       m.wanted.grace = {};
       hold(m, Protocol::udp, 53, Lab::dnsmasq("192.168.200.1"), shares);
     }},
};

std::string explained(const Row& row) {
  Machine machine;
  row.given(machine);
  const auto endpoints = forecast(row.system, {machine.wanted}, machine.links, machine.reports);
  return explain(row.system, endpoints.at(0));
}

std::string text_of_file(const std::string& name) {
  std::ifstream file(BERTH_GOLDEN "/binder/" + name + ".txt");
  return {std::istreambuf_iterator<char>(file), {}};
}

class Explanation : public testing::TestWithParam<Row> {};

TEST_P(Explanation, ReadsAsThatFile) {
  EXPECT_EQ(explained(GetParam()), text_of_file(GetParam().name));
}

INSTANTIATE_TEST_SUITE_P(Machines, Explanation, testing::ValuesIn(rows),
                         [](const auto& test) { return test.param.name; });

class RecipeWords : public testing::TestWithParam<System> {};

TEST_P(RecipeWords, AreThereForEachSocketAndOption) {
  for (const Recipe& recipe : GetParam().recipes) {
    SCOPED_TRACE(to_string(recipe.role));
    EXPECT_FALSE(recipe.purpose.empty());
    EXPECT_FALSE(recipe.why.empty());
    EXPECT_EQ(recipe.frames_by.empty(), recipe.protocol != Protocol::none);
    for (const ReasonedOption& option : recipe.options) EXPECT_FALSE(option.why.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Systems, RecipeWords, testing::Values(linux_system, darwin_system),
                         [](const auto& test) { return std::string(test.param.name); });

// What a port's holders do to each socket: what the kernels' models, and Linux itself, do too.
struct Fate {
  std::string name;
  const System& system;
  Protocol protocol;
  std::uint16_t port;
  const char* address;  // the holder's
  std::optional<HolderOptions> options;
  State dhcp;
  Path dhcp_path;
  State dns;
  bool serves_dns;
};

const Fate fates[] = {
    {"Linux_WildcardThatSharesDns", linux_system, Protocol::udp, 53, "0.0.0.0", shares,
     State::bound, Path::socket, State::bound, true},
    {"Linux_WildcardThatKeepsDns", linux_system, Protocol::udp, 53, "0.0.0.0", keeps, State::bound,
     Path::socket, State::conflict, false},
    {"Linux_WildcardOfUnknownOptions", linux_system, Protocol::udp, 53, "0.0.0.0", std::nullopt,
     State::bound, Path::socket, State::conflict, false},
    {"Linux_ExactlyOursOfDnsIsNotRobbed", linux_system, Protocol::udp, 53, "192.168.200.1", shares,
     State::bound, Path::socket, State::conflict, false},
    {"Linux_ListenersShareNothing", linux_system, Protocol::tcp, 53, "0.0.0.0", shares,
     State::bound, Path::socket, State::conflict, true},
    {"Linux_LoopbackIsLeftAlone", linux_system, Protocol::udp, 53, "127.0.0.53", keeps,
     State::bound, Path::socket, State::bound, true},
    {"Linux_WildcardThatSharesDhcp", linux_system, Protocol::udp, 67, "0.0.0.0", shares,
     State::bound, Path::socket, State::bound, true},
    {"Linux_WildcardThatKeepsDhcp", linux_system, Protocol::udp, 67, "0.0.0.0", keeps,
     State::conflict, Path::tap, State::bound, true},
    {"Linux_WildcardOfAnotherLink", linux_system, Protocol::udp, 67, "0.0.0.0",
     HolderOptions{.reuse_address = true, .device = 9}, State::bound, Path::socket, State::bound,
     true},
    {"Linux_LoopbackThatKeepsDhcp", linux_system, Protocol::udp, 67, "127.0.0.1", keeps,
     State::conflict, Path::tap, State::bound, true},
    {"Linux_ExactlyOursOfDhcpIsNotRobbed", linux_system, Protocol::udp, 67, "192.168.200.1", shares,
     State::conflict, Path::socket, State::bound, true},
    {"Darwin_WildcardThatKeepsDhcp", darwin_system, Protocol::udp, 67, "0.0.0.0", keeps,
     State::bound, Path::tap, State::bound, true},
    {"Darwin_ExactlyOursOfDhcp", darwin_system, Protocol::udp, 67, "192.168.200.1", shares,
     State::conflict, Path::tap, State::bound, true},
    {"Darwin_WildcardThatKeepsDns", darwin_system, Protocol::udp, 53, "0.0.0.0", keeps,
     State::bound, Path::tap, State::bound, true},
    {"Darwin_ExactlyOursOfDns", darwin_system, Protocol::udp, 53, "192.168.200.1", shares,
     State::bound, Path::tap, State::conflict, false},
};

class Forecast : public testing::TestWithParam<Fate> {};

TEST_P(Forecast, SaysWhatComesOfAHolder) {
  const Fate& fate = GetParam();
  Machine machine;
  bridge(machine, "br0");
  machine.wanted.grace = {};
  hold(machine, fate.protocol, fate.port, Lab::dnsmasq(fate.address), fate.options);
  const EndpointState endpoint =
      forecast(fate.system, {machine.wanted}, machine.links, machine.reports).at(0);
  const Status dhcp = status_of(endpoint, Service::dhcp, fate.system.recipes);
  const Status dns = status_of(endpoint, Service::dns, fate.system.recipes);
  EXPECT_EQ(to_string(dhcp.state), to_string(fate.dhcp)) << dhcp.why;
  EXPECT_EQ(dhcp.path, fate.dhcp_path);
  EXPECT_EQ(to_string(dns.state), to_string(fate.dns)) << dns.why;
  EXPECT_EQ(dns.serving, fate.serves_dns);
}

INSTANTIATE_TEST_SUITE_P(Holders, Forecast, testing::ValuesIn(fates),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder
