#include "bench/links/rtnetlink.hpp"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>

#include "protocol/wire/cursor.hpp"

namespace berth::bench {
namespace {

constexpr std::uint16_t change = NLM_F_ACK;
constexpr std::uint16_t make = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

[[noreturn]] void fail(int number, const std::string& what) {
  throw std::system_error(number, std::generic_category(), what);
}

template <class T>
wire::Bytes bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

template <class T>
T front(wire::Bytes bytes) {
  if (bytes.size() < sizeof(T)) fail(EPROTO, "rtnetlink");
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

ifinfomsg link_header(std::uint32_t index = 0) {
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(index);
  return header;
}

}  // namespace

class Rtnetlink::Request {
 public:
  template <class Header>
  Request(std::uint16_t type, std::uint16_t flags, const Header& header) {
    nlmsghdr message{};
    message.nlmsg_type = type;
    message.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    append(bytes_of(message));
    append(bytes_of(header));
  }

  Request& attribute(unsigned type, wire::Bytes value) {
    const std::size_t start = begin(type);
    append(value);
    return end(start);
  }
  Request& attribute(unsigned type, const std::string& name) {
    return attribute(type, wire::bytes_of(std::string_view(name.c_str(), name.size() + 1)));
  }
  Request& attribute(unsigned type, std::uint32_t value) {
    return attribute(type, bytes_of(value));
  }
  Request& attribute(unsigned type, const net::MacAddress& mac) {
    return attribute(type, std::as_bytes(std::span(mac.octets)));
  }

  // An attribute of attributes; it ends at end() with what begin() returned.
  std::size_t begin(unsigned type) {
    const std::size_t start = size_;
    append(bytes_of(rtattr{0, static_cast<std::uint16_t>(type)}));
    return start;
  }
  Request& end(std::size_t start) {
    const auto length = static_cast<std::uint16_t>(size_ - start);
    std::memcpy(octets_.data() + start, &length, sizeof length);
    size_ = NLMSG_ALIGN(size_);
    return *this;
  }
  Request& append(wire::Bytes bytes) {
    std::ranges::copy(bytes,
                      wire::MutableBytes(octets_).subspan(size_).first(bytes.size()).begin());
    size_ += bytes.size();
    return *this;
  }

  wire::Bytes finish(std::uint32_t sequence) {
    nlmsghdr header{};
    std::memcpy(&header, octets_.data(), sizeof header);
    header.nlmsg_len = static_cast<std::uint32_t>(size_);
    header.nlmsg_seq = sequence;
    std::memcpy(octets_.data(), &header, sizeof header);
    return wire::Bytes(octets_).first(size_);
  }

 private:
  std::array<std::byte, 512> octets_{};  // far more than any of these takes
  std::size_t size_ = 0;
};

Rtnetlink::Rtnetlink() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  if (!socket_.is_open()) fail(errno, "rtnetlink");
}

wire::Bytes Rtnetlink::exchange(Request& request, const char* what) {
  const wire::Bytes octets = request.finish(++sequence_);
  if (::send(socket_.number(), octets.data(), octets.size(), 0) < 0) fail(errno, what);
  const ssize_t size = ::recv(socket_.number(), answer_.data(), answer_.size(), 0);
  if (size < 0) fail(errno, what);
  const wire::Bytes answer = wire::Bytes(answer_).first(static_cast<std::size_t>(size));
  if (const auto header = front<nlmsghdr>(answer); header.nlmsg_seq != sequence_)
    fail(EPROTO, what);
  return answer;
}

void Rtnetlink::perform(Request& request, const char* what) {
  const wire::Bytes answer = exchange(request, what);
  if (front<nlmsghdr>(answer).nlmsg_type != NLMSG_ERROR) fail(EPROTO, what);
  const auto error = front<nlmsgerr>(answer.subspan(NLMSG_HDRLEN));
  if (error.error != 0) fail(-error.error, what);
}

bool Rtnetlink::is_operating(std::uint32_t link) {
  Request request(RTM_GETLINK, 0, link_header(link));
  wire::Bytes answer = exchange(request, "asking for a link");
  if (front<nlmsghdr>(answer).nlmsg_type != RTM_NEWLINK) fail(EPROTO, "asking for a link");
  answer = answer.subspan(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(ifinfomsg)));
  while (answer.size() >= sizeof(rtattr)) {
    const auto attribute = front<rtattr>(answer);
    if (attribute.rta_type == IFLA_OPERSTATE)
      return front<std::uint8_t>(answer.subspan(RTA_LENGTH(0))) == IF_OPER_UP;
    answer = answer.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), answer.size()));
  }
  return false;
}

void Rtnetlink::add_bridge(const std::string& name, const net::MacAddress& mac) {
  Request request(RTM_NEWLINK, make, link_header());
  request.attribute(IFLA_IFNAME, name).attribute(IFLA_ADDRESS, mac);
  const std::size_t kind = request.begin(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, std::string("bridge")).end(kind);
  perform(request, "making a bridge");
}

void Rtnetlink::add_cable(const std::string& near, const std::string& far,
                          const net::MacAddress& far_mac, int far_namespace) {
  Request request(RTM_NEWLINK, make, link_header());
  request.attribute(IFLA_IFNAME, near);
  const std::size_t kind = request.begin(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, std::string("veth"));
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t peer = request.begin(VETH_INFO_PEER);
  request.append(bytes_of(link_header()))
      .attribute(IFLA_IFNAME, far)
      .attribute(IFLA_ADDRESS, far_mac)
      .attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(far_namespace));
  request.end(peer).end(data).end(kind);
  perform(request, "making a cable");
}

void Rtnetlink::plug_into(std::uint32_t port, std::uint32_t bridge) {
  Request request(RTM_NEWLINK, change, link_header(port));
  request.attribute(IFLA_MASTER, bridge);
  perform(request, "plugging a cable in");
}

void Rtnetlink::set_up(std::uint32_t link) {
  ifinfomsg header = link_header(link);
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  Request request(RTM_NEWLINK, change, header);
  perform(request, "setting a link up");
}

void Rtnetlink::remove_link(std::uint32_t link) {
  Request request(RTM_DELLINK, change, link_header(link));
  perform(request, "deleting a link");
}

void Rtnetlink::add_address(std::uint32_t link, const net::Ipv4Prefix& address) {
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = address.length;
  header.ifa_index = link;
  std::array<std::byte, 4> octets;
  wire::Writer(octets).u32(address.address.value);
  Request request(RTM_NEWADDR, make, header);
  request.attribute(IFA_LOCAL, wire::Bytes(octets)).attribute(IFA_ADDRESS, wire::Bytes(octets));
  perform(request, "adding an address");
}

}  // namespace berth::bench
