#include "tests/server/binder/machine_linux.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <variant>

namespace berth::binder {
namespace {

net::Ipv4Address address_of(const char* text) { return net::Ipv4Address::parse(text).value(); }

bool is_running(const std::string& link) {
  const FileDescriptor any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  link.copy(request.ifr_name, IFNAMSIZ - 1);
  return ::ioctl(any.number(), SIOCGIFFLAGS, &request) == 0 &&
         (request.ifr_flags & IFF_RUNNING) != 0;
}

bool eventually(const std::function<bool()>& condition) {
  for (int milliseconds = 0; milliseconds < 10'000; ++milliseconds) {
    if (condition()) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

}  // namespace

Wanted network(const char* prefix, std::string interface) {
  Wanted wanted;
  wanted.link = net::Ipv4Prefix::parse(prefix).value();
  wanted.interface = std::move(interface);
  return wanted;
}

FileDescriptor Rival::bind() const {
  FileDescriptor rival(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (shares) ::setsockopt(rival.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (joins) ::setsockopt(rival.number(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address_of(address).value);
  EXPECT_EQ(::bind(rival.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0)
      << address << ":" << port;
  if (type == SOCK_STREAM) {
    EXPECT_EQ(::listen(rival.number(), 1), 0);
  }
  return rival;
}

void Machine::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, for a network namespace of its own";
  home_ = FileDescriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(home_.is_open());
  ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
  ip("link set lo up");
}

void Machine::TearDown() {
  binder.reset();
  sockets_.clear();
  if (home_.is_open()) {
    EXPECT_EQ(::setns(home_.number(), CLONE_NEWNET), 0);
  }
}

void Machine::ip(const std::string& arguments) {
  // The arguments are the tests' own.
  ASSERT_EQ(std::system(("ip " + arguments).c_str()), 0) << arguments;
}

void Machine::make_bridge(const std::string& name, const std::string& address) {
  const std::string port = name + "-p";
  ip("link add " + name + " type bridge");
  ip("link add " + port + " type veth peer name " + name + "-q");
  ip("link set " + port + " master " + name + " up");
  ip("link set " + name + "-q up");
  ip("link set " + name + " up");
  ip("address add " + address + " dev " + name);
  // Frames are lost until the kernel has noticed what is attached to what.
  EXPECT_TRUE(eventually([&name] { return is_running(name); })) << name;
}

TimePoint Machine::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

void Machine::start(std::vector<Wanted> wanted) {
  auto opening = Binder::open([this](Event&& event) { keep(std::move(event)); }, now());
  ASSERT_TRUE(opening);
  binder = std::move(*opening);
  binder->want(std::move(wanted), now());
}

void Machine::keep(Event&& event) {
  if (auto* opening = std::get_if<Opened>(&event)) {
    ++opened;
    FileDescriptor& slot = sockets_[{opening->address, opening->role}];
    EXPECT_FALSE(slot.is_open()) << "opened twice";
    slot = std::move(opening->socket);
    if (opening->role == Role::dns_udp) more_dns = std::move(opening->more);
  } else if (const auto* closing = std::get_if<Closed>(&event)) {
    ++closed;
    EXPECT_EQ(sockets_.erase({closing->address, closing->role}), 1u) << "closed twice";
    if (closing->role == Role::dns_udp) more_dns.clear();
  } else if (auto* status = std::get_if<Status>(&event)) {
    statuses_[{status->address, status->service}] = std::move(*status);
  } else if (const auto* bad = std::get_if<BadNews>(&event)) {
    bad_news.push_back(std::string(bad->reason) + " " + std::to_string(bad->count));
  } else {
    refusals.push_back(std::move(std::get<NeedsPrivilege>(event)));
  }
}

bool Machine::run_until(const std::function<bool()>& done) {
  const TimePoint end = now() + std::chrono::seconds{10};
  while (!done()) {
    if (now() >= end) return false;
    std::array<pollfd, 2> polled{};
    for (std::size_t at = 0; at < polled.size(); ++at)
      polled[at] = {binder->descriptors()[at], POLLIN, 0};
    const TimePoint deadline = std::min(binder->next_deadline(), end);
    const auto wait = std::max(deadline - now(), std::chrono::milliseconds{0});
    ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    for (const pollfd& one : polled)
      if (one.revents != 0) binder->on_readable(one.fd, now());
    if (now() >= deadline) binder->on_timer(now());
  }
  return true;
}

void Machine::settle() {
  for (const int descriptor : binder->descriptors()) binder->on_readable(descriptor, now());
}

const Status& Machine::status(Service service, const char* address) const {
  return statuses_.at({address_of(address), service});
}

bool Machine::is_in(State state, Service service, const char* address) const {
  return status(service, address).state == state;
}

bool Machine::bound(Service service, const char* address) const {
  return is_in(State::bound, service, address);
}

int Machine::socket(Role role, const char* address) const {
  const auto found = sockets_.find({address_of(address), role});
  return found == sockets_.end() ? -1 : found->second.number();
}

bool Machine::all_open(const char* address) const {
  for (const Role role :
       {Role::dhcp_broadcast, Role::dhcp_unicast, Role::link, Role::dns_udp, Role::dns_tcp})
    if (socket(role, address) < 0) return false;
  return true;
}

}  // namespace berth::binder
