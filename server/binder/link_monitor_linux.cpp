#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "server/binder/file_descriptor.hpp"
#include "server/binder/link_monitor.hpp"
#include "server/binder/netlink_linux.hpp"

namespace berth::binder {
namespace {

using netlink::Dump;

constexpr std::chrono::milliseconds pause_after_failure{1000};

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

}  // namespace

// The dumps come one after the other on the one socket that also brings the news, so that what is
// read later is true later. Each of them the kernel writes while we read it: no answer is waited
// for.
struct LinkMonitor::State {
  FileDescriptor socket;
  LinkTable links;
  std::optional<Dump> running;
  bool interrupted = false;
  bool routes_are_stale = false;
  std::vector<std::uint32_t> default_routes;  // of the dump that runs
  std::uint32_t sequence = 0;
  std::optional<TimePoint> ask_again_at;
  BadNews bad_news;
  std::array<std::byte, 65536> buffer;  // the kernel never writes more than half of it at once

  void ask(Dump what, TimePoint now);
  void ask_for_everything(TimePoint now);
  void lose(TimePoint now);
  bool receive(TimePoint now);
  void drain() noexcept;

  void take(const netlink::LinkNews& news, TimePoint now);
  void take(const netlink::AddressNews& news, TimePoint now);
  void take(const netlink::DefaultRouteNews& news, TimePoint now);
  void take(const netlink::DumpInterrupted& news, TimePoint now) noexcept;
  void take(const netlink::DumpEnd& news, TimePoint now);
  void route_changed(TimePoint now);
};

void LinkMonitor::State::ask(Dump what, TimePoint now) {
  const std::vector<std::byte> request = netlink::dump_request(what, ++sequence);
  running = what;
  if (what == Dump::routes) {
    default_routes.clear();
    routes_are_stale = false;
  }
  if (::send(socket.number(), request.data(), request.size(), 0) < 0)
    ask_again_at = now + pause_after_failure;
}

void LinkMonitor::State::ask_for_everything(TimePoint now) {
  ask_again_at.reset();
  interrupted = false;
  links.begin_refresh();
  ask(Dump::links, now);
}

// Something was missed. What is still queued is older than the loss: it would bring back what has
// gone. When that happens during a dump, another one at once may fare no better.
void LinkMonitor::State::lose(TimePoint now) {
  drain();
  if (running) {
    ask_again_at = now + pause_after_failure;
  } else {
    ask_for_everything(now);
  }
}

void LinkMonitor::State::drain() noexcept {
  while (::recv(socket.number(), buffer.data(), buffer.size(), 0) > 0) {
  }
}

// Takes one datagram in; false when there was none.
bool LinkMonitor::State::receive(TimePoint now) {
  sockaddr_nl sender{};
  iovec span{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &span;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(socket.number(), &message, 0);
  if (size < 0) {
    if (errno != ENOBUFS) return errno == EINTR;
    lose(now);
    return true;
  }
  if (sender.nl_pid != 0) return true;  // another process; only the kernel is believed
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    lose(now);
    return true;
  }
  const auto all = netlink::parse(wire::Bytes(buffer).first(static_cast<std::size_t>(size)));
  if (!all) {
    bad_news = {netlink::name(all.error()), bad_news.count + 1};
    lose(now);
    return true;
  }
  for (const netlink::News& news : *all)
    std::visit([this, now](const auto& one) { take(one, now); }, news);
  return true;
}

void LinkMonitor::State::take(const netlink::LinkNews& news, TimePoint now) {
  if (links.carries_default_route(news.link.index)) route_changed(now);
  if (news.gone) {
    links.remove_link(news.link.index);
  } else {
    links.set_link(news.link);
  }
}

void LinkMonitor::State::take(const netlink::AddressNews& news, TimePoint now) {
  if (links.carries_default_route(news.index)) route_changed(now);
  if (news.gone) {
    links.remove_address(news.index, news.address);
  } else {
    links.add_address(news.index, news.address);
  }
}

void LinkMonitor::State::take(const netlink::DefaultRouteNews& news, TimePoint now) {
  if (news.dumped) {
    default_routes.insert(default_routes.end(), news.indexes.begin(), news.indexes.end());
  } else {
    route_changed(now);
  }
}

void LinkMonitor::State::take(const netlink::DumpInterrupted& news, TimePoint) noexcept {
  if (news.sequence == sequence) interrupted = true;
}

void LinkMonitor::State::take(const netlink::DumpEnd& news, TimePoint now) {
  if (!running || news.sequence != sequence) return;
  if (news.failed) {
    lose(now);
    return;
  }
  if (interrupted) {
    ask_for_everything(now);
    return;
  }
  switch (*running) {
    case Dump::links: ask(Dump::addresses, now); return;
    case Dump::addresses:
      links.end_refresh();
      ask(Dump::routes, now);
      return;
    case Dump::routes: break;
  }
  if (routes_are_stale) {
    ask(Dump::routes, now);
    return;
  }
  links.set_default_routes(std::exchange(default_routes, {}));
  running.reset();
}

// A route is replaced, or goes with its link or address, without a word about the old one. So we
// never reckon from the news, but ask.
void LinkMonitor::State::route_changed(TimePoint now) {
  if (running) {
    routes_are_stale = true;
  } else {
    ask(Dump::routes, now);
  }
}

expected<LinkMonitor, std::error_code> LinkMonitor::open(TimePoint now) {
  auto state = std::make_unique<State>();
  state->socket =
      FileDescriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!state->socket.is_open()) return unexpected(last_error());
  constexpr int wished_buffer = 1 << 20;
  ::setsockopt(state->socket.number(), SOL_SOCKET, SO_RCVBUF, &wished_buffer, sizeof wished_buffer);

  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE;
  if (::bind(state->socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0)
    return unexpected(last_error());

  state->ask_for_everything(now);
  LinkMonitor monitor(std::move(state));
  monitor.read(now);
  return monitor;
}

LinkMonitor::LinkMonitor(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
LinkMonitor::LinkMonitor(LinkMonitor&&) noexcept = default;
LinkMonitor& LinkMonitor::operator=(LinkMonitor&&) noexcept = default;
LinkMonitor::~LinkMonitor() = default;

int LinkMonitor::descriptor() const noexcept { return state_->socket.number(); }

void LinkMonitor::read(TimePoint now) {
  constexpr int datagrams_at_once = 256;
  for (int taken = 0; taken < datagrams_at_once; ++taken)
    if (!state_->receive(now)) return;
}

void LinkMonitor::on_timer(TimePoint now) {
  if (state_->ask_again_at && now >= *state_->ask_again_at) state_->ask_for_everything(now);
}

std::optional<TimePoint> LinkMonitor::next_deadline() const noexcept {
  return state_->ask_again_at;
}

std::optional<BadNews> LinkMonitor::take_bad_news() noexcept {
  if (state_->bad_news.count == 0) return std::nullopt;
  return std::exchange(state_->bad_news, {});
}

const LinkTable* LinkMonitor::links() const noexcept {
  return state_->running ? nullptr : &state_->links;
}

}  // namespace berth::binder
