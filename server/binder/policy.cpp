#include "server/binder/policy.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace berth::binder {
namespace {

using Step = SocketState::Step;

constexpr std::chrono::milliseconds first_retry{200};
constexpr std::chrono::milliseconds slowest_retry{5000};

std::chrono::milliseconds back_off(unsigned failures) noexcept {
  constexpr unsigned doublings_to_slowest = 5;
  if (failures > doublings_to_slowest) return slowest_retry;
  return std::min(first_retry * (1u << (failures - 1)), slowest_retry);
}

void fail(SocketState& socket, TimePoint now) {
  assert(socket.failure);
  socket.step = Step::failed;
  ++socket.failures;
  // A missing privilege does not come by waiting.
  if (socket.failure->error != OpenError::not_permitted)
    socket.retry_at = now + back_off(socket.failures);
}

// A wildcard socket on one link hears what others on the wildcard, or on the broadcast address,
// hear too. A holder of another's address is in its way only when binding fails.
bool matters(const Holder& holder, const SocketState& socket) noexcept {
  if (holder.address == socket.spec.address) return true;
  if (socket.spec.address.is_unspecified())
    return holder.address.is_limited_broadcast() || socket.failure.has_value();
  return holder.address.is_unspecified();
}

bool holds_our_address(const SocketState& socket) noexcept {
  return std::ranges::find(socket.holders, socket.spec.address, &Holder::address) !=
         socket.holders.end();
}

bool bound_beside_others(const Recipe& recipe, const SocketState& socket) noexcept {
  return recipe.protocol == Protocol::udp && socket.options.contains(SocketOption::reuse_address);
}

}  // namespace

void Policy::want(std::vector<Wanted> wanted) {
  std::vector<EndpointState> next;
  next.reserve(wanted.size());
  for (Wanted& one : wanted) {
    EndpointState* known = find(one.link.address);
    EndpointState& endpoint = next.emplace_back(known ? std::move(*known) : EndpointState{});
    if (known) *known = EndpointState{};
    endpoint.wanted = std::move(one);
  }
  for (EndpointState& left : endpoints_)
    for (const Recipe& recipe : recipes_) close(left, recipe);
  endpoints_ = std::move(next);
  reconcile();
}

void Policy::on_links(const LinkTable& links, TimePoint now) {
  if (links_ == links) return;
  links_ = links;
  reconcile();
  retry(false, now);
}

void Policy::on_timer(TimePoint now) { retry(true, now); }

std::optional<TimePoint> Policy::next_deadline() const noexcept {
  std::optional<TimePoint> earliest;
  for (const EndpointState& endpoint : endpoints_)
    for (const SocketState& socket : endpoint.sockets)
      if (socket.retry_at && (!earliest || *socket.retry_at < *earliest))
        earliest = socket.retry_at;
  return earliest;
}

// Closes whatever is open and should not be, everywhere, before it opens anything: so that two
// readers of one link's broadcasts never overlap.
void Policy::reconcile() {
  if (!links_) return;
  place_all();
  for (EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_) {
      const std::optional<SocketSpec> spec = desired(endpoint, recipe);
      SocketState& socket = endpoint.socket(recipe.role);
      if (socket.step != Step::closed && spec != socket.spec) close(endpoint, recipe);
    }
  for (EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_) {
      const std::optional<SocketSpec> spec = desired(endpoint, recipe);
      SocketState& socket = endpoint.socket(recipe.role);
      if (!spec || socket.step != Step::closed) continue;
      socket.spec = *spec;
      begin(endpoint, recipe);
    }
}

// Two networks on one link would be two readers of each broadcast there, and each would answer: the
// first in the plan has the link.
void Policy::place_all() {
  std::vector<const EndpointState*> with_dhcp;
  for (EndpointState& endpoint : endpoints_) {
    const Placement placement = place(endpoint.wanted, *links_);
    endpoint.placements.fill(placement);
    if (!endpoint.wanted.dhcp || placement.kind != Placement::Kind::here) continue;
    const std::uint32_t index = placement.carrier.link.index;
    const auto first = std::ranges::find(with_dhcp, index, [](const EndpointState* other) {
      return other->placement(Service::dhcp).carrier.link.index;
    });
    if (first == with_dhcp.end()) {
      with_dhcp.push_back(&endpoint);
      continue;
    }
    Placement& refused = endpoint.placement(Service::dhcp);
    refused.kind = Placement::Kind::refused;
    refused.why = placement.carrier.link.name + " already serves DHCP for " +
                  net::to_string((*first)->wanted.link.address) +
                  ", and a link can have one such network: set `dhcp: off` for one of them";
  }
}

std::optional<SocketSpec> Policy::desired(const EndpointState& endpoint,
                                          const Recipe& recipe) const {
  const Placement& placement = endpoint.placement(recipe.service);
  const bool here = placement.kind == Placement::Kind::here;
  if (!endpoint.wants(recipe.service) || placement.kind == Placement::Kind::refused)
    return std::nullopt;
  if (recipe.opens == Opens::with_the_address && !here) return std::nullopt;

  SocketSpec spec;
  spec.role = recipe.role;
  spec.address = recipe.wildcard ? net::Ipv4Address::any() : endpoint.wanted.link.address;
  spec.port =
      recipe.service == Service::dhcp ? endpoint.wanted.dhcp_port : endpoint.wanted.dns_port;
  if (recipe.of_the_link) {
    spec.link_index = placement.carrier.link.index;
    spec.incarnation = placement.carrier.incarnation;
  }
  spec.options = recipe.options;
  return spec;
}

void Policy::retry(bool only_due, TimePoint now) {
  for (EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_) {
      const SocketState& socket = endpoint.socket(recipe.role);
      if (socket.step != Step::failed) continue;
      if (only_due && (!socket.retry_at || now < *socket.retry_at)) continue;
      begin(endpoint, recipe);
    }
}

void Policy::begin(EndpointState& endpoint, const Recipe& recipe) {
  SocketState& socket = endpoint.socket(recipe.role);
  socket.retry_at.reset();
  if (recipe.sharing == Sharing::unless_taken) {
    socket.step = Step::examining;
    look(recipe.protocol, socket.spec.port);
  } else {
    open(endpoint, recipe, socket.spec.options);
  }
}

void Policy::open(EndpointState& endpoint, const Recipe& recipe, OptionSet options) {
  SocketState& socket = endpoint.socket(recipe.role);
  socket.step = Step::opening;
  socket.options = options;
  SocketSpec spec = socket.spec;
  spec.options = options;
  const Placement& placement = endpoint.placement(recipe.service);
  actions_.push_back(OpenSocket{endpoint.wanted.link.address, spec, placement.carrier.link});
}

void Policy::close(EndpointState& endpoint, const Recipe& recipe) {
  SocketState& socket = endpoint.socket(recipe.role);
  if (socket.step == Step::open)
    actions_.push_back(CloseSocket{endpoint.wanted.link.address, recipe.role});
  socket = SocketState{};
}

void Policy::on_opened(net::Ipv4Address address, Role role) {
  EndpointState* endpoint = find(address);
  if (!endpoint) return;
  const Recipe& recipe = recipe_of(role);
  SocketState& socket = endpoint->socket(role);
  socket.step = Step::open;
  socket.failure.reset();
  socket.failures = 0;
  // A bind that allows company proves nothing. And a search that began before would take the new
  // socket for a stranger's.
  if (bound_beside_others(recipe, socket) || is_looking(recipe.protocol, socket.spec.port))
    look(recipe.protocol, socket.spec.port);
}

void Policy::on_open_failed(net::Ipv4Address address, Role role, OpenFailure failure,
                            TimePoint now) {
  EndpointState* endpoint = find(address);
  if (!endpoint) return;
  const Recipe& recipe = recipe_of(role);
  SocketState& socket = endpoint->socket(role);
  const bool is_news = socket.failure != failure;
  socket.failure = std::move(failure);

  const bool in_use = socket.failure->error == OpenError::address_in_use;
  const bool was_alone = !bound_beside_others(recipe, socket);
  if (in_use && was_alone && recipe.sharing == Sharing::beside_wildcard) {
    socket.step = Step::examining;
  } else {
    fail(socket, now);
  }
  if (in_use) look(recipe.protocol, socket.spec.port);
  if (is_news && socket.failure->error == OpenError::not_permitted)
    actions_.push_back(NeedsPrivilege{address, role, socket.failure->text});
}

void Policy::on_holders(Protocol protocol, std::uint16_t port, std::span<const Holder> holders,
                        TimePoint now) {
  const auto search = std::ranges::find(searches_, LookForHolders{protocol, port}, &Search::what);
  if (search == searches_.end()) return;
  if (search->step == Search::Step::running_again) {  // this one began before it was asked for
    search->step = Search::Step::queued;
    actions_.push_back(search->what);
    return;
  }
  searches_.erase(search);

  for (EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_) {
      SocketState& socket = endpoint.socket(recipe.role);
      if (recipe.protocol != protocol || socket.spec.port != port || socket.step == Step::closed)
        continue;
      socket.holders.clear();
      std::ranges::copy_if(holders, std::back_inserter(socket.holders),
                           [&socket](const Holder& one) { return matters(one, socket); });
      if (socket.step == Step::examining) decide(endpoint, recipe, now);
    }
}

// Now that we know who holds the port. Never beside a holder of exactly our address: of two such
// sockets the last one bound takes all.
void Policy::decide(EndpointState& endpoint, const Recipe& recipe, TimePoint now) {
  SocketState& socket = endpoint.socket(recipe.role);
  const bool looked_first = recipe.sharing == Sharing::unless_taken;
  if (holds_our_address(socket)) {
    socket.failure = OpenFailure{OpenError::address_in_use, {}};
    fail(socket, now);
  } else if (looked_first) {
    open(endpoint, recipe, socket.spec.options);
  } else if (!socket.holders.empty()) {
    open(endpoint, recipe, socket.spec.options.with(SocketOption::reuse_address));
  } else {
    fail(socket, now);  // gone meanwhile, or not visible to us: bound alone at the next attempt
  }
}

// One search at a time for a port; whoever asks during one gets the next, since it may have read
// the table already.
void Policy::look(Protocol protocol, std::uint16_t port) {
  const LookForHolders what{protocol, port};
  const auto search = std::ranges::find(searches_, what, &Search::what);
  if (search == searches_.end()) {
    searches_.push_back({what, Search::Step::queued});
    actions_.push_back(what);
  } else if (search->step == Search::Step::running) {
    search->step = Search::Step::running_again;
  }
}

bool Policy::is_looking(Protocol protocol, std::uint16_t port) const noexcept {
  return std::ranges::find(searches_, LookForHolders{protocol, port}, &Search::what) !=
         searches_.end();
}

std::optional<Action> Policy::next_action() {
  if (actions_.empty()) {
    std::optional<Status> status = next_status();
    if (!status) return std::nullopt;
    return std::move(*status);
  }
  Action action = std::move(actions_.front());
  actions_.pop_front();
  if (const auto* what = std::get_if<LookForHolders>(&action)) {
    const auto search = std::ranges::find(searches_, *what, &Search::what);
    search->step = Search::Step::running;
  }
  return action;
}

std::optional<Status> Policy::next_status() {
  if (!links_) return std::nullopt;
  for (EndpointState& endpoint : endpoints_)
    for (const Service service : {Service::dhcp, Service::dns}) {
      std::optional<Status>& reported = endpoint.reported[static_cast<std::size_t>(service)];
      std::optional<Status> status;
      if (endpoint.wants(service)) status = status_of(endpoint, service, recipes_);
      if (status == reported) continue;
      reported = std::move(status);
      if (reported) return reported;
    }
  return std::nullopt;
}

EndpointState* Policy::find(net::Ipv4Address address) noexcept {
  const auto endpoint = std::ranges::find(
      endpoints_, address, [](const EndpointState& one) { return one.wanted.link.address; });
  return endpoint == endpoints_.end() ? nullptr : &*endpoint;
}

const Recipe& Policy::recipe_of(Role role) const noexcept {
  return *std::ranges::find(recipes_, role, &Recipe::role);
}

}  // namespace berth::binder
