// berthd on a model kernel: the real policy, and the least that executes what it asks for. A value.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/binder/link_table.hpp"
#include "server/binder/policy.hpp"
#include "server/time.hpp"
#include "tests/server/binder/model/digest.hpp"
#include "tests/server/binder/model/kernel.hpp"

namespace berth::binder::model {

// How long a search for holders takes, and when within it the sockets are read: at its beginning or
// at its end, which knows sockets of ours that are newer than it for a stranger's.
struct Searching {
  std::chrono::milliseconds time{0};
  bool reads_late = false;
};

class Daemon {
 public:
  Daemon(std::span<const Recipe> recipes, Searching searching)
      : recipes_(recipes), searching_(searching) {}

  void start(Kernel& kernel, const Wanted& wanted, TimePoint now);
  void stop(Kernel& kernel);
  bool is_running() const noexcept { return policy_.has_value(); }

  // A message about links has come: they are now as the kernel has them.
  void on_links(Kernel& kernel, TimePoint now);
  void look_for_company(Kernel& kernel, TimePoint now);
  // The slow rescan, for messages that were lost. It also reads each tap once, which shows those
  // that are dead.
  void rescan(Kernel& kernel, TimePoint now);
  void on_timer(Kernel& kernel, TimePoint now);
  std::optional<TimePoint> next_deadline() const noexcept;
  void on_foreign_reply(Kernel& kernel, net::Ipv4Address server, TimePoint now);

  const Status* status(Service service) const noexcept;
  bool is_open(Role role) const noexcept { return opened_[index(role)] != 0; }
  std::uint64_t socket(Role role) const noexcept { return opened_[index(role)]; }
  net::Ipv4Address server_id() const noexcept { return status(Service::dhcp)->server_id; }
  std::size_t open_count() const noexcept;
  bool is_searching() const noexcept { return !answers_.empty(); }

  // The link that it takes for ours; 0: none.
  std::uint32_t believed_link() const noexcept;
  void add_to(Digest& digest) const;
  // What must never be: the first that was, or nothing.
  const std::string& fault() const noexcept { return fault_; }

 private:
  struct Answer {
    TimePoint at;
    LookForHolders what;
    std::uint64_t newest = 0;  // socket there was when it began
    std::vector<Holder> holders;
  };

  static std::size_t index(Role role) noexcept { return static_cast<std::size_t>(role); }
  void take_links(const Kernel& kernel);
  void run(Kernel& kernel, TimePoint now);
  void perform(Kernel& kernel, const OpenSocket& action, TimePoint now);
  expected<std::uint64_t, BindError> open(Kernel& kernel, const SocketSpec& spec,
                                          const Recipe& recipe);
  void close(Kernel& kernel, Role role);
  void look(const Kernel& kernel, const LookForHolders& what, TimePoint now);
  void fail(std::string fault);
  void add_to(Digest& digest, const Answer& answer) const;

  std::span<const Recipe> recipes_;
  Searching searching_;
  std::optional<Policy> policy_;
  LinkTable links_;
  std::array<std::uint64_t, role_count> opened_{};
  std::vector<std::uint64_t> more_;  // of dns_udp
  std::vector<Answer> answers_;
  std::string fault_;
};

// Everyone with a socket on that port, except sockets of berthd that are no newer than `newest`.
std::vector<Holder> holders_of(const Kernel& kernel, Protocol protocol, std::uint16_t port,
                               std::uint64_t newest = UINT64_MAX);
const char* process_of(Owner owner) noexcept;

}  // namespace berth::binder::model
