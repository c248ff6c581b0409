// Which endpoint should be open how, and what each event does to it. Sans-IO: facts come in,
// actions come out through next_action(), and their results come back; it opens nothing, reads no
// clock and knows no system but through its table of recipes. One thread at a time.
//
// After each input, take actions until there are none and feed back the result of each OpenSocket
// at once; a LookForHolders may be answered whenever it is.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/binder/endpoint.hpp"
#include "server/binder/endpoint_state.hpp"
#include "server/binder/link_table.hpp"
#include "server/binder/recipe.hpp"
#include "server/time.hpp"

namespace berth::binder {

// Answered by on_opened() or on_open_failed() with `address` and the role.
struct OpenSocket {
  net::Ipv4Address address;  // the endpoint's
  SocketSpec spec;
  Link link;

  bool operator==(const OpenSocket&) const = default;
};

struct CloseSocket {
  net::Ipv4Address address;
  Role role = Role::link;

  bool operator==(const CloseSocket&) const = default;
};

// Answered by on_holders().
struct LookForHolders {
  Protocol protocol = Protocol::udp;
  std::uint16_t port = 0;

  bool operator==(const LookForHolders&) const = default;
};

using Action = std::variant<OpenSocket, CloseSocket, LookForHolders, NeedsPrivilege, Status>;

class Policy {
 public:
  // `recipes` outlives the policy; its order is the order of opening.
  explicit Policy(std::span<const Recipe> recipes) noexcept : recipes_(recipes) {}

  // What is to be served from now on. Endpoints that stay as they are keep their sockets.
  void want(std::vector<Wanted> wanted, TimePoint now);
  // The links as they are now. Nothing is opened before the first call.
  void on_links(const LinkTable& links, TimePoint now);

  void on_opened(net::Ipv4Address address, Role role, TimePoint now);
  void on_open_failed(net::Ipv4Address address, Role role, OpenFailure failure, TimePoint now);
  // Everyone on that port except the sockets that were ours when the search began.
  void on_holders(Protocol protocol, std::uint16_t port, std::span<const Holder> holders,
                  TimePoint now);

  // A descriptor that was handed out has turned out to be dead: its link went and came back before
  // anybody saw it.
  void on_lost(net::Ipv4Address address, Role role, TimePoint now);
  // A reply that is not ours was seen on the link of that endpoint. To be told again now and then:
  // a server that has not been seen for an hour is forgotten.
  void on_foreign_server(net::Ipv4Address address, const ForeignServer& server, TimePoint now);

  // Looks who stands beside those of our sockets that let others in: a server that came after us,
  // or has left; a proxy that stopped. Nobody tells, so it is to be called now and then; links that
  // change do so too.
  void look_for_company();

  // Tries again what failed, ends a grace, looks who has joined sockets that can be joined, and
  // forgets servers.
  // Call at next_deadline(); there is none while all is well, without such sockets.
  void on_timer(TimePoint now);
  std::optional<TimePoint> next_deadline() const noexcept;

  // Openings and closings first, in their order; a status when there is nothing left to do.
  std::optional<Action> next_action();

  // As they stand, in the order wanted.
  std::span<const EndpointState> endpoints() const noexcept { return endpoints_; }

 private:
  struct Search {
    enum class Step : std::uint8_t { queued, running, running_again };

    LookForHolders what;
    Step step = Step::queued;
  };

  void reconcile(TimePoint now);
  void place_all();
  bool has_guard(const EndpointState& endpoint) const noexcept;
  void retry_all(TimePoint now);
  std::optional<SocketSpec> desired(const EndpointState& endpoint, const Recipe& recipe) const;
  void begin(EndpointState& endpoint, const Recipe& recipe, TimePoint now);
  void await_proxy(EndpointState& endpoint, const Recipe& recipe, TimePoint now);
  void open(EndpointState& endpoint, const Recipe& recipe, OptionSet options);
  void close(EndpointState& endpoint, const Recipe& recipe);
  void decide(EndpointState& endpoint, const Recipe& recipe, TimePoint now);
  void give_up(EndpointState& endpoint, const Recipe& recipe, TimePoint now);
  void look(Protocol protocol, std::uint16_t port);
  bool is_looking(Protocol protocol, std::uint16_t port) const noexcept;
  std::optional<Status> next_status();

  EndpointState* find(net::Ipv4Address address) noexcept;
  const Recipe& recipe_of(Role role) const noexcept;

  std::span<const Recipe> recipes_;
  std::optional<LinkTable> links_;
  std::vector<EndpointState> endpoints_;  // in the order wanted
  std::deque<Action> actions_;
  std::vector<Search> searches_;
};

}  // namespace berth::binder
