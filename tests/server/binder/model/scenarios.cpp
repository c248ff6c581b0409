#include "tests/server/binder/model/scenarios.hpp"

#include <utility>

#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {
namespace {

using std::chrono::milliseconds;

// In DNS's scenarios and DHCP's: what is due in each falls on few different moments.
const Event half_a_second{EventKind::pass, 500};
const Event a_second{EventKind::pass, 1000};
const Event a_while{EventKind::pass, 10'000};
const Event until_renewal{EventKind::pass, 13 * 3600 * 1000};

const std::vector<Socket> dns_everywhere_alone{udp(everywhere, 53), tcp(everywhere, 53)};
const std::vector<Socket> dns_that_joins{udp(ours, 53, {.reuse_port = true})};
const std::vector<Socket> queries_everywhere{udp(everywhere, 53, {.reuse_address = true})};
const std::vector<Socket> dhcp_everywhere{udp(everywhere, 67, {.reuse_address = true})};
const std::vector<Socket> dhcp_everywhere_alone{udp(everywhere, 67)};
const std::vector<Socket> dhcp_on_our_address{udp(ours, 67, {.reuse_address = true})};

const std::vector<Event> berthd_and_bridge{
    {EventKind::start},       {EventKind::stop},
    {EventKind::bridge_up},   {EventKind::bridge_up_elsewhere},
    {EventKind::bridge_down}, a_while};

Scenario mac() {
  Scenario scenario;
  scenario.recipes = darwin_recipes;
  scenario.wanted.link = our_link;
  scenario.wanted.second_id = second_id;
  scenario.events = berthd_and_bridge;
  return scenario;
}

Scenario on_linux(std::vector<std::vector<Socket>> rivals) {
  Scenario scenario;
  scenario.system = System::linux_kernel;
  scenario.recipes = linux_recipes;
  scenario.wanted.link = our_link;
  scenario.settles_in = std::chrono::minutes{1};
  scenario.events = berthd_and_bridge;
  scenario.rivals = std::move(rivals);
  for (std::uint32_t rival = 0; rival < scenario.rivals.size(); ++rival)
    scenario.add({{EventKind::rival_appears, rival}, {EventKind::rival_leaves, rival}});
  return scenario;
}

}  // namespace

Scenario mac_dns() {
  Scenario scenario = mac();
  scenario.wanted.dhcp = false;
  scenario.add({{EventKind::bridge_up_after_proxy},
                {EventKind::proxy_binds_udp},
                {EventKind::proxy_binds_tcp},
                {EventKind::look_for_company},
                half_a_second});
  return scenario;
}

Scenario mac_dns_beside(const std::vector<Socket>& rival) {
  Scenario scenario = mac_dns();
  scenario.rivals = {rival};
  scenario.add({{EventKind::rival_appears, 0}, {EventKind::rival_leaves, 0}});
  return scenario;
}

Scenario mac_dhcp() {
  Scenario scenario = mac();
  scenario.wanted.dns = false;
  scenario.has_client = true;
  scenario.add({{EventKind::launchd_binds},
                {EventKind::bootpd_exits},
                {EventKind::client_boots},
                {EventKind::client_stops},
                a_second,
                until_renewal});
  return scenario;
}

Scenario mac_guard() {
  Scenario scenario = mac_dhcp();
  scenario.wanted.guard = true;
  scenario.settles_in = std::chrono::minutes{1};
  scenario.has_client = false;
  std::erase_if(scenario.events, [](Event event) {
    return event.kind == EventKind::client_boots || event.argument == until_renewal.argument;
  });
  scenario.add({{EventKind::second_up}, {EventKind::second_down}});
  return scenario;
}

Scenario linux_dns() {
  Scenario scenario = on_linux({dns_on_our_address, dns_everywhere, dns_everywhere_alone});
  scenario.wanted.dhcp = false;
  scenario.add({half_a_second});
  return scenario;
}

Scenario linux_dhcp() {
  Scenario scenario = on_linux({dhcp_on_our_address, dhcp_everywhere, dhcp_everywhere_alone});
  scenario.wanted.dns = false;
  scenario.has_client = true;
  scenario.add({{EventKind::client_boots},
                {EventKind::client_stops},
                {EventKind::look_for_company},
                a_second});
  return scenario;
}

Scenario linux_workers() {
  Scenario scenario = on_linux({dns_that_joins, queries_everywhere, {tcp(ours, 53)}});
  scenario.wanted.dhcp = false;
  scenario.wanted.dns_sockets = 2;
  scenario.add({half_a_second});
  return scenario;
}

Scenario mac_all() {
  Scenario scenario = mac_dhcp();
  scenario.wanted.dns = true;
  scenario.settles_in = milliseconds{0};
  std::erase_if(scenario.events, [](Event event) {
    return event.argument == until_renewal.argument || event.argument == a_second.argument;
  });
  scenario.rivals = {dns_on_our_address, dns_on_loopback, dns_everywhere};
  scenario.add({{EventKind::bridge_up_after_proxy},
                {EventKind::bridge_remade_unseen},
                {EventKind::proxy_binds_udp},
                {EventKind::proxy_binds_tcp},
                {EventKind::second_up},
                {EventKind::second_down},
                half_a_second});
  for (std::uint32_t rival = 0; rival < scenario.rivals.size(); ++rival)
    scenario.add({{EventKind::rival_appears, rival}, {EventKind::rival_leaves, rival}});
  return scenario;
}

}  // namespace berth::binder::model
