// What must be so in every state of a world.
#include <algorithm>
#include <string_view>
#include <utility>

#include "tests/server/binder/model/sockets.hpp"
#include "tests/server/binder/model/world.hpp"

namespace berth::binder::model {
namespace {

using std::chrono::milliseconds;

// Beyond the times of the design for a holder that leaves: nothing tells of that, so the next
// attempt finds it.
constexpr milliseconds next_attempt{200};
// How often berthd looks who has joined its sockets, which nothing tells either.
constexpr milliseconds next_look{5000};

// Whether it says so to an operator.
bool mentions(const Status& status, std::string_view what) {
  const auto is_in = [what](const std::string& text) {
    return text.find(what) != std::string::npos;
  };
  return is_in(status.why) || std::ranges::any_of(status.notes, is_in);
}

}  // namespace

void World::violate(std::string what) {
  if (violation_.empty()) violation_ = std::move(what);
}

bool World::reaches_us(Protocol protocol) const {
  const auto link_now = link();
  if (!link_now) return false;
  const Socket* socket = kernel_.unicast(protocol, ours, 53, *link_now);
  return socket && std::ranges::any_of(kernel_.sharers(*socket), [](const Socket* one) {
           return one->owner == Owner::berthd;
         });
}

// Whether the kernel lets anybody in on our address. On macOS: unless somebody has exactly it.
bool World::could_bind_dns(Protocol protocol) const {
  if (bridge_.empty()) return false;
  const auto is_exactly_ours = [protocol](const Socket& socket) {
    return socket.owner != Owner::berthd && socket.protocol == protocol && socket.port == 53 &&
           socket.address == ours;
  };
  if (std::ranges::any_of(kernel_.sockets(), is_exactly_ours)) return false;
  return kernel_.could_bind(
      socket_on(protocol, ours, 53, {.reuse_address = true, .free_bind = true}), Owner::berthd);
}

// On Linux the last one bound to an address takes what is sent there, if both set SO_REUSEADDR
// (6.5), and nothing tells the one before. We set it beside a wildcard holder; what comes after us
// to exactly our address is found at the next look.
bool World::is_robbed(Service service) const {
  const Socket* mine =
      kernel_.find(daemon_.socket(service == Service::dns ? Role::dns_udp : Role::dhcp_unicast));
  return mine && mine->reuse_address &&
         std::ranges::any_of(kernel_.sockets(), [mine](const Socket& other) {
           return other.owner != Owner::berthd && other.protocol == mine->protocol &&
                  other.port == mine->port && other.address == mine->address && other.id > mine->id;
         });
}

void World::check() {
  if (!daemon_.fault().empty()) violate(daemon_.fault());
  const auto is_ours = [](const auto& one) { return one.owner == Owner::berthd; };
  const auto open = static_cast<std::size_t>(std::ranges::count_if(kernel_.sockets(), is_ours) +
                                             std::ranges::count_if(kernel_.taps(), is_ours));
  if (open != daemon_.open_count()) violate("descriptors leak");
  if (open != 0 && !daemon_.is_running()) violate("something is left behind");

  if (daemon_.is_open(Role::dhcp_broadcast) && daemon_.is_open(Role::dhcp_tap))
    violate("two readers of one link's broadcasts");

  const bool is_there = daemon_.is_running() && !bridge_.empty() && !is_unseen();
  if (!is_there)
    grace_over_.reset();
  else if (!grace_over_)
    grace_over_ = now_ + scenario_->wanted.grace;
  if (scenario_->wanted.dhcp) check_service(Service::dhcp);
  if (scenario_->wanted.dns) check_service(Service::dns);
  if (scenario_->wanted.dns) check_ipv6();
  if (daemon_.is_running() && !is_unseen()) check_neighbours();
  check_company();
}

void World::check_service(Service service) {
  const bool is_dns = service == Service::dns;
  const bool is_mac = scenario_->system == System::xnu;
  const std::string what = std::string(name(service));
  const bool is_possible =
      daemon_.is_running() && !bridge_.empty() && !is_unseen() &&
      (!is_dns || (could_bind_dns(Protocol::udp) && could_bind_dns(Protocol::tcp)));
  const bool is_served = is_dns ? reaches_us(Protocol::udp) && reaches_us(Protocol::tcp)
                                : hears_dhcp({}) && can_reply();
  std::optional<TimePoint>& due = due_[static_cast<std::size_t>(service)];
  if (!is_possible || is_served) {
    due.reset();
  } else if (!due) {
    milliseconds time{is_mac ? 50 : 10};
    if (is_dns && is_mac) time += scenario_->wanted.grace;
    // Who holds the port is asked before it is shared; whoever left meanwhile costs a first retry.
    if (!is_mac && scenario_->searching.time.count() != 0)
      time += 3 * scenario_->searching.time + next_attempt;
    if (!prompt_) time += next_attempt;
    due = now_ + time;
  } else if (now_ >= *due) {
    violate(what + " is not served in time");
  }

  if (!daemon_.is_running()) return;
  const Status* status = daemon_.status(service);
  if (!status) return violate(what + " has no status");
  if (!status->serving && status->why.empty())
    violate(what + " is not served, and nobody says why");
  if (mentions(*status, "berthd (pid ")) violate("berthd takes itself for a stranger");
  if (is_unseen() || is_robbed(service)) return;
  const bool is_reached = is_dns ? reaches_us(Protocol::udp) : is_served;
  if (status->serving != is_reached) violate("the status of " + what + " is wrong");
}

bool World::has_link_local() const {
  const NetworkLink* link = bridge_.empty() ? nullptr : kernel_.link(bridge_);
  return link && link->link_local;
}

bool World::reaches_us_by_ipv6(Protocol protocol) const {
  const Socket* socket = kernel_.unicast_ipv6(protocol, link_local, 53);
  return socket && socket->owner == Owner::berthd;
}

bool World::could_bind_ipv6(Protocol protocol) const {
  return std::ranges::none_of(kernel_.sockets(), [protocol](const Socket& socket) {
    return socket.owner != Owner::berthd && socket.protocol == protocol && socket.port == 53 &&
           socket.ipv6_only == link_local;
  });
}

// In time unless somebody has the address; no status but DNS's own notes tells of it.
void World::check_ipv6() {
  const auto for_both = [](auto what) { return what(Protocol::udp) && what(Protocol::tcp); };
  const bool is_possible =
      daemon_.is_running() && has_link_local() && !is_unseen() &&
      for_both([this](Protocol protocol) { return could_bind_ipv6(protocol); });
  const bool is_served =
      for_both([this](Protocol protocol) { return reaches_us_by_ipv6(protocol); });
  if (!is_possible || is_served) {
    due_by_ipv6_.reset();
  } else if (!due_by_ipv6_) {
    due_by_ipv6_ = now_ + scenario_->wanted.grace + milliseconds{50} +
                   (prompt_ ? milliseconds{0} : next_attempt);
  } else if (now_ >= *due_by_ipv6_) {
    violate("dns is not served in time by IPv6");
  }
}

// Whoever was there before us, and whose datagrams to our address come to us now, is named.
void World::check_neighbours() {
  struct Pair {
    Role role;
    Service service;
  };
  for (const auto& [role, service] :
       {Pair{Role::dns_udp, Service::dns}, Pair{Role::dns_tcp, Service::dns},
        Pair{Role::dns_udp_ipv6, Service::dns}, Pair{Role::dns_tcp_ipv6, Service::dns},
        Pair{Role::dhcp_unicast, Service::dhcp}}) {
    const Socket* mine = kernel_.find(daemon_.socket(role));
    const Status* status = daemon_.status(service);
    if (!mine || !status) continue;
    for (const Socket& socket : kernel_.sockets()) {
      if (socket.owner == Owner::berthd || socket.id > mine->id || socket.port != mine->port ||
          socket.protocol != mine->protocol ||
          socket.ipv6_only.has_value() != mine->ipv6_only.has_value())
        continue;
      const bool is_on_ours =
          socket.ipv6_only ? socket.ipv6_only == mine->ipv6_only : socket.address == mine->address;
      if (is_on_ours && !daemon_.is_searching())
        violate("joins a holder of exactly our address, and takes all from it");
      if (socket.ipv6_only ? !socket.ipv6_only->is_unspecified() : !socket.address.is_unspecified())
        continue;
      const std::string who = process_of(socket.owner);
      if (!mentions(*status, who) && !daemon_.is_searching())
        violate("traffic of " + who + " is taken in silence");
    }
  }
}

// Whoever joins several sockets of ours takes a share of what they hear.
void World::check_company() {
  const Socket* mine = kernel_.find(daemon_.socket(Role::dns_udp));
  const Status* status = daemon_.status(Service::dns);
  const auto is_a_rival = [](const Socket* one) { return one->owner != Owner::berthd; };
  if (!mine || !status || std::ranges::none_of(kernel_.sharers(*mine), is_a_rival) ||
      mentions(*status, "has joined us"))
    return company_due_.reset();
  if (!company_due_)
    company_due_ = now_ + next_look + 2 * scenario_->searching.time;
  else if (now_ >= *company_due_)
    violate("a share of our queries goes elsewhere, and nobody says so");
}

// Nothing tells of who comes later to a port that we share: berthd has just looked.
void World::check_company_is_noted() {
  if (daemon_.is_searching()) return;
  for (const Service service : {Service::dns, Service::dhcp})
    if (is_robbed(service)) violate("somebody took what is sent to us, and we looked");
  const Status* status = daemon_.status(Service::dhcp);
  if (!status || !daemon_.is_open(Role::dhcp_broadcast)) return;
  for (const Socket& socket : kernel_.sockets())
    if (socket.owner != Owner::berthd && socket.port == 67 && socket.address.is_unspecified() &&
        !mentions(*status, std::string(process_of(socket.owner)) + " "))
      violate("somebody hears what we hear, and nobody says so");
}

}  // namespace berth::binder::model
