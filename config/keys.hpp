// Every key of the configuration file, in one table: what it takes, what holds without it, whether
// this version acts on it, and one line of explanation. The loader, the suggestions for misspelt
// keys and the schema generator read it. Read-only data; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace berth::config {

// What stands behind a key.
enum class ValueKind : std::uint8_t {
  section,            // a map of the keys whose section is this key's path
  sections,           // a map of names, each with such a section: its path ends in ".*"
  address,            // a dotted quad or a host number within the subnet
  address_or_auto,    //
  addresses_or_none,  // one, a list, or `none`
  prefix,             //
  relays,             // a list of addresses and prefixes
  interface,          // a name, `auto` or `none`
  domain,             // a domain name
  labels,             // a list of single-label names
  duration,           // 300s, 45m, 12h, 7d
  lease,              // a duration or `infinite`
  boolean,            // on, off, true, false
  choice,             // one of Key::choices
  port,               // 1 to 65535
  count,              // a number, or `off`
  threads,            // 1 to max_threads
  macs,               // a hardware address or a list of them
  options,            // a map of option names to values
  names,              // a map of names to one or several addresses
  records,            // a list of zone-file lines
  pool,               // none, a range, or a section
  range,              // FIRST-LAST
  servers_or_system,  // addresses with an optional port, one or several; `system` or `none`
  listeners,          // the same; `on` or `off`
  forward,            // a map of domains to servers
  rebind,             // on, off, or a section
  domains,            // a list of domain names
  text,               //
  directory,          // an absolute path
  endpoint_or_off,    // ADDRESS:PORT
};

inline constexpr std::uint32_t max_threads = 64;

struct Key {
  std::string_view section;  // "", "dns", "networks.*", "networks.*.hosts.*"
  std::string_view name;
  ValueKind kind;
  bool acted_on;                   // false: parsed and checked, but its part does not exist yet
  std::string_view fallback = {};  // what holds without it, for people; empty: nothing
  std::string_view choices = {};   // of a choice, separated by spaces
  std::string_view in_force = {};  // of a key not acted on: the value that already holds
  std::string_view also = {};      // other programs' words for it, separated by spaces
  bool required = false;           // a section without it is a mistake
  std::string_view description;
};

// All rows; those of a section stand together, in the order in which people write them.
std::span<const Key> keys() noexcept;

// The rows of one section. REQUIRES: there is such a section.
std::span<const Key> keys_of(std::string_view section) noexcept;

// The key of this section that was probably meant by a word that is none; empty when nothing is
// near.
std::string_view suggest_key(std::string_view section, std::string_view word) noexcept;

// The first row with this name in any section; null when there is none.
const Key* find_elsewhere(std::string_view word) noexcept;

// Calls visit(word) for each of the words in `list`, which are separated by single spaces.
template <class Visit>
constexpr void for_each_word(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    visit(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
}

}  // namespace berth::config
