#include "tests/server/binder/model/daemon.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace berth::binder::model {
namespace {

constexpr unsigned actions_at_once = 100;

std::int64_t pid_of(Owner owner) noexcept {
  switch (owner) {
    case Owner::berthd: return 4711;
    case Owner::mdns_responder: return 331;
    case Owner::launchd: return 1;
    case Owner::rival: return 812;
  }
  return 0;
}

Socket socket_for(const SocketSpec& spec, const Recipe& recipe, System system) {
  Socket socket;
  socket.owner = Owner::berthd;
  socket.protocol = recipe.protocol;
  if (spec.link_local)
    socket.ipv6_only = spec.link_local;
  else
    socket.address = spec.address;
  socket.port = spec.port;
  socket.reuse_address = spec.options.contains(SocketOption::reuse_address);
  socket.free_bind = spec.options.contains(SocketOption::free_bind);
  if (system == System::linux_kernel && spec.options.contains(SocketOption::bind_to_device))
    socket.device = spec.link_index;
  return socket;
}

OpenError open_error(BindError error) noexcept {
  if (error == BindError::address_in_use) return OpenError::address_in_use;
  return error == BindError::not_permitted ? OpenError::not_permitted : OpenError::vanished;
}

void add_holders(std::span<const Holder> holders, Digest& digest) {
  std::uint64_t all = 0;
  for (const Holder& holder : holders) {
    Digest one;
    one.add(holder.pid);
    one.add(holder.address.value);
    one.add(holder.ipv6_only ? 1 + std::to_integer<int>(holder.ipv6_only->octets[15]) : 0);
    all += one.hash();
  }
  digest.add(all);
}

void add_socket(const SocketState& socket, Digest& digest) {
  digest.add(socket.step);
  if (socket.step == SocketState::Step::closed) return;
  digest.add(socket.failure ? static_cast<int>(socket.failure->error) : -1);
  digest.add(std::min(socket.failures, 6u));
  digest.add(socket.retry_at);
  digest.add(socket.name_at);
  digest.add(socket.settles_at);
  digest.add(socket.is_settled);
  digest.add(socket.grace_until);
  digest.add(socket.options.contains(SocketOption::reuse_address));
  add_holders(socket.holders, digest);
}

}  // namespace

const char* process_of(Owner owner) noexcept {
  switch (owner) {
    case Owner::berthd: return "berthd";
    case Owner::mdns_responder: return "mDNSResponder";
    case Owner::launchd: return "launchd";
    case Owner::rival: return "dnsmasq";
  }
  return "";
}

std::vector<Holder> holders_of(const Kernel& kernel, Protocol protocol, std::uint16_t port,
                               std::uint64_t newest) {
  std::vector<Holder> holders;
  for (const Socket& socket : kernel.sockets()) {
    const bool is_known = socket.owner == Owner::berthd && socket.id <= newest;
    if (is_known || socket.protocol != protocol || socket.port != port) continue;
    holders.push_back({pid_of(socket.owner),
                       process_of(socket.owner),
                       {},
                       socket.address,
                       false,
                       {},
                       socket.ipv6_only});
  }
  return holders;
}

void Daemon::start(Kernel& kernel, const Wanted& wanted, TimePoint now) {
  policy_.emplace(recipes_);
  links_ = {};
  take_links(kernel);
  policy_->on_links(links_, now);
  policy_->want({wanted}, now);
  run(kernel, now);
}

void Daemon::stop(Kernel& kernel) {
  for (const Recipe& recipe : recipes_) close(kernel, recipe.role);
  policy_.reset();
  answers_.clear();
}

void Daemon::take_links(const Kernel& kernel) {
  links_.begin_refresh();
  for (const NetworkLink& link : kernel.links()) {
    const auto mac = net::MacAddress::from_octets(2, 0, 0, 0, 0, 1);
    links_.set_link({link.index, link.name, mac, true});
    for (const net::Ipv4Prefix& address : link.addresses) links_.add_address(link.index, address);
    if (link.link_local) links_.set_link_local(link.index, *link.link_local);
  }
  links_.end_refresh();
}

void Daemon::look_for_company(Kernel& kernel, TimePoint now) {
  policy_->look_for_company();
  run(kernel, now);
}

void Daemon::on_links(Kernel& kernel, TimePoint now) {
  if (!policy_) return;
  take_links(kernel);
  policy_->on_links(links_, now);
  run(kernel, now);
}

void Daemon::rescan(Kernel& kernel, TimePoint now) {
  if (!policy_) return;
  on_links(kernel, now);
  for (const Role role : {Role::dhcp_tap, Role::link}) {
    if (!is_open(role)) continue;
    const auto tap = std::ranges::find(kernel.taps(), socket(role), &Tap::id);
    if (tap->attached) continue;
    policy_->on_lost(policy_->endpoints()[0].wanted.link.address, role, now);
    run(kernel, now);
  }
}

void Daemon::on_timer(Kernel& kernel, TimePoint now) {
  if (!policy_) return;
  while (!answers_.empty() && answers_.front().at <= now) {
    const Answer answer = std::move(answers_.front());
    answers_.erase(answers_.begin());
    const auto [protocol, port] = answer.what;
    policy_->on_holders(
        protocol, port,
        searching_.reads_late ? holders_of(kernel, protocol, port, answer.newest) : answer.holders,
        now);
    run(kernel, now);
  }
  policy_->on_timer(now);
  run(kernel, now);
}

std::optional<TimePoint> Daemon::next_deadline() const noexcept {
  if (!policy_) return std::nullopt;
  std::optional<TimePoint> next = policy_->next_deadline();
  if (!answers_.empty()) next = std::min(next.value_or(TimePoint::max()), answers_.front().at);
  return next;
}

void Daemon::on_foreign_reply(Kernel& kernel, net::Ipv4Address server, TimePoint now) {
  if (!policy_) return;
  policy_->on_foreign_server(policy_->endpoints()[0].wanted.link.address,
                             {server, /*by_host=*/true}, now);
  run(kernel, now);
}

void Daemon::run(Kernel& kernel, TimePoint now) {
  unsigned actions = 0;
  while (auto action = policy_->next_action()) {
    if (++actions > actions_at_once) return fail("a loop of actions without an end");
    if (const auto* opening = std::get_if<OpenSocket>(&*action)) {
      perform(kernel, *opening, now);
    } else if (const auto* closing = std::get_if<CloseSocket>(&*action)) {
      if (!is_open(closing->role)) fail("closes what is not open");
      close(kernel, closing->role);
    } else if (const auto* search = std::get_if<LookForHolders>(&*action)) {
      look(kernel, *search, now);
    } else if (std::holds_alternative<NeedsPrivilege>(*action)) {
      fail("root lacks privilege");
    }
  }
}

void Daemon::perform(Kernel& kernel, const OpenSocket& action, TimePoint now) {
  const Role role = action.spec.role;
  const Recipe& recipe = *std::ranges::find(recipes_, role, &Recipe::role);
  const bool is_dns = recipe.service == Service::dns;
  if (is_dns && (action.spec.address.is_unspecified() || action.spec.address.is_loopback()))
    fail("binds DNS to loopback or to the wildcard");
  if (is_open(role)) fail("opens what is open already");
  const auto bound = open(kernel, action.spec, recipe);
  if (!bound) {
    policy_->on_open_failed(action.address, role, {open_error(bound.error()), "not possible"}, now);
    return;
  }
  // Whoever looks in no time has seen all that are there.
  const auto others = holders_of(kernel, recipe.protocol, action.spec.port);
  const auto is_on_it = [&action](const Holder& holder) {
    return holder.ipv6_only == action.spec.link_local &&
           (holder.ipv6_only || holder.address == action.spec.address);
  };
  if (searching_.time.count() == 0 && !action.spec.address.is_unspecified() &&
      std::ranges::any_of(others, is_on_it))
    fail("joins a holder of exactly its address, and takes all from it");
  policy_->on_opened(action.address, role, now);
}

// Of several sockets the first is bound alone, and joined by the others, as open_more() does it.
expected<std::uint64_t, BindError> Daemon::open(Kernel& kernel, const SocketSpec& spec,
                                                const Recipe& recipe) {
  Socket socket = socket_for(spec, recipe, kernel.system());
  const auto first = recipe.protocol == Protocol::none
                         ? kernel.attach(Owner::berthd, spec.link_index)
                         : kernel.bind(socket);
  if (!first) return first;
  opened_[index(spec.role)] = *first;
  if (spec.sockets == 1 || kernel.system() != System::linux_kernel) return first;
  kernel.allow_sharers(*first);
  socket.reuse_port = true;
  while (more_.size() + 1 < spec.sockets) {
    const auto another = kernel.bind(socket);
    if (!another) {
      close(kernel, spec.role);
      return another;
    }
    more_.push_back(*another);
  }
  return first;
}

void Daemon::close(Kernel& kernel, Role role) {
  kernel.close(std::exchange(opened_[index(role)], 0));
  if (role != Role::dns_udp) return;
  for (const std::uint64_t id : more_) kernel.close(id);
  more_.clear();
}

// A search without a duration is answered before anything else happens.
void Daemon::look(const Kernel& kernel, const LookForHolders& what, TimePoint now) {
  std::vector<Holder> holders = holders_of(kernel, what.protocol, what.port);
  if (searching_.time.count() == 0)
    policy_->on_holders(what.protocol, what.port, holders, now);
  else
    answers_.push_back({now + searching_.time, what, kernel.newest_id(), std::move(holders)});
}

const Status* Daemon::status(Service service) const noexcept {
  if (!policy_) return nullptr;
  const auto& status = policy_->endpoints()[0].reported[static_cast<std::size_t>(service)];
  return status ? &*status : nullptr;
}

std::uint32_t Daemon::believed_link() const noexcept {
  return policy_ ? policy_->endpoints()[0].placement(Service::dhcp).carrier.link.index : 0;
}

std::size_t Daemon::open_count() const noexcept {
  return opened_.size() + more_.size() -
         static_cast<std::size_t>(std::ranges::count(opened_, std::uint64_t{0}));
}

void Daemon::fail(std::string fault) {
  if (fault_.empty()) fault_ = "berthd " + std::move(fault);
}

// Neither statuses, which are made of what is here, nor the order of holders, which only says who
// of them is named first.
void Daemon::add_to(Digest& digest) const {
  digest.add(is_running());
  if (!policy_) return;
  for (const EndpointState& endpoint : policy_->endpoints()) {
    for (const Placement& placement : endpoint.placements) digest.add(placement.kind);
    digest.add(endpoint.other_bridges.size());
    for (const SeenServer& seen : endpoint.foreign_servers) {
      digest.add(seen.server.id.value);
      digest.add(seen.server.by_host);
      digest.add(std::optional(seen.until));
    }
    for (const SocketState& socket : endpoint.sockets) add_socket(socket, digest);
  }
  for (const Answer& answer : answers_) add_to(digest, answer);
}

// A search that was asked for again while it ran is answered twice; only the policy knows.
void Daemon::add_to(Digest& digest, const Answer& answer) const {
  digest.add(std::optional(answer.at));
  digest.add(answer.what.protocol);
  digest.add(answer.what.port);
  if (searching_.reads_late)
    for (const std::uint64_t id : opened_) digest.add(id <= answer.newest);
  else
    add_holders(answer.holders, digest);
  Policy future = *policy_;
  future.on_holders(answer.what.protocol, answer.what.port, {}, answer.at);
  const auto next = future.next_action();
  digest.add(next && std::holds_alternative<LookForHolders>(*next));
}

}  // namespace berth::binder::model
