#include "server/binder/endpoint_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace berth::binder {
namespace {

using Step = SocketState::Step;

std::string endpoint_text(net::Ipv4Address address, std::uint16_t port) {
  return net::to_string(address) + ":" + std::to_string(port);
}

std::string endpoint_text(const net::Ipv6Address& address, std::uint16_t port) {
  return std::string("[") + net::to_string(address) + "]:" + std::to_string(port);
}

// What the socket is for, without its port, and with it.
std::string address_text(const SocketSpec& spec) {
  return spec.link_local ? net::to_string(*spec.link_local) : net::to_string(spec.address);
}
std::string endpoint_text(const SocketSpec& spec) {
  return spec.link_local ? endpoint_text(*spec.link_local, spec.port)
                         : endpoint_text(spec.address, spec.port);
}

bool has_every_address(const Holder& holder) noexcept {
  return holder.ipv6_only ? holder.ipv6_only->is_unspecified() : holder.address.is_unspecified();
}

bool is_joined_by(const Holder& holder, const SocketState& socket) noexcept {
  return socket.spec.sockets > 1 && is_on_our_address(holder, socket);
}

// Who has joined our sockets, if anyone has.
const Holder* partner_of(const SocketState& socket) noexcept {
  const auto holder = std::ranges::find_if(
      socket.holders, [&](const Holder& one) { return is_joined_by(one, socket); });
  return holder == socket.holders.end() ? nullptr : &*holder;
}

std::string partner_text(const Holder& partner, const SocketState& socket) {
  return name_of(partner) + " has joined us on " + socket_text(partner, socket.spec.port) +
         " and takes a share of the queries: stop it, or give it another address";
}

std::string company_text(const Holder& holder, const SocketState& socket) {
  std::string text = name_of(holder) + " also holds " + socket_text(holder, socket.spec.port);
  if (socket.spec.address.is_unspecified())
    return text + ": it answers beside us, unless it is bound to another interface";
  return text + "; what is sent to " + address_text(socket.spec) + " comes to us";
}

// On Linux only its options tell, and they are not looked for while serving. Of a socket that could
// be bound, it most likely is.
bool may_be_ipv6_only(const Holder& holder) noexcept {
  return holder.ipv6 && holder.address.is_unspecified() && !holder.options;
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
  for (const Holder& holder : socket.holders) {
    const bool is_on_ours = is_on_our_address(holder, socket);
    if (recipe.sharing == Sharing::unless_taken && !is_on_ours) continue;
    if (is_joined_by(holder, socket)) continue;
    if (may_be_ipv6_only(holder)) continue;
    if (!is_on_ours && !has_every_address(holder) && !socket.spec.address.is_unspecified())
      continue;
    note(notes, company_text(holder, socket));
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " and ") + word;
  return text;
}

// The system's proxy serves the networks of all virtual machines, and cannot start while anybody
// holds a single address.
void note_missing_proxy(const EndpointState& endpoint, const SocketState& socket,
                        std::vector<std::string>& notes) {
  if (has_system_proxy(socket)) return;
  std::string text = "the system's DNS proxy was not there ";
  if (socket.spec.link_local) text += "on IPv6 ";
  text += "when we began, and cannot start beside us";
  if (!socket.holders.empty()) {
    const Holder& other = socket.holders.front();
    text +=
        ", nor beside " + name_of(other) + ", which holds " + socket_text(other, socket.spec.port);
  }
  if (endpoint.other_bridges.empty()) {
    text += ": other networks of virtual machines get no DNS from it";
  } else {
    text += ": " + joined(endpoint.other_bridges) +
            " may be without DNS; to give it back, stop all virtual machines, and then start them";
  }
  note(notes, text);
}

bool has_namesake(const EndpointState& endpoint) noexcept {
  return std::ranges::any_of(endpoint.foreign_servers, [&endpoint](const SeenServer& seen) {
    return is_namesake(endpoint, seen.server);
  });
}

void note_foreign_servers(const EndpointState& endpoint, std::vector<std::string>& notes) {
  const net::Ipv4Address address = endpoint.wanted.link.address;
  const std::string& link = endpoint.placement(Service::dhcp).carrier.link.name;
  for (const auto& [server, until] : endpoint.foreign_servers) {
    if (server.id != address)
      note(notes, "another DHCP server, " + net::to_string(server.id) + ", answers on " + link +
                      ": stop it, or machines of the plan may take what it offers");
    else if (!server.by_host)
      note(notes, "somebody on " + link + " answers clients as " + net::to_string(address) +
                      ", which is us: stop it, or machines of the plan may take what it offers; "
                      "`dhcp.foreign-server` in the log has its hardware address");
  }
  if (!has_namesake(endpoint)) return;
  const net::Ipv4Address ours = server_id_of(endpoint);
  if (ours == address) {
    note(notes, "another DHCP server calls itself " + net::to_string(address) +
                    " as we do, and may refuse what we give: write another `server-id`");
    return;
  }
  note(notes, "another DHCP server calls itself " + net::to_string(address) +
                  " as we do, so we call ourselves " + net::to_string(ours) +
                  ": it withdraws, and machines outside the plan get no address from it; nobody "
                  "answers ARP for ours, so renewals wait for REBINDING");
}

void note_guard(const SocketState& socket, std::vector<std::string>& notes) {
  if (socket.step == Step::open)
    note(notes, "holding " + endpoint_text(net::Ipv4Address::any(), socket.spec.port) +
                    ": the system's DHCP server starts for no network (`coexist.guard`)");
}

// In a note alone: what is served over IPv4 is served without it.
void note_ipv6(const Carrier& carrier, const Recipe& recipe, const SocketState& socket,
               std::vector<std::string>& notes) {
  const bool is_tcp = recipe.protocol == Protocol::tcp;
  if (!socket.spec.link_local || (is_tcp && !socket.failure)) return;
  const std::string where = net::to_string(*socket.spec.link_local) + "%" + carrier.link.name;
  if (socket.step == Step::open)
    note(notes, "who asks " + where + ", the link's own IPv6 address, is answered too");
  else if (socket.failure)
    note(notes, "who asks " + where + ", the link's own IPv6 address, is not answered by us" +
                    (is_tcp ? " over TCP: " : ": ") + failure_text(socket));
}

Path path_of(const EndpointState& endpoint, Service service) noexcept {
  const auto is_open = [&endpoint](Role role) { return endpoint.socket(role).step == Step::open; };
  if (endpoint.placement(service).kind != Placement::Kind::here) return Path::none;
  if (is_open(service == Service::dhcp ? Role::dhcp_broadcast : Role::dns_udp)) return Path::socket;
  // A tap only hears; the answers leave by the link.
  const bool by_tap = service == Service::dhcp && is_open(Role::dhcp_tap) && is_open(Role::link);
  return by_tap ? Path::tap : Path::none;
}

}  // namespace

bool is_on_our_address(const Holder& holder, const SocketState& socket) noexcept {
  const SocketSpec& spec = socket.spec;
  if (holder.ipv6_only || spec.link_local) return holder.ipv6_only == spec.link_local;
  return holder.address == spec.address;
}

std::string name_of(const Holder& holder) {
  if (holder.pid == 0) return "a process that berthd may not look at";
  std::string name = holder.process + " (pid " + std::to_string(holder.pid);
  if (!holder.unit.empty()) name += ", " + holder.unit;
  return name + ")";
}

std::string socket_text(const Holder& holder, std::uint16_t port) {
  if (holder.ipv6_only) return endpoint_text(*holder.ipv6_only, port);
  const bool any_ipv6 = holder.ipv6 && holder.address.is_unspecified();
  return any_ipv6 ? "[::]:" + std::to_string(port) : endpoint_text(holder.address, port);
}

const Holder* culprit_of(const SocketState& socket) noexcept {
  const auto is_on_ours = [&socket](const Holder& holder) {
    return is_on_our_address(holder, socket);
  };
  auto holder = std::ranges::find_if(socket.holders, is_on_ours);
  if (holder == socket.holders.end())
    holder = std::ranges::find_if(socket.holders, has_every_address);
  if (holder != socket.holders.end()) return &*holder;
  if (socket.holders.empty() || !socket.spec.address.is_unspecified()) return nullptr;
  return &socket.holders.front();
}

std::string failure_text(const SocketState& socket) {
  if (socket.failure->error != OpenError::address_in_use) return socket.failure->text;
  const Holder* culprit = culprit_of(socket);
  if (!culprit)
    return endpoint_text(socket.spec) +
           " is in use, and berthd cannot see by whom: `ss -lntup`, as root, may tell";
  std::string text = name_of(*culprit) + " holds " + socket_text(*culprit, socket.spec.port);
  if (is_on_our_address(*culprit, socket) && !has_every_address(*culprit))
    return text + ": stop it, or give it another address";
  // It does so when the first virtual machine starts, or Internet Sharing, and shares with nobody.
  if (culprit->process == "launchd")
    return text +
           " for bootpd: stop all virtual machines and Internet Sharing, then start berthd "
           "before them";
  return text + " and does not share it: stop it, or let it bind single addresses";
}

bool has_unknown_holder(const SocketState& socket) noexcept {
  return socket.failure && socket.failure->error == OpenError::address_in_use &&
         !culprit_of(socket);
}

// One whose process may not be seen passes for it.
bool has_system_proxy(const SocketState& socket) noexcept {
  return std::ranges::any_of(socket.holders, [](const Holder& holder) {
    return has_every_address(holder) && !holder.ipv6 &&
           (holder.process == "mDNSResponder" || holder.pid == 0);
  });
}

bool is_namesake(const EndpointState& endpoint, const ForeignServer& server) noexcept {
  return server.by_host && server.id == endpoint.wanted.link.address;
}

net::Ipv4Address server_id_of(const EndpointState& endpoint) noexcept {
  const Wanted& wanted = endpoint.wanted;
  if (wanted.server_id) return *wanted.server_id;
  return has_namesake(endpoint) ? wanted.second_id.value_or(wanted.link.address)
                                : wanted.link.address;
}

Status status_of(const EndpointState& endpoint, Service service, std::span<const Recipe> recipes) {
  const Placement& placement = endpoint.placement(service);
  const bool here = placement.kind == Placement::Kind::here;
  Status status;
  status.address = endpoint.wanted.link.address;
  status.service = service;
  status.link = placement.carrier.link;
  status.path = path_of(endpoint, service);
  status.serving = status.path != Path::none;
  if (here) note_link(endpoint, placement.carrier, status.notes);

  const SocketState* failed = nullptr;
  const SocketState* joined = nullptr;
  bool is_waiting = false;
  for (const Recipe& recipe : recipes) {
    if (recipe.service != service) continue;
    const SocketState& socket = endpoint.socket(recipe.role);
    if (recipe.link_local) {
      note_ipv6(placement.carrier, recipe, socket, status.notes);
    } else {
      if (!failed && socket.failure) failed = &socket;
      is_waiting |= socket.step == Step::waiting;
    }
    if (socket.step != Step::open) continue;
    if (partner_of(socket)) joined = &socket;
    note_company(recipe, socket, status.notes);
    if (recipe.sharing == Sharing::after_proxy) note_missing_proxy(endpoint, socket, status.notes);
  }
  if (service == Service::dhcp) {
    status.server_id = server_id_of(endpoint);
    note_guard(endpoint.socket(Role::dhcp_guard), status.notes);
    if (here) note_foreign_servers(endpoint, status.notes);
  }

  if (failed) {
    status.state = State::conflict;
    status.is_unsettled = failed->settles_at.has_value();
    status.why = failure_text(*failed);
    if (status.path == Path::tap) status.why += "; clients are served past it, frame by frame";
    if (failed->failure->error == OpenError::address_in_use)
      if (const Holder* culprit = culprit_of(*failed)) status.holder = *culprit;
    if (joined) note(status.notes, partner_text(*partner_of(*joined), *joined));
    return status;
  }
  if (joined) {
    status.state = State::conflict;
    status.holder = *partner_of(*joined);
    status.why = partner_text(*status.holder, *joined);
    return status;
  }
  status.why = placement.why;
  if (placement.kind == Placement::Kind::refused) status.state = State::refused;
  if (!here) return status;
  if (is_waiting) {
    status.state = State::grace;
    status.why = "letting the system's DNS proxy, which cannot start beside us, start first: for " +
                 std::to_string(endpoint.wanted.grace.count()) + " ms at most";
  } else if (status.serving) {
    status.state = State::bound;
  }
  return status;
}

}  // namespace berth::binder
