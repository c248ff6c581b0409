#include "server/binder/binder.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "server/binder/open_socket.hpp"

namespace berth::binder {

expected<std::unique_ptr<Binder>, std::error_code> Binder::open(Sink sink, TimePoint now) {
  auto monitor = LinkMonitor::open(now);
  if (!monitor) return unexpected(monitor.error());
  auto pipe = make_pipe();
  if (!pipe) return unexpected(pipe.error());
  std::unique_ptr<Binder> binder(
      new Binder(std::move(sink), std::move(*monitor), std::move(*pipe)));
  binder->follow_links(now);
  return binder;
}

Binder::Binder(Sink sink, LinkMonitor monitor, std::pair<FileDescriptor, FileDescriptor> pipe)
    : sink_(std::move(sink)),
      monitor_(std::move(monitor)),
      search_(std::move(pipe.first), std::move(pipe.second)),
      policy_(system_recipes()),
      descriptors_{monitor_.descriptor(), search_.descriptor()} {}

void Binder::want(std::vector<Wanted> wanted, TimePoint now) {
  if (!std::exchange(tried_privileges_, true)) try_privileges(wanted);
  policy_.want(std::move(wanted));
  run(now);
}

void Binder::try_privileges(const std::vector<Wanted>& wanted) {
  for (const Wanted& one : wanted)
    for (const Recipe& recipe : system_recipes()) {
      if (recipe.opens != Opens::with_the_address) continue;
      if (!(recipe.service == Service::dhcp ? one.dhcp : one.dns)) continue;
      const std::uint16_t port = recipe.service == Service::dhcp ? one.dhcp_port : one.dns_port;
      auto missing = missing_privilege(recipe, port);
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
  run(now);
}

std::optional<TimePoint> Binder::next_deadline() const noexcept {
  const std::optional<TimePoint> links = monitor_.next_deadline();
  const std::optional<TimePoint> sockets = policy_.next_deadline();
  if (links && sockets) return std::min(*links, *sockets);
  return links ? links : sockets;
}

void Binder::follow_links(TimePoint now) {
  if (const LinkTable* links = monitor_.links()) policy_.on_links(*links, now);
  run(now);
}

void Binder::run(TimePoint now) {
  while (std::optional<Action> action = policy_.next_action())
    std::visit([this, now](auto& one) { perform(one, now); }, *action);
}

void Binder::perform(OpenSocket& action, TimePoint now) {
  const Role role = action.spec.role;
  auto socket = open_socket(action.spec);
  if (!socket) {
    policy_.on_open_failed(action.address, role, std::move(socket).error(), now);
    return;
  }
  ours_[{action.address, role}] = id_of(*socket);
  sink_(Opened{action.address, role, std::move(*socket), std::move(action.link)});
  policy_.on_opened(action.address, role);
}

void Binder::perform(const CloseSocket& action, TimePoint) {
  sink_(Closed{action.address, action.role});
  ours_.erase({action.address, action.role});
}

void Binder::perform(const LookForHolders& action, TimePoint) {
  std::vector<SocketId> ours;
  for (const auto& [key, socket] : ours_) ours.push_back(socket);
  search_.ask(action.protocol, action.port, std::move(ours));
}

void Binder::perform(NeedsPrivilege& action, TimePoint) {
  if (!unprivileged_.contains({action.address, action.role})) sink_(std::move(action));
}

void Binder::perform(Status& action, TimePoint) { sink_(std::move(action)); }

}  // namespace berth::binder
