#include "server/dhcp/client_id.hpp"

#include <algorithm>
#include <cstring>

namespace berth::dhcp {
namespace {

// The finalizer of splitmix64.
std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t digest_of(wire::Bytes client_identifier) noexcept {
  std::uint64_t digest = client_identifier.size() * 0x9e3779b97f4a7c15u;
  while (!client_identifier.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(client_identifier.size(), sizeof word);
    std::memcpy(&word, client_identifier.data(), size);
    digest = mix(digest ^ word);
    client_identifier = client_identifier.subspan(size);
  }
  return digest == 0 ? 1 : digest;
}

}  // namespace berth::dhcp
