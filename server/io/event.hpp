// What happened to datagrams, as fixed-size values: the datagram thread hands them over without
// formatting or allocating, the control thread makes log lines of them. Values; the ring has one
// writer and one reader.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/dhcp/message_view.hpp"
#include "protocol/dhcp/types.hpp"
#include "protocol/dns/name.hpp"
#include "protocol/dns/types.hpp"
#include "protocol/net/ipv4.hpp"
#include "protocol/net/ipv6.hpp"
#include "protocol/net/mac.hpp"
#include "server/dhcp/outcome.hpp"
#include "server/dns/responder.hpp"
#include "server/io/counter.hpp"
#include "server/io/wakeup.hpp"

namespace berth::io {

// A text of bounded size; what is longer is cut.
template <std::size_t Size>
class ShortText {
 public:
  ShortText() noexcept = default;
  ShortText(std::string_view text) noexcept  // NOLINT(google-explicit-constructor): it is a text
      : size_(static_cast<std::uint8_t>(std::min(text.size(), Size))) {
    std::copy_n(text.begin(), size_, chars_.begin());
  }
  operator std::string_view() const noexcept {  // NOLINT(google-explicit-constructor)
    return {chars_.data(), size_};
  }

 private:
  static_assert(Size < 256);
  std::array<char, Size> chars_;
  std::uint8_t size_ = 0;
};

using InterfaceName = ShortText<15>;  // IFNAMSIZ less its zero
using HostName = ShortText<63>;       // a label

struct DhcpReplied {
  InterfaceName interface;
  HostName host;
  std::optional<dhcp::MessageType> type;
  std::uint32_t xid = 0;
  net::MacAddress mac;
  net::Ipv4Address address;
  dhcp::Destination::Via via{};
};

struct DhcpDropped {
  InterfaceName interface;
  std::optional<dhcp::MessageType> type;
  std::uint32_t xid = 0;
  net::MacAddress mac;
  dhcp::Drop reason{};
};

struct DhcpMalformed {
  InterfaceName interface;
  net::Endpoint source;
  std::optional<dhcp::ParseError> error;  // none: larger than any DHCP message
};

struct DhcpNoticed {
  InterfaceName interface;
  HostName host;
  dhcp::Notice notice;
};

struct DnsAnswered {
  net::Endpoint source;
  std::optional<net::Ipv6Address> ipv6{};  // the source's, of who asked by IPv6
  dns::Name qname;
  dns::RrType qtype{};
  dns::Rcode rcode{};
  bool tcp = false;
};

struct DnsDropped {
  net::Endpoint source;
  std::optional<net::Ipv6Address> ipv6{};
  dns::Drop reason{};
  bool tcp = false;
};

struct DnsOversized {
  net::Endpoint source;
  std::optional<net::Ipv6Address> ipv6{};
};

struct SocketFailed {
  bool sending = false;
  net::Ipv4Address address;  // of ours
  int error = 0;
  std::uint64_t count = 0;
};

// News of links that made no sense, by the reason for the last of it.
struct LinkNewsMalformed {
  std::string_view reason;  // static
  std::uint64_t count = 0;
};

// More came for one of our addresses than could be answered, so that DISCOVERs are kept out.
struct DhcpOverloaded {
  net::Ipv4Address address;
  std::uint64_t count = 0;  // of times
};

// Notices held back because there were too many of one kind in one second.
struct NoticesHeldBack {
  dhcp::Notice::Kind kind{};
  std::uint64_t count = 0;
};

// A server that we ask, whose answers fail or come again.
struct UpstreamChanged {
  ShortText<63> server;
  bool answers = false;
};

using Event = std::variant<DhcpReplied, DhcpDropped, DhcpMalformed, DhcpNoticed, DnsAnswered,
                           DnsDropped, DnsOversized, UpstreamChanged, SocketFailed,
                           LinkNewsMalformed, DhcpOverloaded, NoticesHeldBack>;

class EventRing {
 public:
  static constexpr std::size_t capacity = 256;

  // From the writing thread. What finds no room is counted in lost().
  void push(const Event& event) noexcept {
    if (!ring_.push(event)) lost_.add();
    wakeup_.signal();
  }

  // From the reading thread; clear() before draining with pop().
  int descriptor() const noexcept { return wakeup_.descriptor(); }
  void clear() noexcept { wakeup_.clear(); }
  bool pop(Event& event) noexcept { return ring_.pop(event); }
  std::uint64_t lost() const noexcept { return lost_.value(); }

 private:
  boost::lockfree::spsc_queue<Event, boost::lockfree::capacity<capacity>> ring_;
  Counter lost_;
  Wakeup wakeup_;
};

}  // namespace berth::io
