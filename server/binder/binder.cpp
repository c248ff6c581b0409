#include "server/binder/binder.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "server/binder/open_socket.hpp"

namespace berth::binder {
namespace {

// A scan of all processes takes milliseconds: rare enough to be nothing, and soon enough to name a
// server that was started by mistake.
constexpr std::chrono::seconds company_interval{30};

}  // namespace

expected<std::unique_ptr<Binder>, std::error_code> Binder::open(Sink sink, TimePoint now) {
  auto monitor = LinkMonitor::open(now);
  if (!monitor) return unexpected(monitor.error());
  auto pipe = make_pipe();
  if (!pipe) return unexpected(pipe.error());
  std::unique_ptr<Binder> binder(
      new Binder(std::move(sink), std::move(*monitor), std::move(*pipe), now));
  binder->follow_links(now);
  return binder;
}

Binder::Binder(Sink sink, LinkMonitor monitor, std::pair<FileDescriptor, FileDescriptor> pipe,
               TimePoint now)
    : sink_(std::move(sink)),
      monitor_(std::move(monitor)),
      search_(std::move(pipe.first), std::move(pipe.second)),
      policy_(this_system().recipes),
      company_at_(now + company_interval),
      deadline_(company_at_),
      descriptors_{monitor_.descriptor(), search_.descriptor()} {}

bool Binder::spreads_datagrams() noexcept {
  return std::ranges::any_of(this_system().recipes,
                             [](const Recipe& recipe) { return !recipe.spread.empty(); });
}

void Binder::want(std::vector<Wanted> wanted, TimePoint now) {
  if (!std::exchange(tried_privileges_, true)) try_privileges(wanted);
  policy_.want(std::move(wanted), now);
  run(now);
}

void Binder::try_privileges(const std::vector<Wanted>& wanted) {
  for (const Wanted& one : wanted)
    for (const Recipe& recipe : this_system().recipes) {
      if (recipe.opens != Opens::with_the_address || recipe.link_local) continue;
      if (!one.wants(recipe.service)) continue;
      auto missing = missing_privilege(recipe, one.port(recipe.service));
      if (!missing) continue;
      unprivileged_.insert({one.link.address, recipe.role});
      sink_(NeedsPrivilege{one.link.address, recipe.role, std::move(missing->text)});
    }
}

void Binder::on_readable(int descriptor, TimePoint now) {
  if (descriptor == monitor_.descriptor()) {
    monitor_.read(now);
    follow_links(now);
    return;
  }
  for (const HolderReport& report : search_.take())
    policy_.on_holders(report.protocol, report.port, report.holders, now);
  run(now);
}

void Binder::on_timer(TimePoint now) {
  monitor_.on_timer(now);
  policy_.on_timer(now);
  if (now >= company_at_) {
    company_at_ = now + company_interval;
    policy_.look_for_company();
  }
  follow_links(now);
}

void Binder::on_lost(net::Ipv4Address address, Role role, TimePoint now) {
  policy_.on_lost(address, role, now);
  run(now);
}

void Binder::on_foreign_server(net::Ipv4Address address, const ForeignServer& server,
                               TimePoint now) {
  policy_.on_foreign_server(address, server, now);
  run(now);
}

void Binder::follow_links(TimePoint now) {
  if (const auto bad = monitor_.take_bad_news()) sink_(*bad);
  if (const LinkTable* links = monitor_.links()) policy_.on_links(*links, now);
  run(now);
}

void Binder::run(TimePoint now) {
  while (std::optional<Action> action = policy_.next_action())
    std::visit([this, now](auto& one) { perform(one, now); }, *action);
  deadline_ = company_at_;
  if (const auto links = monitor_.next_deadline()) deadline_ = std::min(deadline_, *links);
  if (const auto sockets = policy_.next_deadline()) deadline_ = std::min(deadline_, *sockets);
}

void Binder::perform(OpenSocket& action, TimePoint now) {
  const Role role = action.spec.role;
  auto socket = open_socket(action.spec);
  if (!socket) {
    policy_.on_open_failed(action.address, role, std::move(socket).error(), now);
    return;
  }
  std::vector<FileDescriptor> more;
  if (action.spec.sockets > 1) {
    auto opened = open_more(*socket, action.spec);
    if (!opened) {
      policy_.on_open_failed(action.address, role, std::move(opened).error(), now);
      return;
    }
    more = std::move(*opened);
  }
  std::vector<SocketId>& ours = ours_[{action.address, role}];
  ours = {id_of(*socket)};
  for (const FileDescriptor& another : more) ours.push_back(id_of(another));
  sink_(Opened{action.address, role, std::move(*socket), std::move(action.link), action.spec.port,
               std::move(more)});
  policy_.on_opened(action.address, role, now);
}

void Binder::perform(const CloseSocket& action, TimePoint) {
  sink_(Closed{action.address, action.role});
  ours_.erase({action.address, action.role});
}

void Binder::perform(const LookForHolders& action, TimePoint now) {
  std::vector<SocketId> ours;
  for (const auto& [key, sockets] : ours_) ours.insert(ours.end(), sockets.begin(), sockets.end());
  search_.ask({action.protocol, action.port, std::move(ours), now});
}

void Binder::perform(NeedsPrivilege& action, TimePoint) {
  if (!unprivileged_.contains({action.address, action.role})) sink_(std::move(action));
}

void Binder::perform(Status& action, TimePoint) { sink_(std::move(action)); }

}  // namespace berth::binder
