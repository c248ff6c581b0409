#include "server/binder/policy.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/binder/attempts.hpp"
#include "server/binder/company.hpp"

namespace berth::binder {
namespace {

using Step = SocketState::Step;

// Between two looks for others who have joined sockets that anyone of our user may join.
constexpr std::chrono::milliseconds company_poll{5000};
// So many foreign servers are told apart on a link; whoever makes up more changes nothing.
constexpr std::size_t foreign_servers_kept = 4;
// A server that withdraws, or idles, comes back with the next client that it may have. Should it do
// so later than this, its first reply shows, and one exchange may go wrong, as at the beginning.
constexpr std::chrono::hours foreign_server_kept{1};

bool same_link(const Carrier& one, const Carrier& other) noexcept {
  return one.link.index == other.link.index && one.incarnation == other.incarnation;
}

}  // namespace

void Policy::want(std::vector<Wanted> wanted, TimePoint now) {
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
  reconcile(now);
}

void Policy::on_links(const LinkTable& links, TimePoint now) {
  if (links_ == links) return;
  links_ = links;
  reconcile(now);
  retry_all(now);
  look_for_company();
}

void Policy::on_timer(TimePoint now) {
  for (EndpointState& endpoint : endpoints_) {
    std::erase_if(endpoint.foreign_servers,
                  [now](const SeenServer& seen) { return seen.until <= now; });
    for (const Recipe& recipe : recipes_) {
      SocketState& socket = endpoint.socket(recipe.role);
      if (socket.settles_at && *socket.settles_at <= now) {
        socket.settles_at.reset();
        socket.is_settled = true;
      }
      if (!socket.retry_at || *socket.retry_at > now) continue;
      if (socket.step == Step::open) {
        socket.retry_at = now + company_poll;
        look(recipe.protocol, socket.spec.port);
      } else {
        begin(endpoint, recipe, now);
      }
    }
  }
}

std::optional<TimePoint> Policy::next_deadline() const noexcept {
  std::optional<TimePoint> earliest;
  const auto consider = [&earliest](const std::optional<TimePoint>& one) {
    if (one && (!earliest || *one < *earliest)) earliest = one;
  };
  for (const EndpointState& endpoint : endpoints_) {
    for (const SocketState& socket : endpoint.sockets) {
      consider(socket.retry_at);
      consider(socket.settles_at);
    }
    for (const SeenServer& seen : endpoint.foreign_servers) consider(seen.until);
  }
  return earliest;
}

// Closes whatever is open and should not be, everywhere, before it opens anything: so that two
// readers of one link's broadcasts never overlap.
void Policy::reconcile(TimePoint now) {
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
      begin(endpoint, recipe, now);
    }
}

// Two networks on one link would be two readers of each broadcast there, and each would answer: the
// first in the plan has the link.
void Policy::place_all() {
  std::vector<const EndpointState*> with_dhcp;
  for (EndpointState& endpoint : endpoints_) {
    const Placement placement = place(endpoint.wanted, *links_);
    if (!same_link(placement.carrier, endpoint.placement(Service::dhcp).carrier))
      std::erase_if(endpoint.foreign_servers, [&endpoint](const SeenServer& seen) {
        return !is_namesake(endpoint, seen.server);  // that one comes back with the link
      });
    endpoint.placements.fill(placement);
    endpoint.other_bridges = links_->vmnet_bridges();
    std::erase(endpoint.other_bridges, placement.carrier.link.name);
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

// One guard a port: of the first that wants it, wherever its address is.
bool Policy::has_guard(const EndpointState& endpoint) const noexcept {
  const auto first = std::ranges::find_if(endpoints_, [&endpoint](const EndpointState& one) {
    return one.wanted.dhcp && one.wanted.guard && one.wanted.dhcp_port == endpoint.wanted.dhcp_port;
  });
  return first != endpoints_.end() && &*first == &endpoint;
}

std::optional<SocketSpec> Policy::desired(const EndpointState& endpoint,
                                          const Recipe& recipe) const {
  const Placement& placement = endpoint.placement(recipe.service);
  const bool here = placement.kind == Placement::Kind::here;
  if (!endpoint.wants(recipe.service)) return std::nullopt;
  if (recipe.role == Role::dhcp_guard) {
    if (!has_guard(endpoint)) return std::nullopt;
  } else if (placement.kind == Placement::Kind::refused ||
             (recipe.opens != Opens::from_the_start && !here)) {
    return std::nullopt;
  }
  if (recipe.opens == Opens::without_broadcast &&
      !is_kept_out(endpoint.socket(Role::dhcp_broadcast)))
    return std::nullopt;
  if (recipe.link_local && !placement.carrier.link_local) return std::nullopt;

  SocketSpec spec;
  spec.role = recipe.role;
  spec.address = recipe.wildcard ? net::Ipv4Address::any() : endpoint.wanted.link.address;
  if (recipe.link_local) spec.link_local = placement.carrier.link_local;
  spec.port = endpoint.wanted.port(recipe.service);
  if (recipe.of_the_link) {
    spec.link_index = placement.carrier.link.index;
    spec.incarnation = placement.carrier.incarnation;
  }
  spec.options = recipe.options.set();
  if (!recipe.spread.empty()) spec.sockets = endpoint.wanted.dns_sockets;
  return spec;
}

// At once, as if for the first time. Whoever waits for a search wants one that begins now.
void Policy::retry_all(TimePoint now) {
  for (EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_) {
      SocketState& socket = endpoint.socket(recipe.role);
      if (socket.step == Step::examining) look(recipe.protocol, socket.spec.port);
      if (socket.step != Step::failed && socket.step != Step::waiting) continue;
      socket.failures = 0;
      socket.name_at.reset();
      begin(endpoint, recipe, now);
    }
}

void Policy::begin(EndpointState& endpoint, const Recipe& recipe, TimePoint now) {
  SocketState& socket = endpoint.socket(recipe.role);
  switch (recipe.sharing) {
    case Sharing::unless_taken:
      socket.step = Step::examining;
      socket.retry_at.reset();
      look(recipe.protocol, socket.spec.port);
      break;
    case Sharing::after_proxy: await_proxy(endpoint, recipe, now); break;
    default: open(endpoint, recipe, socket.spec.options); break;
  }
}

// Its grace is an endpoint's once: whoever has been kept out by another holder has waited enough.
void Policy::await_proxy(EndpointState& endpoint, const Recipe& recipe, TimePoint now) {
  SocketState& socket = endpoint.socket(recipe.role);
  if (!socket.grace_until) socket.grace_until = now + endpoint.wanted.grace;
  if (now >= *socket.grace_until) {
    open(endpoint, recipe, socket.spec.options);
    return;
  }
  socket.step = Step::waiting;
  socket.retry_at = socket.grace_until;  // however long the search takes
  look(recipe.protocol, socket.spec.port);
}

void Policy::open(EndpointState& endpoint, const Recipe& recipe, OptionSet options) {
  SocketState& socket = endpoint.socket(recipe.role);
  socket.step = Step::opening;
  socket.options = options;
  socket.retry_at.reset();
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

void Policy::on_opened(net::Ipv4Address address, Role role, TimePoint now) {
  EndpointState* endpoint = find(address);
  if (!endpoint) return;
  const Recipe& recipe = recipe_of(role);
  SocketState& socket = endpoint->socket(role);
  socket.step = Step::open;
  socket.failure.reset();
  socket.failures = 0;
  socket.name_at.reset();
  settle(socket, now);
  if (socket.spec.sockets > 1) socket.retry_at = now + company_poll;
  // Nobody can be there beside what was bound alone. A bind that allows company proves nothing, and
  // a search that began before would take the new socket for a stranger's.
  if (!bound_beside_others(recipe, socket)) socket.holders.clear();
  if (bound_beside_others(recipe, socket) || is_looking(recipe.protocol, socket.spec.port))
    look(recipe.protocol, socket.spec.port);
  // Two readers of one link's broadcasts would both answer.
  if (role == Role::dhcp_broadcast) reconcile(now);
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
  const bool is_to_be_decided = in_use && was_alone && recipe.sharing == Sharing::beside_wildcard;
  if (is_to_be_decided) {
    socket.step = Step::examining;
  } else {
    fail(socket, now);
  }
  settle(socket, now);
  // A search that only names the holder is not worth one at each attempt.
  if (in_use && (is_to_be_decided || !socket.name_at || now >= *socket.name_at)) {
    look(recipe.protocol, socket.spec.port);
    if (!is_to_be_decided) socket.name_at = now + back_off(socket.failures);
  }
  if (is_news && !recipe.link_local && socket.failure->error == OpenError::not_permitted)
    actions_.push_back(NeedsPrivilege{address, role, socket.failure->text});
  if (in_use && role == Role::dhcp_broadcast) reconcile(now);
}

// All that belongs to the link begins again, DNS with a grace: the system's proxy went with it too.
void Policy::on_lost(net::Ipv4Address address, Role role, TimePoint now) {
  EndpointState* endpoint = find(address);
  if (!endpoint || endpoint->socket(role).step != Step::open) return;
  for (const Recipe& recipe : recipes_)
    if (recipe.of_the_link) close(*endpoint, recipe);
  reconcile(now);
}

void Policy::on_foreign_server(net::Ipv4Address address, const ForeignServer& server,
                               TimePoint now) {
  EndpointState* endpoint = find(address);
  if (!endpoint) return;
  std::vector<SeenServer>& known = endpoint->foreign_servers;
  const TimePoint until = now + foreign_server_kept;
  const auto seen = std::ranges::find(known, server, &SeenServer::server);
  if (seen != known.end()) {
    seen->until = until;
    return;
  }
  // Made-up ones must not hide the one that matters.
  if (known.size() >= foreign_servers_kept && !is_namesake(*endpoint, server)) return;
  known.push_back({server, until});
  look(Protocol::udp, endpoint->wanted.dhcp_port);
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
