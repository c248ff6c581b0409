#include "server/binder/forecast.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "server/binder/policy.hpp"

namespace berth::binder {
namespace {

Protocol protocol_of(Role role, std::span<const Recipe> recipes) noexcept {
  return std::ranges::find(recipes, role, &Recipe::role)->protocol;
}

PortUser port_user(const Holder& holder, Protocol protocol) noexcept {
  const HolderOptions options = holder.options.value_or(HolderOptions{});
  return {.uid = options.uid,
          .protocol = protocol,
          .address = holder.address,
          .ipv6_only = holder.ipv6_only,
          .reuse_address = options.reuse_address,
          .reuse_port = options.reuse_port,
          .device = options.device};
}

// As root, which berthd is.
PortUser port_user(const SocketSpec& spec, Protocol protocol) noexcept {
  const bool is_of_device = spec.options.contains(SocketOption::bind_to_device);
  return {.protocol = protocol,
          .address = spec.address,
          .ipv6_only = spec.link_local,
          .reuse_address = spec.options.contains(SocketOption::reuse_address),
          .device = is_of_device ? spec.link_index : 0};
}

// Stands for the system: says whether a socket could be opened, and who has a port.
class Stage {
 public:
  Stage(const System& system, std::span<const HolderReport> reports)
      : system_(system), reports_(reports) {}

  bool can_open(const SocketSpec& spec) const noexcept {
    const Protocol protocol = protocol_of(spec.role, system_.recipes);
    if (protocol == Protocol::none) return true;
    const std::span<const Holder> holders = holders_of(protocol, spec.port);
    return std::ranges::none_of(holders, [&](const Holder& holder) {
      return system_.conflicts(port_user(holder, protocol), port_user(spec, protocol));
    });
  }

  std::span<const Holder> holders_of(Protocol protocol, std::uint16_t port) const noexcept {
    const auto report = std::ranges::find_if(reports_, [&](const HolderReport& one) {
      return one.protocol == protocol && one.port == port;
    });
    if (report == reports_.end()) return {};
    return report->holders;
  }

 private:
  const System& system_;
  std::span<const HolderReport> reports_;
};

}  // namespace

std::vector<EndpointState> forecast(const System& system, std::vector<Wanted> wanted,
                                    const LinkTable& links, std::span<const HolderReport> reports) {
  constexpr TimePoint start{};
  const Stage stage(system, reports);
  Policy policy(system.recipes);
  policy.want(std::move(wanted), start);
  policy.on_links(links, start);
  while (const std::optional<Action> action = policy.next_action()) {
    if (const auto* opening = std::get_if<OpenSocket>(&*action)) {
      if (stage.can_open(opening->spec))
        policy.on_opened(opening->address, opening->spec.role, start);
      else
        policy.on_open_failed(opening->address, opening->spec.role,
                              OpenFailure{OpenError::address_in_use, {}}, start);
    } else if (const auto* search = std::get_if<LookForHolders>(&*action)) {
      policy.on_holders(search->protocol, search->port,
                        stage.holders_of(search->protocol, search->port), start);
    }
  }
  return {policy.endpoints().begin(), policy.endpoints().end()};
}

}  // namespace berth::binder
