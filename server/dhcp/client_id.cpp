#include "server/dhcp/client_id.hpp"

#include <cstring>

namespace berth::dhcp {
namespace {

// The finalizer of splitmix64.
std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

template <class Word>
std::uint64_t load(wire::Bytes octets, std::size_t at) noexcept {
  Word word = 0;
  std::memcpy(&word, octets.data() + at, sizeof word);
  return word;
}

// All of up to seven octets; together with their number it tells any two apart.
std::uint64_t load_rest(wire::Bytes octets) noexcept {
  const std::size_t size = octets.size();
  if (size >= 4)
    return load<std::uint32_t>(octets, 0) | load<std::uint32_t>(octets, size - 4) << 32;
  if (size == 0) return 0;
  return load<std::uint8_t>(octets, 0) | load<std::uint8_t>(octets, size / 2) << 8 |
         load<std::uint8_t>(octets, size - 1) << 16;
}

}  // namespace

std::uint64_t digest_of(wire::Bytes client_identifier) noexcept {
  std::uint64_t digest = client_identifier.size() * 0x9e3779b97f4a7c15u;
  for (; client_identifier.size() >= 8; client_identifier = client_identifier.subspan(8))
    digest = mix(digest ^ load<std::uint64_t>(client_identifier, 0));
  digest = mix(digest ^ load_rest(client_identifier));
  return digest == 0 ? 1 : digest;
}

}  // namespace berth::dhcp
