// The policy's part about others who hold our ports: looking for them, and what their finding
// means.
#include <algorithm>
#include <chrono>
#include <iterator>

#include "server/binder/attempts.hpp"
#include "server/binder/company.hpp"
#include "server/binder/policy.hpp"

namespace berth::binder {
namespace {

using Step = SocketState::Step;

// Between two looks for the holder that a grace waits for.
constexpr std::chrono::milliseconds grace_poll{50};

}  // namespace

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
                           [&](const Holder& one) { return matters(one, recipe, socket); });
      settle(socket, now);
      if (socket.step == Step::examining) decide(endpoint, recipe, now);
      if (socket.step == Step::open && bound_beside_others(recipe, socket) &&
          holds_our_address(socket))
        give_up(endpoint, recipe, now);
      if (socket.step != Step::waiting) continue;
      if (has_system_proxy(socket))
        open(endpoint, recipe, socket.spec.options);
      else
        socket.retry_at = std::min(now + grace_poll, *socket.grace_until);
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

// Somebody was bound to exactly our address between our look and our bind, or since. Of the two the
// later one takes all: nobody takes it from the other in silence.
void Policy::give_up(EndpointState& endpoint, const Recipe& recipe, TimePoint now) {
  SocketState& socket = endpoint.socket(recipe.role);
  actions_.push_back(CloseSocket{endpoint.wanted.link.address, recipe.role});
  socket.failure = OpenFailure{OpenError::address_in_use, {}};
  fail(socket, now);
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

void Policy::look_for_company() {
  for (const EndpointState& endpoint : endpoints_)
    for (const Recipe& recipe : recipes_)
      if (const SocketState& socket = endpoint.socket(recipe.role);
          socket.step == Step::open && bound_beside_others(recipe, socket))
        look(recipe.protocol, socket.spec.port);
}

bool Policy::is_looking(Protocol protocol, std::uint16_t port) const noexcept {
  return std::ranges::find(searches_, LookForHolders{protocol, port}, &Search::what) !=
         searches_.end();
}

}  // namespace berth::binder
