#include "tests/server/binder/lab.hpp"

#include <gtest/gtest.h>

#include <array>

namespace berth::binder {
namespace {

std::string to_string(OptionSet options) {
  constexpr std::array names{"reuse_address", "free_bind",      "broadcast",    "packet_info",
                             "drop_count",    "bind_to_device", "send_by_link", "ipv6_only"};
  std::string text;
  for (std::size_t at = 0; at < names.size(); ++at)
    if (options.contains(static_cast<SocketOption>(at))) text.append(" ").append(names[at]);
  return text;
}

std::string to_string(const OpenSocket& action) {
  const SocketSpec& spec = action.spec;
  const std::string address = spec.link_local
                                  ? std::string("[") + net::to_string(*spec.link_local) + "]"
                                  : net::to_string(spec.address);
  std::string text =
      "open " + to_string(spec.role) + " " + address + ":" + std::to_string(spec.port);
  if (spec.link_index != 0) text.append("@").append(std::to_string(spec.link_index));
  text += to_string(spec.options);
  return spec.sockets == 1 ? text : text + " sockets=" + std::to_string(spec.sockets);
}

std::string to_string(const LookForHolders& action) {
  return std::string("look ") + (action.protocol == Protocol::tcp ? "tcp " : "udp ") +
         std::to_string(action.port);
}

net::Ipv4Address ip(const char* text) { return net::Ipv4Address::parse(text).value(); }
net::Ipv4Prefix prefix_of(const char* text) { return net::Ipv4Prefix::parse(text).value(); }

}  // namespace

std::string to_string(Role role) {
  constexpr std::array names{"dhcp_broadcast", "dhcp_tap", "dhcp_unicast", "dhcp_guard",  "link",
                             "dns_udp",        "dns_tcp",  "dns_udp_ipv6", "dns_tcp_ipv6"};
  return names.at(static_cast<std::size_t>(role));
}

std::string to_string(State state) {
  constexpr std::array names{"waiting", "grace", "refused", "conflict", "bound"};
  return names.at(static_cast<std::size_t>(state));
}

Wanted Lab::kubenet(std::string interface) {
  Wanted wanted;
  wanted.link = prefix_of("192.168.200.1/24");
  wanted.interface = std::move(interface);
  return wanted;
}

Holder Lab::dnsmasq(const char* address) {
  return {812, "dnsmasq", "dnsmasq.service", ip(address), false};
}

Holder Lab::on_ipv6(Holder holder, const char* address) {
  holder.ipv6_only = net::Ipv6Address::parse(address).value();
  return holder;
}

Lab& Lab::link(std::uint32_t index, const char* name, bool running) {
  links_.set_link({index, name, net::MacAddress::from_octets(2, 0, 0, 0, 0, 1), running});
  return *this;
}
Lab& Lab::no_link(std::uint32_t index) {
  links_.remove_link(index);
  return *this;
}
Lab& Lab::address(std::uint32_t index, const char* prefix) {
  links_.add_address(index, prefix_of(prefix));
  return *this;
}
Lab& Lab::no_address(std::uint32_t index, const char* prefix) {
  links_.remove_address(index, prefix_of(prefix));
  return *this;
}
Lab& Lab::link_local(std::uint32_t index, const char* address) {
  links_.begin_refresh();
  link(index, "bridge100").Lab::address(index, "192.168.200.1/24");
  if (*address != 0) links_.set_link_local(index, net::Ipv6Address::parse(address).value());
  links_.end_refresh();
  return *this;
}
Lab& Lab::default_route(std::vector<std::uint32_t> indexes) {
  links_.set_default_routes(std::move(indexes));
  return *this;
}
Lab& Lab::refuse(Role role, OpenError error, bool unless_sharing) {
  refused_[role] = {error, unless_sharing};
  return *this;
}
Lab& Lab::allow(Role role) {
  refused_.erase(role);
  return *this;
}

Lab::Lines Lab::want(std::vector<Wanted> wanted) {
  policy_.want(std::move(wanted), now_);
  return run();
}
Lab::Lines Lab::change() {
  policy_.on_links(links_, now_);
  return run();
}
Lab::Lines Lab::holders(Protocol protocol, std::uint16_t port, std::vector<Holder> holders) {
  policy_.on_holders(protocol, port, holders, now_);
  return run();
}
Lab::Lines Lab::advance(std::chrono::milliseconds time) {
  now_ += time;
  policy_.on_timer(now_);
  return run();
}

Lab::Lines Lab::look_for_company() {
  policy_.look_for_company();
  return run();
}
Lab::Lines Lab::lost(Role role) {
  policy_.on_lost(ip("192.168.200.1"), role, now_);
  return run();
}
Lab::Lines Lab::foreign_server(const char* server, bool by_host) {
  policy_.on_foreign_server(ip("192.168.200.1"), {ip(server), by_host}, now_);
  return run();
}

Lab::Lines Lab::run() {
  Lines lines;
  while (auto action = policy_.next_action()) {
    if (auto* opening = std::get_if<OpenSocket>(&*action)) {
      lines.push_back(to_string(*opening));
      const Role role = opening->spec.role;
      const bool shares = opening->spec.options.contains(SocketOption::reuse_address);
      const auto refusal = refused_.find(role);
      if (refusal == refused_.end() || (refusal->second.second && shares)) {
        const bool is_new = open_.emplace(Key{opening->address, role}, opening->spec).second;
        EXPECT_TRUE(is_new) << "opened twice: " << lines.back();
        policy_.on_opened(opening->address, role, now_);
      } else {
        policy_.on_open_failed(opening->address, role, {refusal->second.first, "no"}, now_);
      }
    } else if (auto* closing = std::get_if<CloseSocket>(&*action)) {
      lines.push_back("close " + to_string(closing->role));
      EXPECT_EQ(open_.erase({closing->address, closing->role}), 1u) << lines.back();
    } else if (auto* search = std::get_if<LookForHolders>(&*action)) {
      lines.push_back(to_string(*search));
    } else if (auto* status = std::get_if<Status>(&*action)) {
      ++statuses;
      statuses_[{status->address, status->service}] = *status;
    } else {
      ++privilege_missed;
    }
  }
  return lines;
}

const Status& Lab::status(Service service, const char* address) const {
  return statuses_.at({ip(address), service});
}

bool Lab::has_status(Service service) const {
  return statuses_.contains({ip("192.168.200.1"), service});
}

std::string Lab::open_sockets(const char* address) const {
  std::string text;
  for (const auto& [key, spec] : open_) {
    if (key.first != ip(address)) continue;
    if (!text.empty()) text += ' ';
    text += to_string(key.second);
    if (spec.link_index != 0) text.append("@").append(std::to_string(spec.link_index));
  }
  return text;
}

std::optional<std::chrono::milliseconds> Lab::next_retry() const {
  const auto deadline = policy_.next_deadline();
  if (!deadline) return std::nullopt;
  return *deadline - now_;
}

}  // namespace berth::binder
