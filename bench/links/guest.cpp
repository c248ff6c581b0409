#include "bench/links/guest.hpp"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/request_builder.hpp"
#include "protocol/dns/message_builder.hpp"
#include "protocol/dns/message_view.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/net/frame.hpp"

namespace berth::bench {
namespace {

using binder::FileDescriptor;
using Buffer = std::array<std::byte, 2048>;

void check(bool is_well, const char* what) {
  if (!is_well) throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in socket_address(net::Ipv4Address address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(address.value);
  return name;
}

FileDescriptor udp_socket(std::uint16_t from, std::uint16_t to) {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in here = socket_address(guest_address.address, from);
  const sockaddr_in there = socket_address(host_address.address, to);
  check(
      ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0 &&
          ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0,
      "the guest's socket");
  return socket;
}

// Nobody there, or nobody yet: that is what is measured.
void send(const FileDescriptor& socket, wire::Bytes message) {
  [[maybe_unused]] const auto sent = ::send(socket.number(), message.data(), message.size(), 0);
}

// Calls `see` with each datagram that waits. An error is somebody's "port unreachable".
template <class See>
void for_each_datagram(const FileDescriptor& socket, See see) {
  Buffer buffer;
  for (;;) {
    const ssize_t size = ::recv(socket.number(), buffer.data(), buffer.size(), 0);
    if (size >= 0) {
      see(wire::Bytes(buffer).first(static_cast<std::size_t>(size)));
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

}  // namespace

Guest::Guest(std::uint32_t link)
    : link_(link),
      frames_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      dhcp_(udp_socket(68, 67)),
      dns_(udp_socket(0, 53)) {
  check(frames_.is_open(), "the guest's packet socket");
}

void Guest::begin() {
  ++round_;
  asked_.fill(false);
  answered_.fill(std::nullopt);
}

void Guest::ask(Ask what) {
  asked_[static_cast<std::size_t>(what)] = true;
  switch (what) {
    case Ask::discover: discover(); break;
    case Ask::renewal: renew(); break;
    case Ask::name: query(); break;
  }
}

void Guest::discover() {
  Buffer message;
  Buffer frame;
  const auto discover =
      dhcp::RequestBuilder::discover(message, {.chaddr = guest_mac, .xid = round_}).finish();
  const auto octets = net::build_udp_frame({guest_mac,
                                            net::MacAddress::broadcast(),
                                            {net::Ipv4Address::any(), 68},
                                            {{0xffffffff}, 67},
                                            *discover},
                                           frame);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(link_);
  check(::sendto(frames_.number(), octets->data(), octets->size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0,
        "the guest's frame");
}

void Guest::renew() {
  Buffer message;
  send(dhcp_, *dhcp::RequestBuilder::request_renewing(message, {.chaddr = guest_mac, .xid = round_},
                                                      guest_address.address)
                   .finish());
}

void Guest::query() {
  static const dns::Name name = *dns::Name::parse("gateway.kubenet.");
  Buffer message;
  dns::MessageBuilder query(message, round_, dns::flag::rd);
  query.question(name.wire(), dns::RrType::a, dns::RrClass::in);
  send(dns_, *query.finish());
}

void Guest::take_dhcp() {
  for_each_datagram(dhcp_, [this](wire::Bytes datagram) {
    const auto message = dhcp::MessageView::parse(datagram);
    if (!message || message->xid() != round_) return;
    const Ask what = message->type() == dhcp::MessageType::offer ? Ask::discover : Ask::renewal;
    if (what == Ask::renewal && message->type() != dhcp::MessageType::ack) return;
    auto& answered = answered_[static_cast<std::size_t>(what)];
    if (!answered) answered = Clock::now();
  });
}

void Guest::take_dns() {
  for_each_datagram(dns_, [this](wire::Bytes datagram) {
    const auto message = dns::MessageView::parse(datagram);
    if (!message || message->header().id() != round_ ||
        message->header().count(dns::Section::answer) != 1)
      return;
    auto& answered = answered_[static_cast<std::size_t>(Ask::name)];
    if (!answered) answered = Clock::now();
  });
}

bool Guest::is_done() const noexcept {
  for (std::size_t ask = 0; ask < ask_count; ++ask)
    if (asked_[ask] && !answered_[ask]) return false;
  return true;
}

void Guest::listen_until(Clock::time_point end) {
  while (!is_done()) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now());
    if (left.count() <= 0) return;
    const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    std::array<pollfd, 2> polled{pollfd{dhcp_.number(), POLLIN, 0},
                                 pollfd{dns_.number(), POLLIN, 0}};
    ::ppoll(polled.data(), polled.size(), &wait, nullptr);
    take_dhcp();
    take_dns();
  }
}

}  // namespace berth::bench
