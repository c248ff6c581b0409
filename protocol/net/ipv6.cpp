#include "protocol/net/ipv6.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "protocol/net/ipv4.hpp"

namespace berth::net {
namespace {

constexpr std::size_t group_count = 8;

// The 16-bit groups of one side of a "::", written to the front of `groups`.
struct Groups {
  std::array<std::uint16_t, group_count> value{};
  std::size_t count = 0;
  bool valid = true;

  void add(std::uint32_t group) noexcept {
    valid = valid && count < group_count;
    if (valid) value[count++] = static_cast<std::uint16_t>(group);
  }
};

void add_group(Groups& groups, std::string_view word, bool last) noexcept {
  if (last && word.find('.') != std::string_view::npos) {
    const auto address = Ipv4Address::parse(word);
    groups.valid = groups.valid && address;
    if (!address) return;
    groups.add(address->value >> 16);
    groups.add(address->value & 0xffff);
    return;
  }
  std::uint16_t group = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data(), end, group, 16);
  groups.valid = groups.valid && word.size() <= 4 && failure == std::errc() && stop == end;
  groups.add(group);
}

// "a:b:c", or nothing. A dotted quad may only end the address.
Groups parse_groups(std::string_view text, bool ends_address) noexcept {
  Groups groups;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const bool last = colon == std::string_view::npos;
    add_group(groups, text.substr(0, colon), last && ends_address);
    if (last) break;
    text.remove_prefix(colon + 1);
    groups.valid = groups.valid && !text.empty();
  }
  return groups;
}

struct Run {
  std::size_t begin = group_count;
  std::size_t length = 0;
};

// RFC 5952 4.2: the first of the longest runs of zero groups, if of two or more.
Run longest_zero_run(const std::array<std::uint16_t, group_count>& groups) noexcept {
  Run best;
  Run current;
  for (std::size_t i = 0; i < group_count; ++i) {
    if (groups[i] != 0) {
      current = {};
      continue;
    }
    if (current.length++ == 0) current.begin = i;
    if (current.length >= 2 && current.length > best.length) best = current;
  }
  return best;
}

}  // namespace

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) noexcept {
  const std::size_t gap = text.find("::");
  const bool compressed = gap != std::string_view::npos;
  const Groups head = parse_groups(text.substr(0, gap), !compressed);
  const Groups tail = compressed ? parse_groups(text.substr(gap + 2), true) : Groups();
  const std::size_t total = head.count + tail.count;
  if (!head.valid || !tail.valid) return std::nullopt;
  if (compressed ? total >= group_count : total != group_count) return std::nullopt;

  Ipv6Address address;
  wire::Writer writer(address.octets);
  for (std::size_t i = 0; i < head.count; ++i) writer.u16(head.value[i]);
  writer.zeros(2 * (group_count - total));
  for (std::size_t i = 0; i < tail.count; ++i) writer.u16(tail.value[i]);
  return address;
}

std::string to_string(const Ipv6Address& address) {
  std::array<std::uint16_t, group_count> groups{};
  for (std::size_t i = 0; i < group_count; ++i) groups[i] = wire::load_u16(address.octets, 2 * i);
  const Run zeros = longest_zero_run(groups);
  // RFC 5952 5: an IPv4-mapped address shows the one it maps.
  if (zeros.begin == 0 && zeros.length == 5 && groups[5] == 0xffff)
    return "::ffff:" + to_string(Ipv4Address{wire::load_u32(address.octets, 12)});
  std::string text;
  for (std::size_t i = 0; i < group_count; ++i) {
    if (i == zeros.begin) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    std::array<char, 4> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    if (i > 0 && text.back() != ':') text += ':';
    text.append(digits.data(), written.ptr);
  }
  return text;
}

}  // namespace berth::net
