#include "server/binder/explanation.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace berth::binder {
namespace {

using Step = SocketState::Step;

constexpr std::size_t line_width = 100;
constexpr std::size_t option_width = 16;

// Words in lines that begin with `first`, or below its end.
void append_wrapped(std::string& text, std::string_view first, std::string_view words) {
  text += first;
  std::size_t column = first.size();
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (column + end > line_width && column > first.size()) {
      text.back() = '\n';
      text.append(first.size(), ' ');
      column = first.size();
    }
    text.append(words.substr(0, end)).append(" ");
    column += end + 1;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  text.back() = '\n';
}

std::string_view name(State state) noexcept {
  switch (state) {
    case State::waiting: return "waiting";
    case State::grace: return "grace";
    case State::refused: return "refused";
    case State::conflict: return "conflict";
    case State::bound: return "bound";
  }
  return "";
}

// Whoever may not be seen may share the port, or be a berthd that runs.
bool is_hidden(const Holder& holder) noexcept { return holder.pid == 0; }

bool is_doubtful(const Status& status) noexcept {
  return status.state == State::conflict && status.holder && is_hidden(*status.holder);
}

bool is_doubtful(const SocketState& socket) noexcept {
  const Holder* culprit = culprit_of(socket);
  return socket.step == Step::failed && culprit && is_hidden(*culprit);
}

std::string doubt_text(const Holder& holder, std::uint16_t port) {
  return name_of(holder) + " holds " + socket_text(holder, port) +
         ": whether that is in the way, or is berthd itself, cannot be told without being root of "
         "the whole machine";
}

std::string state_text(const Status& status) {
  const bool doubtful = is_doubtful(status);
  std::string text(doubtful ? "cannot be told" : name(status.state));
  if (status.link.index == 0) return text;
  text += " on " + status.link.name;
  if (doubtful || status.state == State::bound) return text;
  if (status.path == Path::none) return text + ", not served";
  return text + (status.path == Path::tap ? ", served frame by frame" : ", served");
}

// "UDP 0.0.0.0:67 on br0"
std::string socket_text(const EndpointState& endpoint, const Recipe& recipe) {
  const Wanted& wanted = endpoint.wanted;
  const Placement& placement = endpoint.placement(recipe.service);
  const bool here = placement.kind == Placement::Kind::here;
  const std::string on_link = " on " + (here ? placement.carrier.link.name : "the link");
  if (recipe.protocol == Protocol::none) return std::string(recipe.frames_by) + on_link;

  std::string text = recipe.protocol == Protocol::tcp ? "TCP " : "UDP ";
  if (recipe.link_local) {
    const auto& own = placement.carrier.link_local;
    if (!own) return text + "port " + std::to_string(wanted.port(recipe.service)) + on_link;
    return text + "[" + net::to_string(*own) + "%" + placement.carrier.link.name +
           "]:" + std::to_string(wanted.port(recipe.service));
  }
  const auto address = recipe.wildcard ? net::Ipv4Address::any() : wanted.link.address;
  text += net::to_string(address) + ":" + std::to_string(wanted.port(recipe.service));
  if (recipe.options.set().contains(SocketOption::bind_to_device)) text += on_link;
  return text;
}

std::string_view why_closed(const EndpointState& endpoint, const Recipe& recipe) noexcept {
  const Placement::Kind kind = endpoint.placement(recipe.service).kind;
  if (recipe.role == Role::dhcp_guard)
    return endpoint.wanted.guard ? "another network has it" : "off: `coexist.guard` is `never`";
  if (kind == Placement::Kind::refused) return "not opened, for the reason above";
  const bool is_substitute = recipe.opens == Opens::without_broadcast;
  if (kind == Placement::Kind::absent)
    return is_substitute ? "to be opened when it is needed" : "to be opened when the address comes";
  if (recipe.link_local) return "the link has no IPv6 address of its own";
  return "not needed: the socket for broadcasts can be opened";
}

std::string step_text(const EndpointState& endpoint, const Recipe& recipe) {
  const SocketState& socket = endpoint.socket(recipe.role);
  switch (socket.step) {
    case Step::open: return "can be opened";
    case Step::failed: return is_doubtful(socket) ? "cannot be told" : "cannot be opened";
    case Step::closed: return std::string(why_closed(endpoint, recipe));
    case Step::waiting: return "to be opened after the system's DNS proxy";
    case Step::opening:
    case Step::examining: break;  // a forecast leaves none there
  }
  return "undecided";
}

// What is besides the options.
std::string sharing_text(const Recipe& recipe, const Wanted& wanted) {
  switch (recipe.sharing) {
    case Sharing::as_bound: return {};
    case Sharing::beside_wildcard:
      return "bound alone; if a holder of every address prevents that, with SO_REUSEADDR beside "
             "it, "
             "but never beside a holder of this address, from which we would take everything";
    case Sharing::unless_taken:
      return "only if nobody has exactly this address: of two sockets on it, the later would take "
             "everything";
    case Sharing::after_proxy: {
      if (wanted.grace.count() == 0)
        return "at once, since `coexist.dns` is `takeover`: the system's DNS proxy cannot start "
               "after us, for no network";
      return "as soon as the system's DNS proxy has every address, or " +
             std::to_string(wanted.grace.count()) +
             " ms after the link came: it cannot start after us, and other networks need it";
    }
  }
  return {};
}

std::string holder_text(const Holder& holder, std::uint16_t port) {
  std::string text = name_of(holder) + " on " + socket_text(holder, port);
  if (!holder.options && is_hidden(holder)) return text;
  if (!holder.options)
    return text + "; its options cannot be seen, so it is taken not to share the port";
  const auto has = [](bool set) { return set ? " set" : " not set"; };
  text += std::string("; SO_REUSEADDR") + has(holder.options->reuse_address) + ", SO_REUSEPORT" +
          has(holder.options->reuse_port);
  if (holder.options->device != 0) text += ", one link alone";
  return text;
}

void append_option(std::string& text, std::string_view option, std::string_view why) {
  std::string first = "      " + std::string(option);
  first.resize(6 + option_width, ' ');
  append_wrapped(text, first, why);
}

void append_socket(std::string& text, const EndpointState& endpoint, const Recipe& recipe) {
  const SocketState& socket = endpoint.socket(recipe.role);
  text += "\n    " + std::string(recipe.purpose) + ", " + socket_text(endpoint, recipe) + ": " +
          step_text(endpoint, recipe) + '\n';
  if (socket.step == Step::failed && !is_doubtful(socket))
    append_wrapped(text, "      ! ", failure_text(socket));
  for (const Holder& holder : socket.holders)
    append_wrapped(text, "      held by ", holder_text(holder, socket.spec.port));
  append_wrapped(text, "      ", recipe.why);
  if (const std::string sharing = sharing_text(recipe, endpoint.wanted); !sharing.empty())
    append_wrapped(text, "      ", sharing);
  for (const ReasonedOption& option : recipe.options)
    append_option(text, name(option.option), option.why);
  if (const unsigned sockets = endpoint.wanted.dns_sockets; sockets > 1 && !recipe.spread.empty())
    append_option(text, "SO_REUSEPORT",
                  std::to_string(sockets) +
                      " sockets (`dns.workers`), the first bound before it is set: " +
                      std::string(recipe.spread));
  const bool is_beside = socket.step != Step::closed &&
                         socket.options.contains(SocketOption::reuse_address) &&
                         !recipe.options.set().contains(SocketOption::reuse_address);
  if (is_beside)
    append_option(text, name(SocketOption::reuse_address),
                  "added now, to be bound beside that holder");
}

void append_service(std::string& text, const System& system, const EndpointState& endpoint,
                    Service service) {
  const std::string title = service == Service::dhcp ? "  DHCP: " : "  DNS: ";
  if (!endpoint.wants(service)) {
    text += title + "off in the plan\n";
    return;
  }
  const Status status = status_of(endpoint, service, system.recipes);
  text += title + state_text(status) + '\n';
  if (is_doubtful(status))
    append_wrapped(text, "    ! ", doubt_text(*status.holder, endpoint.wanted.port(service)));
  else if (!status.why.empty())
    append_wrapped(text, "    ! ", status.why);
  for (const std::string& note : status.notes) append_wrapped(text, "    note: ", note);
  for (const Recipe& recipe : system.recipes)
    if (recipe.service == service) append_socket(text, endpoint, recipe);
}

}  // namespace

std::string explain(const System& system, const EndpointState& endpoint) {
  std::string text;
  for (const Service service : {Service::dhcp, Service::dns})
    append_service(text, system, endpoint, service);
  return text;
}

}  // namespace berth::binder
