// Options, message types and a relay's sub-options, in wire form.
#include <cstddef>
#include <cstdint>

#include "protocol/dhcp/option_code.hpp"
#include "protocol/dhcp/relay_agent.hpp"
#include "protocol/dhcp/types.hpp"
#include "tests/fuzz/dictionary.hpp"

namespace {

using namespace berth;
using dhcp::OptionFormat;
using test::big_endian;
using test::print_entry;

// A size that values of this format have; the fuzzer changes it.
std::size_t likely_size(OptionFormat format) {
  switch (format) {
    case OptionFormat::empty: return 0;
    case OptionFormat::flag:
    case OptionFormat::u8:
    case OptionFormat::u8_list: return 1;
    case OptionFormat::u16:
    case OptionFormat::u16_list: return 2;
    case OptionFormat::ipv4_pairs: return 8;
    default: return 4;
  }
}

void print_option(std::size_t code, OptionFormat format) {
  const std::size_t size = likely_size(format);
  print_entry(big_endian(code, 1) + big_endian(size, 1) + std::string(size, '\1'));
}

}  // namespace

int main() {
  print_entry(big_endian(dhcp::magic_cookie, 4));
  for (const auto& option : dhcp::option_table()) print_option(option.code, option.format);
  for (const auto& option : dhcp::relay_sub_option_table())
    print_option(static_cast<std::size_t>(option.code), option.format);
  for (std::uint8_t type = 1; name(dhcp::MessageType{type}) != name(dhcp::MessageType{0}); ++type)
    print_entry("\x35\x01" + big_endian(type, 1));
}
