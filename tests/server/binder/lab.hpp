// A policy in virtual time, in a machine made of facts: what it does comes back as lines of text.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "protocol/net/ipv4.hpp"
#include "server/binder/policy.hpp"

namespace berth::binder {

std::string to_string(Role role);
std::string to_string(State state);

class Lab {
 public:
  using Lines = std::vector<std::string>;

  explicit Lab(std::span<const Recipe> recipes = linux_recipes) : policy_(recipes) {}

  static Wanted kubenet(std::string interface = {});
  static Holder dnsmasq(const char* address);
  static Holder proxy() { return {331, "mDNSResponder", {}, net::Ipv4Address::any(), false}; }
  static Holder proxy_of_ipv6() { return on_ipv6(proxy(), "::"); }
  static Holder on_ipv6(Holder holder, const char* address);

  // Facts; they count from the next change().
  Lab& link(std::uint32_t index, const char* name, bool running = true);
  Lab& no_link(std::uint32_t index);
  Lab& address(std::uint32_t index, const char* prefix);
  Lab& no_address(std::uint32_t index, const char* prefix);
  // All there is: that link as bridge100 with our address, and with that one of its own, if any.
  Lab& link_local(std::uint32_t index, const char* address);
  Lab& default_route(std::vector<std::uint32_t> indexes);

  // From now on opening that role fails, or, with `unless_sharing`, does so without reuse_address.
  Lab& refuse(Role role, OpenError error, bool unless_sharing = false);
  Lab& allow(Role role);

  // Events. Each returns what the policy did: openings, closings and searches, not statuses.
  Lines want(std::vector<Wanted> wanted);
  Lines change();
  Lines holders(Protocol protocol, std::uint16_t port, std::vector<Holder> holders);
  Lines advance(std::chrono::milliseconds time);
  Lines look_for_company();
  Lines lost(Role role);
  Lines foreign_server(const char* server, bool by_host = true);

  // The last status reported.
  const Status& status(Service service, const char* address = "192.168.200.1") const;
  bool has_status(Service service) const;
  // "dhcp_broadcast@5 dns_udp": what is open, with the link where the role is a link's.
  std::string open_sockets(const char* address = "192.168.200.1") const;
  std::optional<std::chrono::milliseconds> next_retry() const;

  int privilege_missed = 0;
  int statuses = 0;

 private:
  using Key = std::pair<net::Ipv4Address, Role>;

  Lines run();

  Policy policy_;
  TimePoint now_{std::chrono::hours{1}};
  LinkTable links_;
  std::map<Role, std::pair<OpenError, bool>> refused_;
  std::map<Key, SocketSpec> open_;
  std::map<std::pair<net::Ipv4Address, Service>, Status> statuses_;
};

}  // namespace berth::binder
