#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/binder/file_descriptor.hpp"
#include "server/binder/link_monitor.hpp"
#include "server/binder/route_message.hpp"

namespace berth::binder {
namespace {

// A full socket loses messages without a word, so everything is looked at again now and then.
constexpr std::chrono::milliseconds between_looks{5000};
// What a message about a link or a route makes worth a look, and others often follow it.
constexpr std::chrono::milliseconds until_others_came{100};
// For how long an address that has gone may still be listed with its interface.
constexpr std::chrono::milliseconds until_unlisted{1000};

struct FreeAddresses {
  void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

bool is_of(const ifaddrs& entry, int family) noexcept {
  return entry.ifa_addr != nullptr && entry.ifa_addr->sa_family == family;
}

// As long as its own first octet says, which may be less than its type's.
template <class T>
T sockaddr_as(const sockaddr* address) noexcept {
  T value{};
  if (address != nullptr)
    std::memcpy(&value, address, std::min<std::size_t>(address->sa_len, sizeof value));
  return value;
}

net::Ipv4Prefix prefix_of(const ifaddrs& entry) noexcept {
  const auto address = sockaddr_as<sockaddr_in>(entry.ifa_addr);
  const auto mask = sockaddr_as<sockaddr_in>(entry.ifa_netmask);
  return {{ntohl(address.sin_addr.s_addr)},
          static_cast<std::uint8_t>(std::countl_one(ntohl(mask.sin_addr.s_addr)))};
}

// The system writes the link's index into what stands between the prefix and the interface's half.
net::Ipv6Address ipv6_of(const ifaddrs& entry) noexcept {
  const auto sockaddr = sockaddr_as<sockaddr_in6>(entry.ifa_addr);
  auto address = net::Ipv6Address::from_bytes(std::as_bytes(std::span(sockaddr.sin6_addr.s6_addr)));
  if (address.is_link_local()) address.octets[2] = address.octets[3] = std::byte{0};
  return address;
}

Link link_of(const ifaddrs& entry) {
  const auto address = sockaddr_as<sockaddr_dl>(entry.ifa_addr);
  Link link;
  link.index = address.sdl_index;
  link.name = entry.ifa_name;
  link.running = (entry.ifa_flags & IFF_UP) != 0 && (entry.ifa_flags & IFF_RUNNING) != 0;
  // The hardware address stands behind the name, in as much room as the sockaddr has.
  const auto bytes =
      wire::Bytes(reinterpret_cast<const std::byte*>(entry.ifa_addr), entry.ifa_addr->sa_len);
  const std::size_t at = offsetof(sockaddr_dl, sdl_data) + address.sdl_nlen;
  if (address.sdl_alen == link.mac.octets.size() && at + address.sdl_alen <= bytes.size())
    link.mac = net::MacAddress::from_bytes(bytes.subspan(at, address.sdl_alen));
  return link;
}

// The table of IPv4 routes, or nothing when it changed size meanwhile.
std::vector<std::byte> route_dump() {
  std::array<int, 6> name{CTL_NET, PF_ROUTE, 0, AF_INET, NET_RT_DUMP, 0};
  std::size_t size = 0;
  if (::sysctl(name.data(), name.size(), nullptr, &size, nullptr, 0) != 0) return {};
  std::vector<std::byte> dump(size + size / 8);
  size = dump.size();
  if (::sysctl(name.data(), name.size(), dump.data(), &size, nullptr, 0) != 0) return {};
  dump.resize(size);
  return dump;
}

}  // namespace

// The routing socket says when; what there is then is read anew, except that an address which was
// said to have gone is believed to have, although it is listed for a moment longer.
struct LinkMonitor::State {
  struct Departed {
    std::uint32_t index = 0;
    net::Ipv4Prefix address;
    TimePoint until;
  };

  FileDescriptor socket;
  LinkTable links;
  TimePoint look_at;
  std::vector<Departed> departed;
  BadNews bad_news;
  std::array<std::byte, 4096> buffer;

  void look(TimePoint now);
  void look_soon(TimePoint when) noexcept { look_at = std::min(look_at, when); }
  void take_addresses(const ifaddrs* list, TimePoint now);
  void take_routes();
  void note(route::ParseError error) noexcept;
  bool has_departed(std::uint32_t index, const net::Ipv4Prefix& address) const noexcept;

  void take(const route::LinkNews& news, TimePoint now);
  void take(const route::AddressNews& news, TimePoint now);
  void take(const route::DefaultRouteNews& news, TimePoint now);
};

void LinkMonitor::State::look(TimePoint now) {
  std::erase_if(departed, [now](const Departed& one) { return one.until <= now; });
  look_at = now + between_looks;
  for (const Departed& one : departed) look_soon(one.until);

  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, FreeAddresses> owner(list);
  take_addresses(list, now);
  take_routes();
}

void LinkMonitor::State::take_addresses(const ifaddrs* list, TimePoint) {
  std::map<std::string, std::uint32_t> indexes;
  links.begin_refresh();
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (!is_of(*entry, AF_LINK)) continue;
    const Link link = link_of(*entry);
    indexes[link.name] = link.index;
    links.set_link(link);
  }
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const auto known = indexes.find(entry->ifa_name);
    if (known == indexes.end()) continue;
    if (is_of(*entry, AF_INET)) {
      const net::Ipv4Prefix prefix = prefix_of(*entry);
      if (!has_departed(known->second, prefix)) links.add_address(known->second, prefix);
    } else if (is_of(*entry, AF_INET6)) {
      const net::Ipv6Address address = ipv6_of(*entry);
      if (address.is_link_local()) links.set_link_local(known->second, address);
    }
  }
  links.end_refresh();
}

// Each interface with a way to the Internet has a default route, if only for what is bound to it.
void LinkMonitor::State::take_routes() {
  const std::vector<std::byte> dump = route_dump();
  const auto all = route::parse(dump);
  if (!all) note(all.error());
  if (dump.empty() || !all) return;
  std::vector<std::uint32_t> indexes;
  for (const route::News& news : *all)
    if (const auto* one = std::get_if<route::DefaultRouteNews>(&news))
      indexes.push_back(one->index);
  links.set_default_routes(std::move(indexes));
}

void LinkMonitor::State::note(route::ParseError error) noexcept {
  bad_news = {route::name(error), bad_news.count + 1};
}

bool LinkMonitor::State::has_departed(std::uint32_t index,
                                      const net::Ipv4Prefix& address) const noexcept {
  return std::ranges::any_of(departed, [&](const Departed& one) {
    return one.index == index && one.address.address == address.address;
  });
}

void LinkMonitor::State::take(const route::LinkNews&, TimePoint now) {
  look_soon(now + until_others_came);
}

void LinkMonitor::State::take(const route::DefaultRouteNews&, TimePoint now) {
  look_soon(now + until_others_came);
}

// A bridge that is made again has the index it had, and it may be there again before we are told
// that it went: what was opened on it is dead all the same, hence another incarnation.
void LinkMonitor::State::take(const route::AddressNews& news, TimePoint now) {
  std::erase_if(departed, [&news](const Departed& one) {
    return one.index == news.index && one.address.address == news.address.address;
  });
  if (news.gone) {
    links.remove_link(news.index);
    departed.push_back({news.index, news.address, now + until_unlisted});
  }
  look_soon(now);
}

expected<LinkMonitor, std::error_code> LinkMonitor::open(TimePoint now) {
  auto state = std::make_unique<State>();
  state->socket = FileDescriptor(::socket(PF_ROUTE, SOCK_RAW, 0));  // 0: not of IPv4 alone
  const int socket = state->socket.number();
  if (!state->socket.is_open() || ::fcntl(socket, F_SETFD, FD_CLOEXEC) != 0 ||
      ::fcntl(socket, F_SETFL, O_NONBLOCK) != 0)
    return unexpected(last_error());
  constexpr int wished_buffer = 1 << 18;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wished_buffer, sizeof wished_buffer);
  state->look(now);
  return LinkMonitor(std::move(state));
}

LinkMonitor::LinkMonitor(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
LinkMonitor::LinkMonitor(LinkMonitor&&) noexcept = default;
LinkMonitor& LinkMonitor::operator=(LinkMonitor&&) noexcept = default;
LinkMonitor::~LinkMonitor() = default;

int LinkMonitor::descriptor() const noexcept { return state_->socket.number(); }

void LinkMonitor::read(TimePoint now) {
  constexpr int messages_at_once = 256;
  State& state = *state_;
  for (int taken = 0; taken < messages_at_once; ++taken) {
    const ssize_t size = ::read(state.socket.number(), state.buffer.data(), state.buffer.size());
    if (size <= 0) break;
    const auto all = route::parse(wire::Bytes(state.buffer).first(static_cast<std::size_t>(size)));
    if (!all) {
      state.note(all.error());
      state.look_soon(now);
      continue;
    }
    for (const route::News& news : *all)
      std::visit([&state, now](const auto& one) { state.take(one, now); }, news);
  }
  if (state.look_at <= now) state.look(now);
}

void LinkMonitor::on_timer(TimePoint now) {
  if (state_->look_at <= now) state_->look(now);
}

std::optional<TimePoint> LinkMonitor::next_deadline() const noexcept { return state_->look_at; }

std::optional<BadNews> LinkMonitor::take_bad_news() noexcept {
  if (state_->bad_news.count == 0) return std::nullopt;
  return std::exchange(state_->bad_news, {});
}

const LinkTable* LinkMonitor::links() const noexcept { return &state_->links; }

}  // namespace berth::binder
