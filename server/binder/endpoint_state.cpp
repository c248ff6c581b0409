#include "server/binder/endpoint_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace berth::binder {
namespace {

using Step = SocketState::Step;

std::string name_of(const Holder& holder) {
  if (holder.pid == 0) return "a process that berthd may not look at";
  std::string name = holder.process + " (pid " + std::to_string(holder.pid);
  if (!holder.unit.empty()) name += ", " + holder.unit;
  return name + ")";
}

std::string endpoint_text(net::Ipv4Address address, std::uint16_t port) {
  return net::to_string(address) + ":" + std::to_string(port);
}

std::string socket_text(const Holder& holder, std::uint16_t port) {
  const bool any_ipv6 = holder.ipv6 && holder.address.is_unspecified();
  return any_ipv6 ? "[::]:" + std::to_string(port) : endpoint_text(holder.address, port);
}

// The holder most likely in the way: of our address, else of all.
const Holder* culprit_of(const SocketState& socket) noexcept {
  for (const net::Ipv4Address address : {socket.spec.address, net::Ipv4Address::any()}) {
    const auto holder = std::ranges::find(socket.holders, address, &Holder::address);
    if (holder != socket.holders.end()) return &*holder;
  }
  return socket.holders.empty() ? nullptr : &socket.holders.front();
}

std::string failure_text(const SocketState& socket) {
  if (socket.failure->error != OpenError::address_in_use) return socket.failure->text;
  const Holder* culprit = culprit_of(socket);
  if (!culprit)
    return endpoint_text(socket.spec.address, socket.spec.port) +
           " is in use, and berthd cannot see by whom: `ss -lntup`, as root, may tell";
  std::string text = name_of(*culprit) + " holds " + socket_text(*culprit, socket.spec.port);
  if (culprit->address == socket.spec.address && !culprit->address.is_unspecified())
    return text + ": stop it, or give it another address";
  return text + " and does not share it: stop it, or let it bind single addresses";
}

std::string company_text(const Holder& holder, const SocketState& socket) {
  std::string text = name_of(holder) + " also holds " + socket_text(holder, socket.spec.port);
  if (socket.spec.address.is_unspecified())
    return text + ": it answers beside us, unless it is bound to another interface";
  if (holder.address == socket.spec.address)
    return text + ": it may take what is sent there; stop it";
  return text + "; what is sent to " + net::to_string(socket.spec.address) + " comes to us";
}

void note(std::vector<std::string>& notes, std::string text) {
  if (std::ranges::find(notes, text) == notes.end()) notes.push_back(std::move(text));
}

void note_link(const EndpointState& endpoint, const Carrier& carrier,
               std::vector<std::string>& notes) {
  if (!carrier.link.running)
    note(notes, carrier.link.name + " is down, or nothing is attached to it yet");
  if (carrier.prefix.length != endpoint.wanted.link.length)
    note(notes, carrier.link.name + " carries " + net::to_string(carrier.prefix) +
                    ", but the plan says /" + std::to_string(endpoint.wanted.link.length) +
                    ": correct the one that is wrong");
}

// A socket on our own address is none the worse for a wildcard holder it was let in beside, and
// the broadcast socket's note has named it already.
void note_company(const Recipe& recipe, const SocketState& socket,
                  std::vector<std::string>& notes) {
  for (const Holder& holder : socket.holders)
    if (recipe.sharing != Sharing::unless_taken || holder.address == socket.spec.address)
      note(notes, company_text(holder, socket));
}

}  // namespace

Status status_of(const EndpointState& endpoint, Service service, std::span<const Recipe> recipes) {
  const Placement& placement = endpoint.placement(service);
  const bool here = placement.kind == Placement::Kind::here;
  Status status;
  status.address = endpoint.wanted.link.address;
  status.service = service;
  status.link = placement.carrier.link;
  if (here) note_link(endpoint, placement.carrier, status.notes);

  const SocketState* failed = nullptr;
  const SocketState* primary = nullptr;  // the first of a service: without it, clients get nothing
  for (const Recipe& recipe : recipes) {
    if (recipe.service != service) continue;
    const SocketState& socket = endpoint.socket(recipe.role);
    if (!primary) primary = &socket;
    if (!failed && socket.failure) failed = &socket;
    if (socket.step == Step::open) note_company(recipe, socket, status.notes);
  }
  status.serving = here && primary && primary->step == Step::open;

  if (failed) {
    status.state = State::conflict;
    status.why = failure_text(*failed);
    if (failed->failure->error == OpenError::address_in_use)
      if (const Holder* culprit = culprit_of(*failed)) status.holder = *culprit;
    return status;
  }
  status.why = placement.why;
  if (placement.kind == Placement::Kind::refused) status.state = State::refused;
  if (status.serving) status.state = State::bound;
  return status;
}

}  // namespace berth::binder
