#include "server/binder/netlink_linux.hpp"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "protocol/net/mac.hpp"

namespace berth::binder::netlink {
namespace {

constexpr std::size_t aligned(std::size_t size) noexcept {
  return (size + NLMSG_ALIGNTO - 1) & ~std::size_t{NLMSG_ALIGNTO - 1};
}

// A structure of this machine's byte order from the front of `bytes`.
template <class T>
std::optional<T> front(wire::Bytes bytes) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

wire::Bytes after(wire::Bytes bytes, std::size_t size) noexcept {
  return bytes.subspan(std::min(aligned(size), bytes.size()));
}

// Calls `visit` with type and value of each attribute; false when one does not fit.
template <class Visit>
bool for_each_attribute(wire::Bytes bytes, Visit visit) {
  while (!bytes.empty()) {
    const auto header = front<rtattr>(bytes);
    if (!header || header->rta_len < sizeof(rtattr) || header->rta_len > bytes.size()) return false;
    visit(static_cast<unsigned>(header->rta_type & NLA_TYPE_MASK),
          bytes.first(header->rta_len).subspan(aligned(sizeof(rtattr))));
    bytes = after(bytes, header->rta_len);
  }
  return true;
}

std::string text_of(wire::Bytes value) {
  const std::string_view text = wire::text_of(value);
  return std::string(text.substr(0, text.find('\0')));
}

using Result = expected<std::optional<News>, ParseError>;

// A bridge tells of its ports by messages of the family AF_BRIDGE: there, "deleted" means that the
// link has left the bridge. And a wireless event is a link message that says nothing of the link.
Result parse_link(wire::Bytes body, bool gone) {
  const auto header = front<ifinfomsg>(body);
  if (!header) return unexpected(ParseError::truncated_body);
  if (header->ifi_family != AF_UNSPEC) return std::nullopt;
  LinkNews news;
  bool wireless_event = false;
  news.gone = gone;
  news.link.index = static_cast<std::uint32_t>(header->ifi_index);
  news.link.running = (header->ifi_flags & IFF_UP) != 0 && (header->ifi_flags & IFF_RUNNING) != 0;
  const bool fits =
      for_each_attribute(after(body, sizeof(ifinfomsg)), [&](unsigned type, wire::Bytes value) {
        if (type == IFLA_WIRELESS) wireless_event = true;
        if (type == IFLA_IFNAME) news.link.name = text_of(value);
        if (type == IFLA_ADDRESS && value.size() == news.link.mac.octets.size())
          news.link.mac = net::MacAddress::from_bytes(value);
      });
  if (!fits) return unexpected(ParseError::bad_attribute_length);
  if (wireless_event) return std::nullopt;
  return News(std::move(news));
}

Result parse_address(wire::Bytes body, bool gone) {
  const auto header = front<ifaddrmsg>(body);
  if (!header) return unexpected(ParseError::truncated_body);
  if (header->ifa_family != AF_INET) return std::nullopt;
  std::optional<std::uint32_t> local;
  std::optional<std::uint32_t> peer;
  const bool fits = for_each_attribute(after(body, sizeof(ifaddrmsg)),
                                       [&local, &peer](unsigned type, wire::Bytes value) {
                                         if (value.size() != sizeof(std::uint32_t)) return;
                                         if (type == IFA_LOCAL) local = wire::load_u32(value, 0);
                                         if (type == IFA_ADDRESS) peer = wire::load_u32(value, 0);
                                       });
  if (!fits) return unexpected(ParseError::bad_attribute_length);
  // Of a point-to-point link IFA_ADDRESS is the other end's; elsewhere the two are one.
  const auto address = local ? local : peer;
  if (!address || header->ifa_prefixlen > 32) return std::nullopt;
  return News(AddressNews{header->ifa_index, {{*address}, header->ifa_prefixlen}, gone});
}

// RTA_MULTIPATH: a row of next hops, each with a link. False when one does not fit.
bool append_hops(wire::Bytes hops, std::vector<std::uint32_t>& indexes) {
  while (!hops.empty()) {
    const auto hop = front<rtnexthop>(hops);
    if (!hop || hop->rtnh_len < sizeof(rtnexthop) || hop->rtnh_len > hops.size()) return false;
    indexes.push_back(static_cast<std::uint32_t>(hop->rtnh_ifindex));
    hops = after(hops, hop->rtnh_len);
  }
  return true;
}

Result parse_route(wire::Bytes body, bool dumped, bool gone) {
  const auto header = front<rtmsg>(body);
  if (!header) return unexpected(ParseError::truncated_body);
  if (header->rtm_family != AF_INET || header->rtm_dst_len != 0 || header->rtm_type != RTN_UNICAST)
    return std::nullopt;
  DefaultRouteNews news;
  news.dumped = dumped;
  news.gone = gone;
  bool hops_fit = true;
  const bool fits = for_each_attribute(after(body, sizeof(rtmsg)),
                                       [&news, &hops_fit](unsigned type, wire::Bytes value) {
                                         if (type == RTA_OIF)
                                           if (const auto index = front<std::uint32_t>(value))
                                             news.indexes.push_back(*index);
                                         if (type == RTA_MULTIPATH)
                                           hops_fit = append_hops(value, news.indexes) && hops_fit;
                                       });
  if (!fits || !hops_fit) return unexpected(ParseError::bad_attribute_length);
  return News(std::move(news));
}

Result parse_message(const nlmsghdr& header, wire::Bytes body) {
  switch (header.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: return parse_link(body, header.nlmsg_type == RTM_DELLINK);
    case RTM_NEWADDR:
    case RTM_DELADDR: return parse_address(body, header.nlmsg_type == RTM_DELADDR);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return parse_route(body, (header.nlmsg_flags & NLM_F_MULTI) != 0,
                         header.nlmsg_type == RTM_DELROUTE);
    case NLMSG_ERROR: return News(DumpEnd{header.nlmsg_seq, true});
    case NLMSG_DONE:
      return News(DumpEnd{header.nlmsg_seq, front<std::int32_t>(body).value_or(0) != 0});
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view name(ParseError error) noexcept {
  switch (error) {
    case ParseError::truncated_header: return "truncated_header";
    case ParseError::bad_message_length: return "bad_message_length";
    case ParseError::truncated_body: return "truncated_body";
    case ParseError::bad_attribute_length: return "bad_attribute_length";
  }
  return "";
}

expected<std::vector<News>, ParseError> parse(wire::Bytes datagram) {
  std::vector<News> all;
  while (!datagram.empty()) {
    const auto header = front<nlmsghdr>(datagram);
    if (!header) return unexpected(ParseError::truncated_header);
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > datagram.size())
      return unexpected(ParseError::bad_message_length);
    if ((header->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
      all.emplace_back(DumpInterrupted{header->nlmsg_seq});
    Result news =
        parse_message(*header, datagram.first(header->nlmsg_len).subspan(sizeof(nlmsghdr)));
    if (!news) return unexpected(news.error());
    if (*news) all.push_back(std::move(**news));
    datagram = after(datagram, header->nlmsg_len);
  }
  return all;
}

std::vector<std::byte> dump_request(Dump what, std::uint32_t sequence) {
  // The kernel takes the full header of each kind; zeros ask for everything. A link's statistics
  // are most of what it would say of it.
  struct Request {
    nlmsghdr header;
    union {
      ifinfomsg link;
      ifaddrmsg address;
      rtmsg route;
    } body;
    rtattr attribute;
    std::uint32_t filter;
  } request;
  std::memset(&request, 0, sizeof request);
  request.header.nlmsg_seq = sequence;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg));
  switch (what) {
    case Dump::links:
      request.header.nlmsg_type = RTM_GETLINK;
      request.header.nlmsg_len = sizeof request;
      request.attribute = {RTA_LENGTH(sizeof request.filter), IFLA_EXT_MASK};
      request.filter = RTEXT_FILTER_SKIP_STATS;
      break;
    case Dump::addresses:
      request.header.nlmsg_type = RTM_GETADDR;
      request.header.nlmsg_len = NLMSG_LENGTH(sizeof(ifaddrmsg));
      request.body.address.ifa_family = AF_INET;
      break;
    case Dump::routes:
      request.header.nlmsg_type = RTM_GETROUTE;
      request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
      request.body.route.rtm_family = AF_INET;
      break;
  }
  const auto bytes = std::as_bytes(std::span(&request, 1)).first(request.header.nlmsg_len);
  return {bytes.begin(), bytes.end()};
}

}  // namespace berth::binder::netlink
