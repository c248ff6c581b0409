#include "server/io/explain_bind.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "server/binder/explanation.hpp"
#include "server/binder/forecast.hpp"
#include "server/binder/holders.hpp"
#include "server/binder/link_monitor.hpp"
#include "server/binder/open_socket.hpp"
#include "server/io/host.hpp"
#include "server/io/snapshot.hpp"

namespace berth::io {
namespace {

// Where there are thousands of links, or the system has lost some of what it told, one reading is
// not all. None when there is no end to it.
const binder::LinkTable* read_links(binder::LinkMonitor& monitor) {
  constexpr int readings = 60;
  constexpr int longest_wait_ms = 50;
  for (int reading = 0; !monitor.links() && reading < readings; ++reading) {
    pollfd news{monitor.descriptor(), POLLIN, 0};
    ::poll(&news, 1, longest_wait_ms);
    monitor.on_timer(now());
    monitor.read(now());
  }
  return monitor.links();
}

// One for each port that would be bound.
std::vector<binder::HolderReport> look_for_holders(const binder::System& system,
                                                   const std::vector<binder::Wanted>& wanted) {
  std::set<std::tuple<binder::Protocol, std::uint16_t>> ports;
  for (const binder::Wanted& one : wanted)
    for (const binder::Recipe& recipe : system.recipes)
      if (recipe.protocol != binder::Protocol::none && one.wants(recipe.service))
        ports.insert({recipe.protocol, one.port(recipe.service)});
  std::vector<binder::HolderReport> reports;
  reports.reserve(ports.size());
  for (const auto& [protocol, port] : ports) {
    binder::KnownHolders none;
    reports.push_back(
        {protocol, port,
         find_holders({.protocol = protocol, .port = port, .detail = binder::HolderDetail::options},
                      none)});
  }
  return reports;
}

// A berthd that runs has what this one would have: it is not in the way. Returns its processes.
std::set<std::int64_t> take_out_berthd(std::vector<binder::HolderReport>& reports) {
  std::set<std::int64_t> running;
  for (binder::HolderReport& report : reports)
    std::erase_if(report.holders, [&running](const binder::Holder& holder) {
      const bool is_berthd = holder.process == "berthd";
      if (is_berthd) running.insert(holder.pid);
      return is_berthd;
    });
  return running;
}

std::string heading(const binder::System& system, const std::set<std::int64_t>& running) {
  std::string text(system.name);
  text += ". Only looked: nothing was bound or changed.\n";
  for (const std::int64_t pid : running)
    text += "berthd runs (pid " + std::to_string(pid) + "): what it holds counts as free for us.\n";
  if (::geteuid() != 0) text += "Not root: who holds a port, and how, may be hidden.\n";
  return text;
}

std::string title(const config::Network& network) {
  const net::Ipv4Prefix link{network.address, network.subnet.length};
  return "\nnetwork " + network.key + ", " + net::to_string(link) + '\n';
}

}  // namespace

expected<std::string, std::error_code> explain_bind(const config::Config& config) {
  const binder::System& system = binder::this_system();
  auto monitor = binder::LinkMonitor::open(now());
  if (!monitor) return unexpected(monitor.error());
  const binder::LinkTable* links = read_links(*monitor);
  if (!links) return unexpected(std::make_error_code(std::errc::resource_unavailable_try_again));
  const std::vector<binder::Wanted> wanted = make_snapshot(config, nullptr).endpoints;
  std::vector<binder::HolderReport> reports = look_for_holders(system, wanted);
  std::string text = heading(system, take_out_berthd(reports));
  const auto endpoints = binder::forecast(system, wanted, *links, reports);

  for (const config::Network& network : config.networks) {
    text += title(network);
    const auto endpoint =
        std::ranges::find(endpoints, network.address,
                          [](const binder::EndpointState& one) { return one.wanted.link.address; });
    if (!network.has_link())
      text += "  behind relays: reached at that address of another network, opens nothing itself\n";
    else if (endpoint == endpoints.end())
      text += "  DHCP and DNS are off in the plan: opens nothing\n";
    else
      text += explain(system, *endpoint);
  }
  return text;
}

}  // namespace berth::io
