#include "server/io/resolv_conf.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/dns/types.hpp"

namespace berth::io {
namespace {

constexpr std::string_view keyword = "nameserver";
constexpr std::string_view blanks = " \t\r\v\f";

// The word behind the keyword, up to whatever ends it for glibc too.
std::string_view address_in(std::string_view line) noexcept {
  if (!line.starts_with(keyword)) return {};
  line.remove_prefix(keyword.size());
  const std::size_t begin = line.find_first_not_of(blanks);
  if (begin == 0 || begin == std::string_view::npos) return {};
  line.remove_prefix(begin);
  return line.substr(0, line.find_first_of(" \t\r\v\f;#"));
}

std::optional<net::SocketAddress> server_of(std::string_view text) {
  if (text.find('[') != std::string_view::npos) return std::nullopt;
  // An address alone: with a port it is none.
  const bool is_ipv6 = text.find(':') != text.rfind(':');
  if (!is_ipv6 && text.find(':') != std::string_view::npos) return std::nullopt;
  auto server = net::SocketAddress::parse(text, dns::dns_port);
  if (!server || net::is_multicast(server->address)) return std::nullopt;
  if (const auto* const ipv6 = std::get_if<net::Ipv6Address>(&server->address)) {
    if (ipv6->is_link_local() && server->interface.empty()) return std::nullopt;
    if (ipv6->is_unspecified()) return std::nullopt;
  } else if (net::is_unspecified(server->address)) {
    server->address = net::Ipv4Address::from_octets(127, 0, 0, 1);
  }
  return server;
}

}  // namespace

std::vector<net::SocketAddress> parse_resolv_conf(std::string_view text) {
  std::vector<net::SocketAddress> servers;
  while (!text.empty() && servers.size() < max_host_resolvers) {
    const std::size_t end = text.find('\n');
    if (const std::string_view word = address_in(text.substr(0, end)); !word.empty()) {
      auto server = server_of(word);
      if (server && std::ranges::find(servers, *server) == servers.end())
        servers.push_back(std::move(*server));
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return servers;
}

}  // namespace berth::io
