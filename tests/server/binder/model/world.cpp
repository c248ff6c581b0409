#include "tests/server/binder/model/world.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/server/binder/model/sockets.hpp"

namespace berth::binder::model {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds rescan_interval{5000};
constexpr milliseconds bootpd_idle{300'000};
constexpr milliseconds bootpd_start{100};
constexpr milliseconds restless{60'000};

constexpr std::array event_names{"start",
                                 "stop",
                                 "bridge up",
                                 "bridge up after the proxy",
                                 "bridge up elsewhere",
                                 "bridge down",
                                 "bridge remade unseen",
                                 "link-local comes",
                                 "link-local goes",
                                 "second up",
                                 "second down",
                                 "proxy binds udp",
                                 "proxy binds tcp",
                                 "launchd binds",
                                 "bootpd exits",
                                 "rival appears",
                                 "rival leaves",
                                 "client boots",
                                 "client stops",
                                 "look for company",
                                 "pass"};

}  // namespace

std::string to_string(Event event) {
  std::string text = event_names[static_cast<std::size_t>(event.kind)];
  if (event.kind == EventKind::pass || event.kind == EventKind::rival_appears ||
      event.kind == EventKind::rival_leaves)
    text += " " + std::to_string(event.argument);
  return text;
}

World::World(const Scenario& scenario)
    : scenario_(&scenario),
      kernel_(scenario.system),
      daemon_(scenario.recipes, scenario.searching),
      client_(scenario.client_checks),
      rivals_(scenario.rivals.size()) {
  kernel_.add_link("lo0");
  kernel_.add_address("lo0", {loopback, 8});
}

std::optional<std::uint32_t> World::link() const noexcept {
  const NetworkLink* link = bridge_.empty() ? nullptr : kernel_.link(bridge_);
  return link ? std::optional(link->index) : std::nullopt;
}

std::vector<Event> World::enabled() const {
  std::vector<Event> events;
  std::ranges::copy_if(scenario_->events, std::back_inserter(events),
                       [this](Event event) { return is_enabled(event); });
  return events;
}

bool World::is_enabled(Event event) const {
  switch (event.kind) {
    case EventKind::start: return !daemon_.is_running();
    case EventKind::stop: return daemon_.is_running();
    case EventKind::bridge_up:
    case EventKind::bridge_up_elsewhere: return bridge_.empty();
    case EventKind::bridge_up_after_proxy: return bridge_.empty() && !proxy_.is_asked();
    case EventKind::bridge_down:
    case EventKind::bridge_remade_unseen: return !bridge_.empty();
    case EventKind::link_local_comes: return !bridge_.empty() && !has_link_local();
    case EventKind::link_local_goes: return has_link_local();
    case EventKind::second_up: return !second_;
    case EventKind::second_down: return second_;
    case EventKind::proxy_binds_udp: return proxy_.wants(Protocol::udp);
    case EventKind::proxy_binds_tcp:
      return proxy_.wants(Protocol::tcp) && !proxy_.wants(Protocol::udp);
    case EventKind::launchd_binds: return bootpd_.wants_socket();
    case EventKind::bootpd_exits: return bootpd_.is_running();
    case EventKind::rival_appears: return rivals_[event.argument].empty();
    case EventKind::rival_leaves: return !rivals_[event.argument].empty();
    // One life at a time: whatever was sent before has arrived, or not.
    case EventKind::client_boots: return packets_.empty();
    case EventKind::client_stops: return client_.phase() != Client::Phase::off;
    case EventKind::look_for_company: return daemon_.is_running();
    case EventKind::pass: return true;
  }
  return false;
}

void World::apply(Event event) {
  prompt_ = event.kind <= EventKind::second_down && event.kind != EventKind::bridge_remade_unseen;
  switch (event.kind) {
    case EventKind::start: daemon_.start(kernel_, scenario_->wanted, now_); break;
    case EventKind::stop:
      daemon_.stop(kernel_);
      rescan_at_.reset();
      break;
    case EventKind::bridge_up: raise_bridge("bridge100", false); break;
    case EventKind::bridge_up_after_proxy: raise_bridge("bridge100", true); break;
    case EventKind::bridge_up_elsewhere: raise_bridge("bridge102", false); break;
    case EventKind::bridge_down: lower_bridge(); break;
    case EventKind::bridge_remade_unseen: {
      if (daemon_.is_running()) rescan_at_ = now_ + rescan_interval;
      const std::string name = bridge_;
      lower_bridge();
      raise_bridge(name, false);
      break;
    }
    case EventKind::link_local_comes:
      kernel_.set_link_local(bridge_, link_local);
      tell_links();
      break;
    case EventKind::link_local_goes:
      kernel_.set_link_local(bridge_, std::nullopt);
      tell_links();
      break;
    case EventKind::second_up: raise_second(); break;
    case EventKind::second_down: lower_second(); break;
    case EventKind::proxy_binds_udp: bind_proxy(Protocol::udp); break;
    case EventKind::proxy_binds_tcp: bind_proxy(Protocol::tcp); break;
    case EventKind::launchd_binds: bind_launchd(); break;
    case EventKind::bootpd_exits:
      bootpd_.exit();
      idle_exit_at_.reset();
      break;
    case EventKind::rival_appears: appear(event.argument); break;
    case EventKind::rival_leaves: leave(event.argument); break;
    case EventKind::client_boots: client_.boot(now_); break;
    case EventKind::client_stops: client_.stop(); break;
    case EventKind::look_for_company:
      daemon_.look_for_company(kernel_, now_);
      advance(now_);
      return check_company_is_noted();
    case EventKind::pass: advance(now_ + milliseconds{event.argument}); return;
  }
  advance(now_);
}

void World::tell_links() {
  if (!is_unseen()) daemon_.on_links(kernel_, now_);
}

// vmnet on macOS: the order of its steps is not known (8.9), so both are tried.
void World::raise_bridge(const std::string& name, bool proxy_first) {
  bridge_ = name;
  kernel_.add_link(name);
  if (scenario_->system == System::xnu) {
    proxy_.add_network();
    bootpd_.add_network();
    if (proxy_first) {
      bind_proxy(Protocol::udp);
      bind_proxy(Protocol::tcp);
    }
  }
  kernel_.add_address(name, our_link);
  if (scenario_->system == System::xnu) kernel_.set_link_local(name, link_local);
  bootpd_.on_address_change();
  tell_links();
}

// The address goes, then the message, then the link (5.3).
void World::lower_bridge() {
  const std::string name = std::exchange(bridge_, {});
  proxy_.remove_network(kernel_);
  bootpd_.remove_network(kernel_);
  packets_.clear();
  kernel_.remove_address(name, our_link);
  bootpd_.on_address_change();
  tell_links();
  kernel_.remove_link(name);
  tell_links();
}

void World::raise_second() {
  second_ = true;
  kernel_.add_link("bridge101");
  kernel_.add_address("bridge101", second_link);
  proxy_.add_network();
  bootpd_.add_network();
  bootpd_.on_address_change();
  tell_links();
}

void World::lower_second() {
  second_ = false;
  proxy_.remove_network(kernel_);
  bootpd_.remove_network(kernel_);
  kernel_.remove_link("bridge101");
  bootpd_.on_address_change();
  tell_links();
}

// Only when berthd alone was in its way is it berthd's doing.
void World::bind_proxy(Protocol protocol) {
  const Socket socket = MdnsResponder::socket_for(protocol);
  const bool could_have = kernel_.could_bind(socket, Owner::berthd);
  const bool could_have_ipv6 = kernel_.could_bind(on_ipv6(socket, everywhere_ipv6), Owner::berthd);
  proxy_.bind(kernel_, protocol);
  const bool is_hindered = could_have && !proxy_.holds(protocol);
  const bool is_hindered_by_ipv6 = could_have_ipv6 && !proxy_.holds_ipv6(protocol);
  if (!is_hindered && !is_hindered_by_ipv6) return;

  // Between a link that was made anew and the rescan that finds it, nobody could know (5.8).
  if (is_unseen()) return;
  if (!grace_over_ || now_ < *grace_over_)
    return violate("mDNSResponder loses its proxy within the grace");
  const Status* dns = daemon_.status(Service::dns);
  const bool says_so = dns && std::ranges::any_of(dns->notes, [](const std::string& note) {
                         return note.find("cannot start beside us") != std::string::npos;
                       });
  if (!says_so) violate("mDNSResponder lost its proxy to us, and no status said that it would");
}

void World::bind_launchd() {
  if (bootpd_.bind(kernel_) || scenario_->wanted.guard) return;
  const auto* holder = kernel_.unicast(Protocol::udp, second, 67, 0);
  if (holder && holder->owner == Owner::berthd)
    violate("bootpd cannot start for any network, though the guard is off");
}

// Whoever comes or goes during a search may cost another.
void World::allow_another_search() {
  if (scenario_->searching.time.count() != 0) due_ = {};
}

void World::appear(std::size_t rival) {
  allow_another_search();
  for (const Socket& socket : scenario_->rivals[rival])
    if (const auto bound = kernel_.bind(socket)) rivals_[rival].push_back(*bound);
}

void World::leave(std::size_t rival) {
  allow_another_search();
  for (const std::uint64_t id : rivals_[rival]) kernel_.close(id);
  rivals_[rival].clear();
}

// Time.

std::optional<TimePoint> World::next_deadline() const {
  std::optional<TimePoint> next;
  const auto consider = [&next](const std::optional<TimePoint>& one) {
    if (one && (!next || *one < *next)) next = one;
  };
  consider(daemon_.next_deadline());
  consider(client_.next_deadline());
  consider(rescan_at_);
  consider(idle_exit_at_);
  for (const std::optional<TimePoint>& due : due_) consider(due);
  consider(company_due_);
  consider(due_by_ipv6_);
  if (!packets_.empty()) consider(packets_.front().at);
  return next;
}

void World::advance(TimePoint until) {
  // Two protocols that poll each 50 ms, but not for hours, when all should be quiet. A policy that
  // never rests ends a run at once, instead of making it last.
  const milliseconds time = until - now_;
  auto wakes_left = 100 + std::min(time, restless) / 10ms + time / 1s;
  check();
  for (;;) {
    const auto next = next_deadline();
    if (!next || *next > until || !violation_.empty()) break;
    now_ = std::max(now_, *next);
    const auto wake = daemon_.next_deadline();
    if (wake && *wake <= now_ && --wakes_left == 0) return violate("berthd never rests");
    prompt_ = false;
    process_due();
    check();
  }
  now_ = until;
}

void World::process_due() {
  while (!packets_.empty() && packets_.front().at <= now_) {
    const InFlight packet = packets_.front();
    packets_.erase(packets_.begin());
    receive(packet);
  }
  if (rescan_at_ && *rescan_at_ <= now_) {
    rescan_at_.reset();
    daemon_.rescan(kernel_, now_);
  }
  if (idle_exit_at_ && *idle_exit_at_ <= now_) {
    idle_exit_at_.reset();
    bootpd_.exit();
  }
  if (const auto due = daemon_.next_deadline(); due && *due <= now_)
    daemon_.on_timer(kernel_, now_);
  if (const auto due = client_.next_deadline(); due && *due <= now_) send(client_.on_timer(now_));
}

// DHCP on our link.

bool World::can_reply() const {
  const auto link_now = link();
  if (!daemon_.is_running() || !link_now) return false;
  if (scenario_->system == System::linux_kernel && daemon_.is_open(Role::dhcp_broadcast))
    return true;
  const auto tap = std::ranges::find(kernel_.taps(), daemon_.socket(Role::link), &Tap::id);
  return tap != kernel_.taps().end() && tap->attached && tap->link == *link_now;
}

bool World::hears_dhcp(const DhcpMessage& message) const {
  const auto link_now = link();
  if (!daemon_.is_running() || !link_now) return false;
  const auto tap = std::ranges::find(kernel_.taps(), daemon_.socket(Role::dhcp_tap), &Tap::id);
  const bool by_tap = tap != kernel_.taps().end() && tap->attached && tap->link == *link_now;
  if (message.destination == second_id)
    return by_tap && scenario_->answers_arp && daemon_.server_id() == second_id;
  if (by_tap) return true;
  if (!message.destination.is_limited_broadcast()) {
    const Socket* socket = kernel_.unicast(Protocol::udp, message.destination, 67, *link_now);
    return socket && socket->owner == Owner::berthd;
  }
  return std::ranges::any_of(
      kernel_.broadcast(to_all, 67, *link_now),
      [this](const Socket* socket) { return socket->id == daemon_.socket(Role::dhcp_broadcast); });
}

void World::send(const std::optional<DhcpMessage>& message) {
  const auto link_now = link();
  if (!message || !link_now) return;
  const auto queue = [this](milliseconds after, To to, const DhcpMessage& what) {
    const InFlight packet{now_ + after, to, what};
    packets_.insert(std::ranges::upper_bound(packets_, packet.at, {}, &InFlight::at), packet);
  };
  if (hears_dhcp(*message) && can_reply())
    if (const auto reply = answer_of_berthd(*message, daemon_.server_id()))
      queue(scenario_->our_latency, To::client_from_berthd, *reply);

  const bool is_broadcast = message->destination.is_limited_broadcast();
  std::vector<const Socket*> reached;
  if (is_broadcast)
    reached = kernel_.broadcast(to_all, 67, *link_now);
  else if (kernel_.is_local(message->destination))
    reached = {kernel_.unicast(Protocol::udp, message->destination, 67, *link_now)};
  for (const Socket* socket : reached)
    if (socket && socket->owner == Owner::launchd)
      queue(scenario_->bootpd_latency + (bootpd_.is_running() ? milliseconds{0} : bootpd_start),
            To::bootpd, *message);
}

void World::receive(const InFlight& packet) {
  switch (packet.to) {
    case To::bootpd: {
      bootpd_.start();
      idle_exit_at_ = now_ + bootpd_idle;
      if (const auto reply = bootpd_.answer(packet.message))
        receive({now_, To::client_from_bootpd, *reply});
      break;
    }
    case To::client_from_bootpd:
      // The tap shows what the host itself sends.
      if (hears_dhcp({})) daemon_.on_foreign_reply(kernel_, packet.message.server, now_);
      [[fallthrough]];
    case To::client_from_berthd: send(client_.on_message(packet.message, now_)); break;
  }
}

std::string World::probe() const {
  if (!scenario_->has_client || scenario_->settles_in.count() == 0 ||
      client_.phase() == Client::Phase::off || bridge_.empty() || !daemon_.is_running())
    return {};
  World future = *this;
  future.advance(now_ + scenario_->settles_in);
  for (int renewals = 0; renewals < 8; ++renewals) {
    if (!future.violation().empty()) return "later: " + future.violation();
    const std::string text = net::to_string(future.client_.address());
    if (!future.client_.has_address()) return "the client has no address when all has settled";
    if (future.client_.address() != reserved)
      return "the client has " + text + " instead of its own when all has settled";
    future.advance(future.now_ + scenario_->settles_in / 6);
  }
  return {};
}

// Sockets on one port and address stand in their order, which decides who hears what; so do those
// on ours and on the wildcard together. The name of the bridge decides nothing.
std::uint64_t World::hash() const {
  Digest digest(now_);
  digest.add(!bridge_.empty());
  digest.add(daemon_.believed_link() == link().value_or(0));
  digest.add(second_);
  digest.add(has_link_local());
  for (const bool far : {false, true})
    for (const Protocol protocol : {Protocol::udp, Protocol::tcp})
      for (const std::uint16_t port : {std::uint16_t{53}, std::uint16_t{67}}) {
        digest.add(port);
        for (const Socket& socket : kernel_.sockets()) {
          if (socket.protocol != protocol || socket.port != port) continue;
          if ((socket.address.is_unspecified() || socket.address == ours) == far) continue;
          digest.add(socket.owner);
          digest.add(socket.address.value);
          digest.add(socket.ipv6_only.has_value());
          digest.add(socket.reuse_address);
          digest.add(socket.reuse_port);
        }
      }
  for (const Tap& tap : kernel_.taps()) digest.add(tap.attached);
  daemon_.add_to(digest);
  proxy_.add_to(digest);
  bootpd_.add_to(digest);
  if (scenario_->has_client) client_.add_to(digest);
  for (const auto& rival : rivals_) digest.add(rival.size());
  for (const InFlight& packet : packets_) {
    digest.add(std::optional(packet.at));
    digest.add(packet.to);
    digest.add(packet.message.kind);
    digest.add(packet.message.asking);
    digest.add(packet.message.server.value);
    digest.add(packet.message.address.value);
  }
  for (const auto& time :
       {rescan_at_, idle_exit_at_, grace_over_, due_[0], due_[1], due_by_ipv6_, company_due_})
    digest.add(time);
  return digest.hash();
}

}  // namespace berth::binder::model
