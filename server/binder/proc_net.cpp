#include "server/binder/proc_net.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>

namespace berth::binder {
namespace {

// Takes what stands before `separator`, and the separators that follow.
std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  const std::size_t next = text.find_first_not_of(separator, end);
  text = next == std::string_view::npos ? std::string_view{} : text.substr(next);
  return taken;
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) noexcept {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The kernel prints the four octets of an address as one number of this machine's byte order.
net::Ipv4Address address_of(std::uint32_t printed) noexcept {
  if constexpr (std::endian::native == std::endian::big) return {printed};
  return {printed << 24 | (printed & 0xff00) << 8 | (printed >> 8 & 0xff00) | printed >> 24};
}

struct LocalAddress {
  net::Ipv4Address address;
  bool ipv6 = false;
};

std::optional<LocalAddress> parse_address(std::string_view text) noexcept {
  constexpr std::size_t word_digits = 8;
  constexpr net::Ipv4Address mapped_prefix{0x0000ffff};
  std::array<net::Ipv4Address, 4> words;
  if (text.size() != word_digits && text.size() != word_digits * words.size()) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); at += word_digits) {
    const auto word = number<std::uint32_t>(text.substr(at, word_digits), 16);
    if (!word) return std::nullopt;
    words[at / word_digits] = address_of(*word);
  }
  if (text.size() == word_digits) return LocalAddress{words[0], false};
  const bool mapped = words[2] == mapped_prefix;
  const bool wildcard = words[2].is_unspecified() && words[3].is_unspecified();
  if (!words[0].is_unspecified() || !words[1].is_unspecified() || (!mapped && !wildcard))
    return std::nullopt;
  return LocalAddress{words[3], true};
}

// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
std::optional<PortEntry> parse_line(std::string_view line, SocketTable table,
                                    std::uint16_t port) noexcept {
  constexpr std::string_view listening = "0A";
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  take_until(line, ' ');
  std::string_view local = take_until(line, ' ');
  const std::string_view address_text = take_until(local, ':');
  if (number<std::uint16_t>(local, 16) != port) return std::nullopt;
  take_until(line, ' ');
  const std::string_view state = take_until(line, ' ');
  if (table == SocketTable::tcp && state != listening) return std::nullopt;
  for (int skipped = 0; skipped < 5; ++skipped) take_until(line, ' ');
  const auto inode = number<std::uint64_t>(take_until(line, ' '), 10);
  const auto address = parse_address(address_text);
  if (!inode || !address) return std::nullopt;
  return PortEntry{address->address, address->ipv6, *inode};
}

}  // namespace

std::vector<PortEntry> port_entries(std::string_view text, SocketTable table, std::uint16_t port) {
  std::vector<PortEntry> entries;
  while (!text.empty())
    if (const auto entry = parse_line(take_until(text, '\n'), table, port))
      entries.push_back(*entry);
  return entries;
}

std::string_view unit_of_cgroup(std::string_view text) noexcept {
  while (!text.empty()) {
    std::string_view path = take_until(text, '\n');
    while (!path.empty()) {
      const std::size_t slash = path.rfind('/');
      if (slash == std::string_view::npos) break;
      const std::string_view part = path.substr(slash + 1);
      if (part.ends_with(".service") || part.ends_with(".scope")) return part;
      path = path.substr(0, slash);
    }
  }
  return {};
}

std::string process_of_comm(std::string_view text) {
  std::string name(take_until(text, '\n'));
  std::ranges::replace_if(
      name, [](char octet) { return octet < ' ' || octet > '~'; }, '?');
  return name;
}

}  // namespace berth::binder
