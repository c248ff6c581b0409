// Keys, their words, option names and record types as a plan has them.
#include <cstdint>

#include "config/keys.hpp"
#include "protocol/dhcp/option_code.hpp"
#include "tests/fuzz/dictionary.hpp"

int main() {
  using namespace berth;
  using test::print_entry;

  for (const config::Key& key : config::keys()) {
    print_entry(std::string(key.name) + ": ");
    config::for_each_word(key.choices, print_entry);
    if (!key.fallback.empty()) print_entry(key.fallback);
  }
  for (const dhcp::OptionInfo& option : dhcp::option_table()) print_entry(option.name);
  test::each_rr_type([](std::uint32_t, std::string_view text) { print_entry(text); });
  for (const std::string_view word : {"\n  ", "\n    ", "- ", "[", "]", "{", "}", ", ", "# ", "&a",
                                      "*a", "192.168.200.0/24", "52:52:52:00:00:01", "12h"})
    print_entry(word);
}
