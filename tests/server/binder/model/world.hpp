// A machine with everybody on it: kernel, berthd, Apple's daemons, rivals, and a client on the
// link; events in, and a sentence when something is not as it must be. A value: the explorer copies
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/time.hpp"
#include "tests/server/binder/model/apple.hpp"
#include "tests/server/binder/model/client.hpp"
#include "tests/server/binder/model/daemon.hpp"
#include "tests/server/binder/model/dhcp.hpp"
#include "tests/server/binder/model/kernel.hpp"

namespace berth::binder::model {

enum class EventKind : std::uint8_t {
  start,
  stop,
  bridge_up,              // the address first, then the system's daemons when they like
  bridge_up_after_proxy,  // mDNSResponder is asked, and bound, before the address is there
  bridge_up_elsewhere,    // under another name
  bridge_down,
  bridge_remade_unseen,  // under its name, and the routing socket overflows
  link_local_comes,
  link_local_goes,
  second_up,  // another network of virtual machines
  second_down,
  proxy_binds_udp,
  proxy_binds_tcp,
  launchd_binds,
  bootpd_exits,
  rival_appears,
  rival_leaves,
  client_boots,
  client_stops,
  look_for_company,
  pass,
};

struct Event {
  EventKind kind = EventKind::pass;
  std::uint32_t argument = 0;  // which rival; how many milliseconds
};
std::string to_string(Event event);

// What a run is about. It outlives its worlds.
struct Scenario {
  System system = System::xnu;
  std::span<const Recipe> recipes;
  Wanted wanted;
  std::vector<std::vector<Socket>> rivals;
  std::vector<Event> events;
  Searching searching;
  std::chrono::milliseconds our_latency{1};
  std::chrono::milliseconds bootpd_latency{20};
  std::chrono::milliseconds client_checks{2000};
  bool has_client = false;
  bool answers_arp = false;  // for a second server id
  // How long a client may need for its address when nothing else happens: with bootpd half of the
  // longest lease it gives, since a client that has an address does not ask before. Zero: do not
  // wait for it.
  std::chrono::milliseconds settles_in = std::chrono::hours{30};

  void add(std::initializer_list<Event> more) { events.insert(events.end(), more); }
};

class World {
 public:
  explicit World(const Scenario& scenario);

  bool is_enabled(Event event) const;
  std::vector<Event> enabled() const;
  void apply(Event event);
  // The first thing that was not as it must be; empty: all was well.
  const std::string& violation() const noexcept { return violation_; }
  std::uint64_t hash() const;
  // What would come of it if nothing else happened: a reserved client has its address, and keeps
  // it. Empty: it is so, or there is nobody to give it.
  std::string probe() const;

  const Daemon& daemon() const noexcept { return daemon_; }
  const Kernel& kernel() const noexcept { return kernel_; }
  const Client& client() const noexcept { return client_; }
  const MdnsResponder& proxy() const noexcept { return proxy_; }
  const Bootpd& bootpd() const noexcept { return bootpd_; }
  std::optional<std::uint32_t> link() const noexcept;  // that carries our address

 private:
  enum class To : std::uint8_t { client_from_berthd, client_from_bootpd, bootpd };
  struct InFlight {
    TimePoint at;
    To to;
    DhcpMessage message;
  };

  void raise_bridge(const std::string& name, bool proxy_first);
  void lower_bridge();
  void raise_second();
  void lower_second();
  void tell_links();
  void bind_proxy(Protocol protocol);
  void bind_launchd();
  void allow_another_search();
  void appear(std::size_t rival);
  void leave(std::size_t rival);

  void advance(TimePoint until);
  std::optional<TimePoint> next_deadline() const;
  void process_due();
  void receive(const InFlight& packet);
  void send(const std::optional<DhcpMessage>& message);

  bool hears_dhcp(const DhcpMessage& message) const;
  bool can_reply() const;
  bool reaches_us(Protocol protocol) const;
  bool could_bind_dns(Protocol protocol) const;
  bool has_link_local() const;
  bool reaches_us_by_ipv6(Protocol protocol) const;
  bool could_bind_ipv6(Protocol protocol) const;
  bool is_robbed(Service service) const;
  bool is_unseen() const noexcept { return rescan_at_.has_value(); }

  void check();
  void check_service(Service service);
  void check_ipv6();
  void check_neighbours();
  void check_company();
  void check_company_is_noted();
  void violate(std::string what);

  const Scenario* scenario_;
  TimePoint now_{std::chrono::hours{1}};
  Kernel kernel_;
  Daemon daemon_;
  MdnsResponder proxy_;
  Bootpd bootpd_;
  Client client_;
  std::string bridge_;  // empty: down
  bool second_ = false;
  std::vector<std::vector<std::uint64_t>> rivals_;  // their sockets; none: not there
  std::vector<InFlight> packets_;                   // by time
  std::optional<TimePoint> rescan_at_;
  std::optional<TimePoint> idle_exit_at_;
  std::optional<TimePoint> grace_over_;          // since when berthd may be in the proxy's way
  std::array<std::optional<TimePoint>, 2> due_;  // by service
  std::optional<TimePoint> company_due_;  // when whoever shares what we hear must have been named
  std::optional<TimePoint> due_by_ipv6_;
  bool prompt_ = false;  // what happens now is told to berthd at once
  std::string violation_;
};

}  // namespace berth::binder::model
