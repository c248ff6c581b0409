#include "server/dns/outcome.hpp"

#include <array>

namespace berth::dns {
namespace {

struct Row {
  std::string_view name;
  std::string_view explanation;
};

// In the order of Drop.
constexpr std::array<Row, drop_count> rows = {{
    {"too_short", "the datagram is shorter than a DNS header"},
    {"is_response", "it is a response, and we asked nothing"},
    {"bad_source", "its source is no address and port that a client can have"},
    {"own_query", "it came from our own socket"},
    {"not_a_client",
     "its sender is neither in a network we serve nor this machine, and dns.refuse is drop"},
}};

const Row& row(Drop drop) noexcept {
  static constexpr Row unknown = {};
  const auto index = static_cast<std::size_t>(drop);
  return index < rows.size() ? rows[index] : unknown;
}

}  // namespace

std::string_view name(Drop drop) noexcept { return row(drop).name; }
std::string_view explanation(Drop drop) noexcept { return row(drop).explanation; }

}  // namespace berth::dns
